"""Users and followers: who they are to the account, and the interfaces that list them."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, list_of, post, text_of
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

PAGE_MAX = 10_000
BATCH_MAX = 100
REMARK_MAX = 30
BLACKLIST_BATCH_MAX = 20
OPENID_LENGTH = 28
NICKNAMES = ("张三", "李四", "王五", "赵六", "陈七", "周八", "吴九", "郑十")


class People:
    """The openids of this account."""

    def __init__(self, store: Store, clock: PlatformClock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            get("/cgi-bin/user/info", self._info, 500_000),
            post("/cgi-bin/user/info/batchget", self._batch, 100_000),
            get("/cgi-bin/user/get", self._list, 500),
            post("/cgi-bin/user/info/updateremark", self._remark, 10_000),
            post("/cgi-bin/tags/members/getblacklist", self._blacklist, 1000),
            post("/cgi-bin/tags/members/batchblacklist", self._block, 1000),
            post("/cgi-bin/tags/members/batchunblacklist", self._unblock, 1000),
        )

    def add(self, *, platform: str = "ios", is_following: bool = False, nickname: str = "") -> str:
        """Add a user with a phone and return the phone's id (u1, u2, ...)."""
        with self._store.write():
            number = self._store.number("SELECT COUNT(*) FROM user WHERE user_id IS NOT NULL") + 1
            user_id = f"u{number}"
            self._store.run(
                "INSERT INTO user (openid, ordinal, user_id, unionid, nickname, platform,"
                " is_following, followed_at,"
                " subscribe_scene) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                "o" + self._chance.fixed(f"openid/{user_id}", OPENID_LENGTH - 1),
                self._ordinal(),
                user_id,
                "o" + self._chance.fixed(f"unionid/{user_id}", OPENID_LENGTH - 1),
                nickname or NICKNAMES[(number - 1) % len(NICKNAMES)],
                platform,
                int(is_following),
                self._clock.now() if is_following else 0,
                "ADD_SCENE_SEARCH" if is_following else "",
            )
        return user_id

    def add_crowd(self, count: int) -> None:
        """Add followers without phones, for lists longer than a page."""
        with self._store.write():
            first, now = self._ordinal(), self._clock.now()
            self._store.run_many(
                "INSERT INTO user (openid, ordinal, unionid, nickname, platform,"
                " is_following, followed_at,"
                " subscribe_scene) VALUES (?, ?, '', '', 'android', 1, ?, 'ADD_SCENE_OTHERS')",
                (
                    ("o" + self._chance.fixed(f"crowd/{number}", OPENID_LENGTH - 1), number, now)
                    for number in range(first, first + count)
                ),
            )

    def phones(self) -> list[sqlite3.Row]:
        """Return the users with phones, in order."""
        return self._store.rows("SELECT * FROM user WHERE user_id IS NOT NULL ORDER BY ordinal")

    def of_phone(self, user_id: str) -> sqlite3.Row | None:
        """Return the user of a phone."""
        return self._store.row("SELECT * FROM user WHERE user_id = ?", user_id)

    def find(self, openid: str) -> sqlite3.Row | None:
        """Return a user by openid."""
        return self._store.row("SELECT * FROM user WHERE openid = ?", openid)

    def require(self, openid: object) -> sqlite3.Row:
        """Return a user by openid.

        Raises:
            Refused: 40003 for an openid this account never saw.
        """
        found = self.find(openid) if isinstance(openid, str) and openid else None
        if found is None:
            raise Refused(40003)
        return found

    def tag_ids(self, openid: str) -> list[int]:
        """Return the tags of a user."""
        rows = self._store.rows(
            "SELECT tag_id FROM user_tag WHERE openid = ? ORDER BY tag_id", openid
        )
        return [row["tag_id"] for row in rows]

    def follow(self, openid: str, scene: str = "", *, is_text_scene: bool = False) -> None:
        """Note that a user follows, and by which QR scene."""
        number = int(scene) if scene and not is_text_scene else 0
        self._store.run(
            "UPDATE user SET is_following = 1, followed_at = ?, subscribe_scene = ?, qr_scene"
            " = ?, qr_scene_str = ?"
            " WHERE openid = ?",
            self._clock.now(),
            "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
            number,
            scene if is_text_scene else "",
            openid,
        )

    def unfollow(self, openid: str) -> None:
        """Note that a user left: tags, remark and open windows are gone."""
        with self._store.write():
            self._store.run(
                "UPDATE user SET is_following = 0, followed_at = 0, remark = '', qr_scene ="
                " 0, qr_scene_str = ''"
                " WHERE openid = ?",
                openid,
            )
            for table in ("user_tag", "reply_window", "agent_session", "consent"):
                self._store.run(f"DELETE FROM {table} WHERE openid = ?", openid)  # noqa: S608 - our own table names

    def _ordinal(self) -> int:
        return self._store.number("SELECT MAX(ordinal) FROM user") + 1

    def _info(self, call: Call) -> Json:
        openid = call.query.get("openid", "")
        if not openid:
            raise Refused(41009)
        return self._shown(self.require(openid), call.query.get("lang", "zh_CN"))

    def _batch(self, call: Call) -> Json:
        wanted = call.json().get("user_list")
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= BATCH_MAX:
            raise Refused(40032)
        found = []
        for one in wanted:
            if not isinstance(one, dict):
                raise Refused(47001)
            found.append(
                self._shown(self.require(one.get("openid")), str(one.get("lang", "zh_CN")))
            )
        return {"user_info_list": found}

    def _shown(self, user: sqlite3.Row, language: str) -> Json:
        if not user["is_following"]:
            return {"subscribe": 0, "openid": user["openid"]}
        tags = self.tag_ids(user["openid"])
        return {
            "subscribe": 1,
            "openid": user["openid"],
            "nickname": "",
            "sex": 0,
            "language": language,
            "city": "",
            "province": "",
            "country": "",
            "headimgurl": "",
            "subscribe_time": user["followed_at"],
            "unionid": user["unionid"],
            "remark": user["remark"],
            "groupid": tags[0] if tags else 0,
            "tagid_list": tags,
            "subscribe_scene": user["subscribe_scene"],
            "qr_scene": user["qr_scene"],
            "qr_scene_str": user["qr_scene_str"],
        }

    def _list(self, call: Call) -> Json:
        after = call.query.get("next_openid", "")
        start = self.require(after)["ordinal"] if after else 0
        rows = self._store.rows(
            "SELECT openid FROM user WHERE is_following = 1 AND ordinal > ? ORDER BY ordinal"
            " LIMIT ?",
            start,
            PAGE_MAX,
        )
        total = self._store.number("SELECT COUNT(*) FROM user WHERE is_following = 1")
        return page_of([row["openid"] for row in rows], total)

    def _remark(self, call: Call) -> Json:
        body = call.json()
        user = self.require(text_of(body, "openid", 40003))
        remark = body.get("remark")
        if not isinstance(remark, str) or len(remark) > REMARK_MAX:
            raise Refused(40035)
        self._store.run("UPDATE user SET remark = ? WHERE openid = ?", remark, user["openid"])
        return DONE

    def _blacklist(self, call: Call) -> Json:
        after = str(call.json().get("begin_openid") or "")
        start = self.require(after)["ordinal"] if after else 0
        rows = self._store.rows(
            "SELECT openid FROM user WHERE is_blacklisted = 1 AND ordinal > ? ORDER BY"
            " ordinal LIMIT ?",
            start,
            PAGE_MAX,
        )
        total = self._store.number("SELECT COUNT(*) FROM user WHERE is_blacklisted = 1")
        return page_of([row["openid"] for row in rows], total)

    def _block(self, call: Call) -> Json:
        return self._mark_blacklisted(call, 1)

    def _unblock(self, call: Call) -> Json:
        return self._mark_blacklisted(call, 0)

    def _mark_blacklisted(self, call: Call, mark: int) -> Json:
        openids = list_of(call.json(), "openid_list", BLACKLIST_BATCH_MAX)
        with self._store.write():
            for openid in openids:
                self.require(openid)
                self._store.run("UPDATE user SET is_blacklisted = ? WHERE openid = ?", mark, openid)
        return DONE


def page_of(openids: list[str], total: int) -> Json:
    """Return one page of openids in the platform's shape: an empty page has no data."""
    page: Json = {
        "total": total,
        "count": len(openids),
        "next_openid": openids[-1] if openids else "",
    }
    if openids:
        page["data"] = {"openid": openids}
    return page
