"""Tags of followers, the successors of groups."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, list_of, number_of, post
from h5app.simulator.api.people import PAGE_MAX, People, page_of
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

TAGS_MAX = 100
TAG_NAME_MAX = 30
TAGS_PER_USER_MAX = 20
FANS_TO_DELETE_MAX = 100_000
BATCH_MAX = 50
FIRST_ID = 100
RESERVED_IDS = (0, 1, 2)


class Tags:
    """At most a hundred names, at most twenty on one follower."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/tags/create", self._create, 1000),
            get("/cgi-bin/tags/get", self._get, 1000),
            post("/cgi-bin/tags/update", self._update, 1000),
            post("/cgi-bin/tags/delete", self._delete, 1000),
            post("/cgi-bin/user/tag/get", self._members, 1000),
            post("/cgi-bin/tags/members/batchtagging", self._tag, 100_000),
            post("/cgi-bin/tags/members/batchuntagging", self._untag, 100_000),
            post("/cgi-bin/tags/getidlist", self._of_user, 100_000),
        )

    def _create(self, call: Call) -> Json:
        name = self._new_name(call.json())
        with self._store.write():
            if self._store.number("SELECT COUNT(*) FROM tag") >= TAGS_MAX:
                raise Refused(45056)
            number = max(self._store.number("SELECT MAX(id) FROM tag") + 1, FIRST_ID)
            self._store.run("INSERT INTO tag (id, name) VALUES (?, ?)", number, name)
        return {"tag": {"id": number, "name": name}}

    def _get(self, _call: Call) -> Json:
        rows = self._store.rows(
            "SELECT tag.id, tag.name, COUNT(user_tag.openid) AS count FROM tag"
            " LEFT JOIN user_tag ON user_tag.tag_id = tag.id GROUP BY tag.id ORDER BY tag.id"
        )
        return {"tags": [dict(row) for row in rows]}

    def _update(self, call: Call) -> Json:
        body = call.json()
        tag = self._require(_tag_part(body), may_be_reserved=False)
        self._store.run("UPDATE tag SET name = ? WHERE id = ?", self._new_name(body), tag["id"])
        return DONE

    def _delete(self, call: Call) -> Json:
        tag = self._require(_tag_part(call.json()), may_be_reserved=False)
        with self._store.write():
            if (
                self._store.number("SELECT COUNT(*) FROM user_tag WHERE tag_id = ?", tag["id"])
                > FANS_TO_DELETE_MAX
            ):
                raise Refused(45057)
            self._store.run("DELETE FROM user_tag WHERE tag_id = ?", tag["id"])
            self._store.run("DELETE FROM tag WHERE id = ?", tag["id"])
        return DONE

    def _members(self, call: Call) -> Json:
        body = call.json()
        tag = self._require({"id": body.get("tagid")}, may_be_reserved=True)
        after = str(body.get("next_openid") or "")
        start = self._people.require(after)["ordinal"] if after else 0
        rows = self._store.rows(
            "SELECT user.openid FROM user_tag JOIN user USING (openid)"
            " WHERE tag_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?",
            tag["id"],
            start,
            PAGE_MAX,
        )
        page = page_of([row["openid"] for row in rows], 0)
        del page["total"]
        return page

    def _tag(self, call: Call) -> Json:
        body = call.json()
        openids = list_of(body, "openid_list", BATCH_MAX)
        tag = self._require({"id": body.get("tagid")}, may_be_reserved=True)
        with self._store.write():
            for openid in openids:
                self._require_follower(openid)
                held = self._people.tag_ids(openid)
                if tag["id"] not in held and len(held) >= TAGS_PER_USER_MAX:
                    raise Refused(45059)
                self._store.run(
                    "INSERT OR IGNORE INTO user_tag (openid, tag_id) VALUES (?, ?)",
                    openid,
                    tag["id"],
                )
        return DONE

    def _untag(self, call: Call) -> Json:
        body = call.json()
        openids = list_of(body, "openid_list", BATCH_MAX)
        tag = self._require({"id": body.get("tagid")}, may_be_reserved=True)
        with self._store.write():
            for openid in openids:
                self._people.require(openid)
                self._store.run(
                    "DELETE FROM user_tag WHERE openid = ? AND tag_id = ?", openid, tag["id"]
                )
        return DONE

    def _of_user(self, call: Call) -> Json:
        user = self._people.require(call.json().get("openid"))
        return {"tagid_list": self._people.tag_ids(user["openid"])}

    def _require(self, part: Json, *, may_be_reserved: bool) -> sqlite3.Row:
        number = number_of(part, "id", 45159)
        if number in RESERVED_IDS and not may_be_reserved:
            raise Refused(45058)
        found = self._store.row("SELECT * FROM tag WHERE id = ?", number)
        if found is None:
            raise Refused(45159)
        return found

    def _require_follower(self, openid: str) -> None:
        if not self._people.require(openid)["is_following"]:
            raise Refused(49003)

    def _new_name(self, body: Json) -> str:
        name = _tag_part(body).get("name")
        if not isinstance(name, str) or not name.strip():
            raise Refused(45157)
        if len(name) > TAG_NAME_MAX:
            raise Refused(45158)
        if self._store.row("SELECT 1 FROM tag WHERE name = ?", name):
            raise Refused(45157)
        return name


def _tag_part(body: Json) -> Json:
    part = body.get("tag")
    if not isinstance(part, dict):
        raise Refused(47001)
    return part
