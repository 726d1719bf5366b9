"""Subscription notifications: grants given by a tap, each good for one message."""

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, post, text_of
from h5app.simulator.api.fields import checked_values
from h5app.simulator.api.library import LIBRARY, content_of
from h5app.simulator.api.people import People
from h5app.simulator.api.templates import Templates, card_of
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.phone.chat import ACCOUNT, Chat
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

FAMILY = "subscription"


class Subscriptions:
    """What bizsend may still send to whom."""

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
            post("/cgi-bin/message/subscribe/bizsend", self._send, 1_000_000),
            post("/cgi-bin/message/subscribe/send", self._wrong_send, 1_000_000),
            post("/wxaapi/newtmpl/addtemplate", self._add, 1000),
            post("/wxaapi/newtmpl/deltemplate", self._remove, 1000),
            get("/wxaapi/newtmpl/gettemplate", self._all, 1000),
            get("/wxaapi/newtmpl/getcategory", self._categories, 1000),
            get("/wxaapi/newtmpl/getpubtemplatetitles", self._titles, 1000),
            get("/wxaapi/newtmpl/getpubtemplatekeywords", self._keywords, 1000),
        )

    def seed(self) -> None:
        """Put the ready-made templates there as subscription templates too."""
        for one in LIBRARY:
            self._templates.keep(
                template_id=one.id.replace("SIM_", "SUB_"),
                family=FAMILY,
                title=one.title,
                content=one.content,
            )

    def decide(self, openid: str, decisions: dict[str, bool]) -> None:
        """Note what a user tapped in the popup, and tell the account.

        Raises:
            Refused: 40037 for a template that this account does not have.
        """
        for template_id in decisions:
            self._templates.require(template_id, FAMILY)
        with self._store.write():
            for template_id, is_accepted in decisions.items():
                self._grant(openid, template_id, 1 if is_accepted else 0)
            chosen = [
                {
                    "TemplateId": template_id,
                    "SubscribeStatusString": "accept" if is_accepted else "reject",
                    "PopupScene": "1",
                }
                for template_id, is_accepted in decisions.items()
            ]
            self._events.add(
                openid,
                {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": chosen}},
            )

    def withdraw(self, openid: str, template_id: str) -> None:
        """Note that a user switched a template off in the settings, and tell the account."""
        with self._store.write():
            self._store.run(
                "DELETE FROM consent WHERE openid = ? AND template_id = ?", openid, template_id
            )
            change = {"TemplateId": template_id, "SubscribeStatusString": "reject"}
            self._events.add(
                openid,
                {
                    "Event": "subscribe_msg_change_event",
                    "SubscribeMsgChangeEvent": {"List": [change]},
                },
            )

    def grants(self, openid: str) -> list[Json]:
        """Return the messages a user still allows, by template."""
        rows = self._store.rows(
            "SELECT consent.template_id, consent.granted, template.title FROM consent"
            " JOIN template ON template.id = consent.template_id WHERE openid = ?",
            openid,
        )
        return [dict(row) for row in rows]

    def _grant(self, openid: str, template_id: str, count: int) -> None:
        self._store.run(
            "INSERT INTO consent (openid, template_id, granted) VALUES (?, ?, ?)"
            " ON CONFLICT (openid, template_id) DO UPDATE SET granted = granted + excluded.granted",
            openid,
            template_id,
            count,
        )

    def _send(self, call: Call) -> Json:
        body = call.json()
        user = self._people.require(body.get("touser"))
        template = self._templates.require(body.get("template_id"), FAMILY)
        values = checked_values(template["content"], body.get("data"))
        openid = user["openid"]
        with self._store.write():
            if not self._store.change(
                "UPDATE consent SET granted = granted - 1 WHERE openid = ? AND template_id ="
                " ? AND granted > 0",
                openid,
                template["id"],
            ):
                raise Refused(43101)
            self._chat.add(openid, ACCOUNT, "subscription", card_of(template, values, body))
            sent = {
                "TemplateId": template["id"],
                "MsgID": str(self._templates.note_sent(openid, "")),
                "ErrorCode": "0",
                "ErrorStatus": "success",
            }
            self._events.add(
                openid,
                {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": [sent]}},
            )
        return DONE

    def _wrong_send(self, call: Call) -> Json:
        self._people.require(call.json().get("touser"))
        raise Refused(43101)

    def _add(self, call: Call) -> Json:
        body = call.json() if call.body.lstrip().startswith(b"{") else dict(call.form)
        number = text_of(body, "tid", 40037)
        known = next((one for one in LIBRARY if one.short_id == number), None)
        template_id = self._templates.keep(
            template_id="",
            family=FAMILY,
            title=known.title if known else f"订阅模板 {number}",
            content=known.content if known else content_of(["事项", "时间", "说明"]),
        )
        return {**DONE, "priTmplId": template_id}

    def _remove(self, call: Call) -> Json:
        body = call.json() if call.body.lstrip().startswith(b"{") else dict(call.form)
        self._templates.remove(text_of(body, "priTmplId", 40037), FAMILY)
        return DONE

    def _all(self, _call: Call) -> Json:
        rows = self._templates.of_family(FAMILY)
        shown = [
            {
                "priTmplId": row["id"],
                "title": row["title"],
                "content": row["content"],
                "example": "",
                "type": 2,
            }
            for row in rows
        ]
        return {**DONE, "data": shown}

    def _categories(self, _call: Call) -> Json:
        return {**DONE, "data": [{"id": 616, "name": "证券"}]}

    def _titles(self, _call: Call) -> Json:
        titles = [
            {"tid": one.short_id, "title": one.title, "type": 2, "categoryId": "616"}
            for one in LIBRARY
        ]
        return {**DONE, "count": len(titles), "data": titles}

    def _keywords(self, call: Call) -> Json:
        number = call.query.get("tid", "")
        known = next((one for one in LIBRARY if one.short_id == number), None)
        if known is None:
            raise Refused(40037)
        lines = [line.split(":")[0] for line in known.content.splitlines()]
        words = [
            {"kid": index, "name": name, "rule": "thing", "example": ""}
            for index, name in enumerate(lines, 1)
        ]
        return {**DONE, "count": len(words), "data": words}
