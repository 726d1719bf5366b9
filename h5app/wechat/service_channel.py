"""The last way: a notice as a customer-service text, where the customer's own act allows one."""

from html import escape

from h5app.notify.model import Notice
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.wechat.account import Account
from h5app.wechat.client import WeChatApi
from h5app.wechat.composing import (
    BLOCKED,
    NOT_FOLLOWING,
    NotComposed,
    check_private,
    declined,
    not_now,
    refused,
)
from h5app.wechat.followers import Followers
from h5app.wechat.sent_once import SentOnce
from h5app.wechat.transport import WeChatRefused, WeChatSilent
from h5app.wechat.wording import worded

CHANNEL_NAME = "wechat_service"
NO_WINDOW = "no_window"
KEPT_FOR_ANSWERS = 1
"""So many messages of a window are left for answers to what the customer asks."""
COUNT_USED = 45047
WINDOW_CLOSED = 45015
OPEN_WORDS = "点开查看"


class ServiceChannel:
    """Sends a text within the customer's open window; outside of one it asks nobody.

    The platform counts such texts but does not name them: silence is left as it is.
    """

    name = CHANNEL_NAME

    def __init__(
        self, account: Account, api: WeChatApi, followers: Followers, once: SentOnce
    ) -> None:
        self._account = account
        self._api = api
        self._followers = followers
        self._once = once

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Send a notice as a text with a link to it."""
        openid = recipient.address
        if self._followers.is_following(openid) is False:
            return refused(str(NOT_FOLLOWING))
        lines = _lines(notice, shows_private=recipient.shows_private)
        try:
            check_private(lines, notice, recipient)
        except NotComposed as wrong:
            return refused(str(wrong))
        if not self._once.begin(self.name, openid, notice.key):
            return Delivery(outcome=Outcome.UNSURE, code="silent")
        if not self._followers.take_message(openid, keeping=KEPT_FOR_ANSWERS):
            self._once.undo(self.name, notice.key)
            return refused(NO_WINDOW)
        return self._sent(notice, openid, lines)

    def _sent(self, notice: Notice, openid: str, lines: list[str]) -> Delivery:
        link = escape(self._account.link(notice.open_path))
        text = "\n".join([*lines, f'<a href="{link}">{OPEN_WORDS}</a>'])
        try:
            self._api.service_send_text(openid, text)
        except WeChatSilent:
            return Delivery(outcome=Outcome.UNSURE, code="silent")
        except WeChatRefused as answer:
            self._once.undo(self.name, notice.key)
            return self._refusal(openid, answer.errcode)
        return Delivery(outcome=Outcome.SENT)

    def _refusal(self, openid: str, errcode: int) -> Delivery:
        if errcode == BLOCKED:
            return declined(str(errcode))
        if errcode in {COUNT_USED, WINDOW_CLOSED}:
            self._followers.close_windows(openid)
        return not_now(errcode, self._once.wall) or refused(str(errcode))


def _lines(notice: Notice, *, shows_private: bool) -> list[str]:
    """Return the title and the first wording of each part."""
    wording = worded(notice, shows_private=shows_private)
    parts = (wording.subject, wording.state, wording.when, wording.note)
    return [notice.title, *(part[0] for part in parts if part)]
