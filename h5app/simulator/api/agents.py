"""Human customer service: accounts, sessions, and who is waiting."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, number_of, post, text_of
from h5app.simulator.api.people import People
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

FIRST_ID = 1001
NICKNAME_MAX = 16


class Agents:
    """Accounts of the form name@account, and one session per user."""

    def __init__(
        self, store: Store, clock: PlatformClock, people: People, events: DueEvents
    ) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._events = events

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/customservice/kfaccount/add", self._add, 1000),
            post("/customservice/kfaccount/update", self._update, 1000),
            Endpoint(path="/customservice/kfaccount/del", method="ANY", handle=self._delete),
            post("/customservice/kfaccount/inviteworker", self._invite, 1000),
            post("/customservice/kfaccount/uploadheadimg", self._picture, 1000),
            get("/cgi-bin/customservice/getkflist", self._list, 100_000),
            get("/cgi-bin/customservice/getonlinekflist", self._online, 100_000),
            post("/customservice/kfsession/create", self._create_session, 10_000),
            post("/customservice/kfsession/close", self._close_session, 10_000),
            get("/customservice/kfsession/getsession", self._session, 10_000),
            get("/customservice/kfsession/getsessionlist", self._sessions, 10_000),
            get("/customservice/kfsession/getwaitcase", self._waiting, 10_000),
            post("/customservice/msgrecord/getmsglist", self._records, 10_000),
        )

    def session_of(self, openid: str) -> sqlite3.Row | None:
        """Return a user's open or waiting session."""
        return self._store.row("SELECT * FROM agent_session WHERE openid = ?", openid)

    def sessions(self) -> list[Json]:
        """Return all sessions, those waiting included."""
        rows = self._store.rows(
            "SELECT agent_session.*, user.user_id, user.nickname FROM agent_session JOIN user"
            " USING (openid)"
            " ORDER BY opened_at"
        )
        return [dict(row) for row in rows]

    def accounts(self) -> list[Json]:
        """Return all agents."""
        return [dict(row) for row in self._store.rows("SELECT * FROM agent ORDER BY id")]

    def wait(self, openid: str, account: str = "") -> None:
        """Put a user into the queue, or straight to the named agent when that one exists."""
        known = (
            bool(account)
            and self._store.row("SELECT 1 FROM agent WHERE account = ?", account) is not None
        )
        if known:
            self.open(openid, account)
            return
        self._put(openid, "", is_waiting=True)

    def open(self, openid: str, account: str) -> None:
        """Let an agent take a user, and tell the account.

        Raises:
            Refused: 61452 for an unknown agent.
        """
        self._require(account)
        earlier = self.session_of(openid)
        with self._store.write():
            self._put(openid, account, is_waiting=False)
            if earlier is not None and earlier["account"] not in ("", account):
                fields = {"FromKfAccount": earlier["account"], "ToKfAccount": account}
                self._events.add(openid, {"Event": "kf_switch_session", **fields})
            elif earlier is None or earlier["account"] != account:
                self._events.add(openid, {"Event": "kf_create_session", "KfAccount": account})

    def close(self, openid: str) -> None:
        """End a user's session, and tell the account.

        Raises:
            Refused: 65415 when there is none.
        """
        found = self.session_of(openid)
        if found is None:
            raise Refused(65415)
        with self._store.write():
            self._store.run("DELETE FROM agent_session WHERE openid = ?", openid)
            if not found["is_waiting"]:
                self._events.add(
                    openid,
                    {"Event": "kf_close_session", "KfAccount": found["account"], "CloseType": "KF"},
                )

    def _put(self, openid: str, account: str, *, is_waiting: bool) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO agent_session (openid, account, opened_at, is_waiting)"
            " VALUES (?, ?, ?, ?)",
            openid,
            account,
            self._clock.now(),
            int(is_waiting),
        )

    def _add(self, call: Call) -> Json:
        body = call.json()
        account, nickname = text_of(body, "kf_account", 61452), text_of(body, "nickname", 61451)
        name, at_sign, _ = account.partition("@")
        if not at_sign or not name.isascii() or not name.isalnum():
            raise Refused(61452)
        if len(nickname) > NICKNAME_MAX:
            raise Refused(61451)
        with self._store.write():
            if self._store.row("SELECT 1 FROM agent WHERE account = ?", account):
                raise Refused(61453)
            number = max(self._store.number("SELECT MAX(id) FROM agent") + 1, FIRST_ID)
            self._store.run(
                "INSERT INTO agent (account, id, nickname) VALUES (?, ?, ?)",
                account,
                number,
                nickname,
            )
        return DONE

    def _update(self, call: Call) -> Json:
        body = call.json()
        account = self._require(body.get("kf_account"))["account"]
        self._store.run(
            "UPDATE agent SET nickname = ? WHERE account = ?",
            text_of(body, "nickname", 61451),
            account,
        )
        return DONE

    def _delete(self, call: Call) -> Json:
        wanted = call.query.get("kf_account") or call.json().get("kf_account")
        self._store.run("DELETE FROM agent WHERE account = ?", self._require(wanted)["account"])
        return DONE

    def _invite(self, call: Call) -> Json:
        body = call.json()
        account = self._require(body.get("kf_account"))["account"]
        worker = text_of(body, "invite_wx", 61451)
        self._store.run("UPDATE agent SET worker = ? WHERE account = ?", worker, account)
        return DONE

    def _picture(self, call: Call) -> Json:
        self._require(call.query.get("kf_account"))
        if call.files.get("media") is None:
            raise Refused(41005)
        return DONE

    def _list(self, _call: Call) -> Json:
        return {
            "kf_list": [
                {
                    "kf_account": one["account"],
                    "kf_id": str(one["id"]),
                    "kf_nick": one["nickname"],
                    "kf_wx": one["worker"],
                }
                for one in self.accounts()
            ]
        }

    def _online(self, _call: Call) -> Json:
        taken = {one["account"]: 0 for one in self.accounts() if one["is_online"]}
        for session in self.sessions():
            if session["account"] in taken:
                taken[session["account"]] += 1
        return {
            "kf_online_list": [
                {
                    "kf_account": one["account"],
                    "kf_id": str(one["id"]),
                    "status": 1,
                    "accepted_case": taken[one["account"]],
                }
                for one in self.accounts()
                if one["account"] in taken
            ]
        }

    def _create_session(self, call: Call) -> Json:
        body = call.json()
        user = self._people.require(body.get("openid"))
        self.open(user["openid"], text_of(body, "kf_account", 61452))
        return DONE

    def _close_session(self, call: Call) -> Json:
        body = call.json()
        found = self.session_of(self._people.require(body.get("openid"))["openid"])
        if found is None or found["account"] != body.get("kf_account"):
            raise Refused(65415)
        self.close(found["openid"])
        return DONE

    def _session(self, call: Call) -> Json:
        found = self.session_of(self._people.require(call.query.get("openid"))["openid"])
        account = found["account"] if found else ""
        return {**DONE, "kf_account": account, "createtime": found["opened_at"] if found else 0}

    def _sessions(self, call: Call) -> Json:
        account = self._require(call.query.get("kf_account"))["account"]
        held = [one for one in self.sessions() if one["account"] == account]
        return {
            "sessionlist": [
                {"openid": one["openid"], "createtime": one["opened_at"]} for one in held
            ]
        }

    def _waiting(self, _call: Call) -> Json:
        waiting = [one for one in self.sessions() if one["is_waiting"]]
        cases = [{"latest_time": one["opened_at"], "openid": one["openid"]} for one in waiting]
        return {"count": len(cases), "waitcaselist": cases}

    def _records(self, call: Call) -> Json:
        body = call.json()
        first = number_of(body, "starttime", 61451)
        last = number_of(body, "endtime", 61451)
        rows = self._store.rows(
            "SELECT * FROM chat WHERE kind = 'agent_text' AND at BETWEEN ? AND ? ORDER BY id",
            first,
            last,
        )
        records = [
            {
                "openid": row["openid"],
                "opercode": 2002,
                "text": row["body"],
                "time": row["at"],
                "worker": "",
            }
            for row in rows
        ]
        return {"recordlist": records, "number": len(records), "msgid": 1}

    def _require(self, account: object) -> sqlite3.Row:
        found = self._store.row("SELECT * FROM agent WHERE account = ?", str(account or ""))
        if found is None:
            raise Refused(61452)
        return found
