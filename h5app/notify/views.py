"""Pages of the inbox (消息中心) and of what a customer wants to be told (提醒设置)."""

from flask import Blueprint, Response, redirect, request

from h5app.identity.gate import refusal, requires, visitor
from h5app.identity.model import Tier
from h5app.notify.inbox import PAGE_ENTRIES_MAX
from h5app.notify.model import OPEN_PATH, InboxEntry, NoticeKind, Preferences
from h5app.notify.service import Notifier
from h5app.notify.views_shown import (
    MessageFields,
    MessagePage,
    ShownMessage,
    Unread,
    delivery_words,
)
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, request_asks_json, see_other, wants_json

LIST_PATH = "/me/messages"
PREFERENCES_PATH = "/me/notice-preferences"
SAID = {"saved": "设置已保存", "read": "全部标为已读"}
"""What a page says after a form; the address carries the key only."""
NUMBER_DIGITS_MAX = 15


class MessageViews:
    """The customer's notices."""

    def __init__(self, notifier: Notifier) -> None:
        self._inbox = notifier.inbox

    def register(self, room: Blueprint) -> None:
        """Add the routes."""
        add = room.add_url_rule
        add(LIST_PATH, "messages", self.messages, methods=["GET"])
        add(f"{LIST_PATH}/<int:notice_id>", "message", self.message, methods=["GET"])
        add(f"{OPEN_PATH}<key>", "open_message", self.open_message, methods=["GET"])
        add(f"{LIST_PATH}/unread", "unread", self.unread, methods=["GET"])
        add(f"{LIST_PATH}/reading", "read_all", self.read_all, methods=["POST"])

    @operation(
        "消息列表:新的在前,金额在验证交易密码后才有",
        reply=MessagePage,
        query=(("before", "只要这个编号之前的消息"),),
        errors=(401,),
    )
    @requires(Tier.FOLLOWER)
    def messages(self) -> Response:
        """Show a page of the inbox."""
        customer_id = visitor().owner
        entries = self._inbox.entries(customer_id, _number_of_request("before"))
        shown = self._shown(entries)
        older = entries[-1].notice_id if len(entries) == PAGE_ENTRIES_MAX else None
        unread = self._inbox.unread(customer_id)
        if wants_json():
            page = MessagePage([one.as_fields() for one in shown], unread, older)
            return json_reply(page)
        return render(
            "notify/messages.html",
            messages=shown,
            unread=unread,
            older=older,
            is_first=not request.args.get("before"),
            said=SAID.get(request.args.get("said", ""), ""),
            is_private=True,
        )

    @operation("一条消息,并标为已读", reply=MessageFields, errors=(401, 404))
    @requires(Tier.FOLLOWER)
    def message(self, notice_id: int) -> Response:
        """Show one notice and mark it read."""
        (shown,) = self._shown([self._inbox.entry(visitor().owner, notice_id)])
        if wants_json():
            return json_reply(shown.as_fields())
        return render("notify/message.html", message=shown, here=request.path, is_private=True)

    @requires(Tier.FOLLOWER)
    def open_message(self, key: str) -> Response:
        """Lead from a message outside to the page it is about."""
        entry = self._inbox.entry_by_key(visitor().owner, key)
        return redirect(entry.link_path, 302)  # type: ignore[return-value]

    @operation("未读消息数", reply=Unread, errors=(401,))
    @requires(Tier.FOLLOWER)
    def unread(self) -> Response:
        """Return how many were not read."""
        return json_reply(Unread(self._inbox.unread(visitor().owner)))

    @operation("全部标为已读", reply=Unread, errors=(401,))
    @requires(Tier.FOLLOWER)
    def read_all(self) -> Response:
        """Mark everything read."""
        self._inbox.read_all(visitor().owner)
        if request_asks_json():
            return json_reply(Unread(0))
        return see_other(f"{LIST_PATH}?said=read")

    def _shown(self, entries: list[InboxEntry]) -> list[ShownMessage]:
        ways = self._inbox.ways([entry.notice_id for entry in entries])
        is_open = visitor().tier >= Tier.STEPPED_UP
        return [
            ShownMessage(
                entry=entry, is_open=is_open, delivery=delivery_words(ways[entry.notice_id])
            )
            for entry in entries
        ]


class PreferenceViews:
    """What is pushed, and whether figures may be seen in WeChat."""

    def __init__(self, notifier: Notifier) -> None:
        self._wishes = notifier.wishes

    def register(self, room: Blueprint) -> None:
        """Add the routes."""
        add = room.add_url_rule
        add(PREFERENCES_PATH, "preferences", self.preferences, methods=["GET"])
        add(PREFERENCES_PATH, "prefer", self.prefer, methods=["POST"])

    @requires(Tier.FOLLOWER)
    def preferences(self) -> Response:
        """Show the switches."""
        return render(
            "notify/preferences.html",
            kinds=tuple(NoticeKind),
            wishes=self._wishes.of(visitor().owner),
            said=SAID.get(request.args.get("said", ""), ""),
        )

    @requires(Tier.FOLLOWER)
    def prefer(self) -> Response:
        """Keep the switches; showing figures in WeChat is switched on with the trade password.

        Raises:
            StepUpRequired: Figures shall be shown, and the password was not given lately.
        """
        who, wanted = visitor(), request.form.getlist("kind")
        shows_private = request.form.get("shows_private") == "yes"
        is_new = shows_private and not self._wishes.of(who.owner).shows_private
        if is_new and who.tier < Tier.STEPPED_UP:
            raise refusal(who, Tier.STEPPED_UP)
        off = frozenset(kind for kind in NoticeKind if kind.may_be_off and kind not in wanted)
        self._wishes.keep(who.owner, Preferences(kinds_off=off, shows_private=shows_private))
        return see_other(f"{PREFERENCES_PATH}?said=saved")


def blueprint(notifier: Notifier) -> Blueprint:
    """Return the pages of this room."""
    room = Blueprint("notify", __name__)
    MessageViews(notifier).register(room)
    PreferenceViews(notifier).register(room)
    return room


def _number_of_request(name: str) -> int | None:
    """Return a number of the query; anything else counts as not given."""
    text = request.args.get(name, "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else None
