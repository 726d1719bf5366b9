"""Template messages: the account's templates, sending, and the result that follows."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, post, text_of
from h5app.simulator.api.fields import checked_values, rows_of
from h5app.simulator.api.library import FIELD_LABELS, LIBRARY, content_of
from h5app.simulator.api.people import People
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.phone.chat import ACCOUNT, Chat
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

TEMPLATES_MAX = 25
SAME_MESSAGE_SECONDS = 600
TEMPLATE_ID_LENGTH = 43
FIRST_MSGID = 2_000_000_000_000_000_000
RESULTS = {
    "success": "success",
    "user block": "failed:user block",
    "system failed": "failed: system failed",
}


class Templates:
    """Category templates by default; a content with keywordN behaves as the closed kind does."""

    def __init__(self, store: Store, clock: PlatformClock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance

    def seed(self) -> None:
        """Put the ready-made templates there, each under the id that always belongs to it."""
        for one in LIBRARY:
            self.keep(template_id=one.id, family="template", title=one.title, content=one.content)

    def keep(self, *, template_id: str, family: str, title: str, content: str) -> str:
        """Add or replace a template and return its id."""
        template_id = template_id or self._chance.text(TEMPLATE_ID_LENGTH)
        self._store.run(
            "INSERT OR REPLACE INTO template (id, family, title, content) VALUES (?, ?, ?, ?)",
            template_id,
            family,
            title,
            content,
        )
        return template_id

    def require(self, template_id: object, family: str) -> sqlite3.Row:
        """Return a template.

        Raises:
            Refused: 40037 for an id that this account does not have.
        """
        found = self._store.row(
            "SELECT * FROM template WHERE id = ? AND family = ?", str(template_id), family
        )
        if found is None:
            raise Refused(40037)
        return found

    def of_family(self, family: str) -> list[sqlite3.Row]:
        """Return the account's templates of a family."""
        return self._store.rows("SELECT * FROM template WHERE family = ? ORDER BY rowid", family)

    def remove(self, template_id: str, family: str) -> None:
        """Delete a template.

        Raises:
            Refused: 40037 for an id that this account does not have.
        """
        self.require(template_id, family)
        self._store.run("DELETE FROM template WHERE id = ?", template_id)

    def sent_before(self, openid: str, client_msg_id: str) -> int:
        """Return the msgid of the same message of the last ten minutes; 0 when there is none."""
        since = self._clock.now() - SAME_MESSAGE_SECONDS
        return self._store.number(
            "SELECT msgid FROM sent_template WHERE openid = ? AND client_msg_id = ? AND at > ?",
            openid,
            client_msg_id,
            since,
        )

    def note_sent(self, openid: str, client_msg_id: str) -> int:
        """Give a message its msgid."""
        msgid = max(self._store.number("SELECT MAX(msgid) FROM sent_template"), FIRST_MSGID) + 1
        self._store.run(
            "INSERT INTO sent_template (msgid, openid, client_msg_id, at) VALUES (?, ?, ?, ?)",
            msgid,
            openid,
            client_msg_id,
            self._clock.now(),
        )
        return msgid


class TemplateInterfaces:
    """What the account's server calls about templates."""

    def __init__(
        self, store: Store, templates: Templates, people: People, chat: Chat, events: DueEvents
    ) -> None:
        self._store = store
        self._templates = templates
        self._people = people
        self._chat = chat
        self._events = events

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/message/template/send", self._send, 1_000_000),
            post("/cgi-bin/template/api_set_industry", self._set_industry, 1000),
            get("/cgi-bin/template/get_industry", self._get_industry, 1000),
            post("/cgi-bin/template/api_add_template", self._add, 1000),
            get("/cgi-bin/template/get_all_private_template", self._all, 1000),
            post("/cgi-bin/template/del_private_template", self._remove, 1000),
        )

    def _send(self, call: Call) -> Json:
        body = call.json()
        user = self._people.require(body.get("touser"))
        template = self._templates.require(body.get("template_id"), "template")
        if user["is_blacklisted"]:
            raise Refused(43019)
        if not user["is_following"]:
            raise Refused(43004)
        values = checked_values(template["content"], body.get("data"))
        with self._store.write():
            openid, client_msg_id = user["openid"], str(body.get("client_msg_id") or "")
            earlier = self._templates.sent_before(openid, client_msg_id) if client_msg_id else 0
            if earlier:
                return {**DONE, "msgid": earlier}
            msgid = self._templates.note_sent(openid, client_msg_id)
            result = "user block" if user["is_blocking"] else user["template_result"]
            if result == "success":
                card = card_of(template, values, body)
                self._chat.add(openid, ACCOUNT, "template", card)
            self._events.add(
                openid,
                {
                    "Event": "TEMPLATESENDJOBFINISH",
                    "MsgID": str(msgid),
                    "Status": RESULTS.get(result, result),
                },
            )
        return {**DONE, "msgid": msgid}

    def _set_industry(self, call: Call) -> Json:
        body = call.json()
        self._store.put_setting(
            "industry", [text_of(body, "industry_id1", 40035), str(body.get("industry_id2", ""))]
        )
        return DONE

    def _get_industry(self, _call: Call) -> Json:
        finance = {"first_class": "金融业", "second_class": "证券|基金|理财|信托"}
        return {
            "primary_industry": finance,
            "secondary_industry": {"first_class": "", "second_class": ""},
        }

    def _add(self, call: Call) -> Json:
        body = call.json()
        short = text_of(body, "template_id_short", 40037)
        keywords = body.get("keyword_name_list") or list(FIELD_LABELS.values())[:3]
        if not isinstance(keywords, list):
            raise Refused(47001)
        if len(self._templates.of_family("template")) >= TEMPLATES_MAX:
            raise Refused(45026)
        known = next((one for one in LIBRARY if one.short_id == short), None)
        template_id = self._templates.keep(
            template_id="",
            family="template",
            title=known.title if known else f"模板 {short}",
            content=content_of([str(one) for one in keywords]),
        )
        return {**DONE, "template_id": template_id}

    def _all(self, _call: Call) -> Json:
        rows = self._templates.of_family("template")
        return {
            "template_list": [
                {
                    "template_id": row["id"],
                    "title": row["title"],
                    "primary_industry": "",
                    "deputy_industry": "",
                    "content": row["content"],
                    "example": "",
                }
                for row in rows
            ]
        }

    def _remove(self, call: Call) -> Json:
        self._templates.remove(text_of(call.json(), "template_id", 40037), "template")
        return DONE


def card_of(template: sqlite3.Row, values: dict[str, str], body: Json) -> Json:
    """Return the card that the phone draws: title, lines, and where a tap leads."""
    program = body.get("miniprogram") or {}
    url = body.get("url") or body.get("page") or ""
    return {
        "title": template["title"],
        "rows": rows_of(template["content"], values),
        "url": "" if program.get("appid") else str(url),
        "miniprogram": str(program.get("appid") or ""),
        "data": values,
    }
