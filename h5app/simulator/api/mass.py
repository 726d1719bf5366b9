"""Mass messages: at most four a calendar month reach a follower."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, number_of, post
from h5app.simulator.api.people import People
from h5app.simulator.api.service_messages import checked_message
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.clock import PlatformClock
from h5app.simulator.phone.chat import ACCOUNT, Chat
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

PER_MONTH_MAX = 4
LIST_MIN, LIST_MAX = 2, 10_000
SAME_MESSAGE_SECONDS = 24 * 3600
FIRST_ID = 3_000_000_000


class Mass:
    """Sends to all, to a tag, or to a list; the result comes as an event."""

    def __init__(
        self, store: Store, clock: PlatformClock, people: People, chat: Chat, events: DueEvents
    ) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._chat = chat
        self._events = events

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/message/mass/sendall", self._send_all, 100),
            post("/cgi-bin/message/mass/send", self._send_list, 100),
            post("/cgi-bin/message/mass/preview", self._preview, 100),
            post("/cgi-bin/message/mass/get", self._get, 10_000),
            post("/cgi-bin/message/mass/delete", self._delete, 1000),
            post("/cgi-bin/message/mass/speed/get", self._speed, 1000),
            post("/cgi-bin/message/mass/speed/set", self._set_speed, 1000),
        )

    def received(self, openid: str) -> int:
        """Return how many mass messages a user got this month."""
        return self._store.number(
            "SELECT received FROM mass_received WHERE openid = ? AND month = ?",
            openid,
            self._clock.month(),
        )

    def _send_all(self, call: Call) -> Json:
        body = call.json()
        chosen = body.get("filter")
        if not isinstance(chosen, dict):
            raise Refused(40035, "filter missing")
        if chosen.get("is_to_all") is True:
            readers = self._store.rows("SELECT * FROM user WHERE is_following = 1")
        else:
            readers = self._tagged(number_of(chosen, "tag_id", 45159))
        return self._send(body, readers)

    def _send_list(self, call: Call) -> Json:
        body = call.json()
        openids = body.get("touser")
        if not isinstance(openids, list) or len(openids) < LIST_MIN:
            raise Refused(40130)
        if len(openids) > LIST_MAX:
            raise Refused(40032)
        return self._send(body, [self._people.require(one) for one in dict.fromkeys(openids)])

    def _preview(self, call: Call) -> Json:
        body = call.json()
        user = self._people.require(body.get("touser"))
        kind, content = _mass_message(self._store, body)
        with self._store.write():
            self._chat.add(user["openid"], ACCOUNT, kind, {**content, "preview": True})
            return {**DONE, "msg_id": self._next_id()}

    def _get(self, call: Call) -> Json:
        found = self._require(call.json())
        return {"msg_id": found["msg_id"], "msg_status": found["status"]}

    def _delete(self, call: Call) -> Json:
        found = self._require(call.json())
        self._store.run("UPDATE mass SET status = 'DELETE' WHERE msg_id = ?", found["msg_id"])
        return DONE

    def _speed(self, _call: Call) -> Json:
        speed = int(self._store.setting("mass_speed", 0))
        return {**DONE, "speed": speed, "realspeed": 80 - speed * 15}

    def _set_speed(self, call: Call) -> Json:
        speed = number_of(call.json(), "speed", 45083)
        if speed not in range(5):
            raise Refused(45083)
        self._store.put_setting("mass_speed", speed)
        return DONE

    def _tagged(self, tag_id: int) -> list[sqlite3.Row]:
        if not self._store.row("SELECT 1 FROM tag WHERE id = ?", tag_id):
            raise Refused(45159)
        return self._store.rows(
            "SELECT user.* FROM user JOIN user_tag USING (openid) WHERE tag_id = ? AND"
            " is_following = 1",
            tag_id,
        )

    def _send(self, body: Json, readers: list[sqlite3.Row]) -> Json:
        kind, content = _mass_message(self._store, body)
        client_id = str(body.get("clientmsgid") or "")
        with self._store.write():
            self._refuse_repeat(client_id)
            number = self._next_id()
            self._store.run(
                "INSERT INTO mass (msg_id, clientmsgid, status, at) VALUES (?, ?,"
                " 'SEND_SUCCESS', ?)",
                number,
                client_id,
                self._clock.now(),
            )
            sent = sum(self._reach(user, kind, content) for user in readers)
            self._announce(number, total=len(readers), sent=sent)
        return {
            "errcode": 0,
            "errmsg": "send job submission success",
            "msg_id": number,
            "msg_data_id": number + 1,
        }

    def _refuse_repeat(self, client_id: str) -> None:
        since = self._clock.now() - SAME_MESSAGE_SECONDS
        found = self._store.row(
            "SELECT msg_id FROM mass WHERE clientmsgid = ? AND clientmsgid != '' AND at > ?",
            client_id,
            since,
        )
        if found is not None:
            raise Refused(45065, msg_id=found["msg_id"])

    def _reach(self, user: sqlite3.Row, kind: str, content: Json) -> int:
        if not user["is_following"] or self.received(user["openid"]) >= PER_MONTH_MAX:
            return 0
        self._store.run(
            "INSERT INTO mass_received (openid, month, received) VALUES (?, ?, 1)"
            " ON CONFLICT (openid, month) DO UPDATE SET received = received + 1",
            user["openid"],
            self._clock.month(),
        )
        if user["user_id"]:
            self._chat.add(user["openid"], ACCOUNT, kind, {**content, "mass": True})
        return 1

    def _announce(self, number: int, *, total: int, sent: int) -> None:
        self._events.add(
            "",
            {
                "Event": "MASSSENDJOBFINISH",
                "MsgID": str(number),
                "Status": "send success",
                "TotalCount": str(total),
                "FilterCount": str(sent),
                "SentCount": str(sent),
                "ErrorCount": "0",
            },
        )

    def _require(self, body: Json) -> sqlite3.Row:
        found = self._store.row(
            "SELECT * FROM mass WHERE msg_id = ?", number_of(body, "msg_id", 40035)
        )
        if found is None:
            raise Refused(40035, "msg_id unknown")
        return found

    def _next_id(self) -> int:
        return max(self._store.number("SELECT MAX(msg_id) FROM mass"), FIRST_ID) + 1


def _mass_message(store: Store, body: Json) -> tuple[str, Json]:
    if body.get("msgtype") == "mpvideo":
        body = {**body, "msgtype": "video", "video": body.get("mpvideo")}
    images = body.get("images")
    if body.get("msgtype") == "image" and isinstance(images, dict) and images.get("media_ids"):
        body = {**body, "image": {"media_id": images["media_ids"][0]}}
    return checked_message(store, body)
