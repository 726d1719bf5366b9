"""Subscription notices: each tap of the customer allows one message, which uses it up."""

from typing import Any

from sqlalchemy import delete, select, update

from h5app.notify.model import Notice, NoticeKind
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.plumbing.db import Database
from h5app.wechat.account import Account
from h5app.wechat.client import WeChatApi
from h5app.wechat.composing import (
    BLACKLISTED,
    DECLINED_BY_USER,
    NOT_FOLLOWING,
    NotComposed,
    composed,
    declined,
    not_now,
    refused,
)
from h5app.wechat.followers import Followers
from h5app.wechat.sent_once import SentOnce
from h5app.wechat.store import grant
from h5app.wechat.templates import SUBSCRIPTION_PREFIX, Template, TemplateBook, TemplatePlan
from h5app.wechat.transport import WeChatRefused, WeChatSilent

CHANNEL_NAME = "wechat_subscription"
NO_GRANT = "no_grant"
NO_LIBRARY = 48001
"""Told in the place of adding one: an operator chooses subscription templates in the account."""


class SubscriptionBook(TemplateBook):
    """Which subscription template carries which kind; a kind without one is not offered."""

    prefix = SUBSCRIPTION_PREFIX

    def offered(self) -> dict[NoticeKind, Template]:
        """Return the template of each kind that customers may allow messages of."""
        found = {kind: self.template(kind) for kind in NoticeKind}
        return {kind: one for kind, one in found.items() if one is not None}

    def _standing(self) -> dict[str, dict[str, Any]]:
        return {
            str(one.get("priTmplId")): {**one, "template_id": one.get("priTmplId")}
            for one in self._api.subscription_templates()
        }

    def _added(self, plan: TemplatePlan) -> str:
        del plan
        raise WeChatRefused(NO_LIBRARY)


class Grants:
    """How many messages a follower still allows, by template."""

    def __init__(self, database: Database, once: SentOnce) -> None:
        self._database = database
        self.once = once

    def left(self, openid: str) -> dict[str, int]:
        """Return the messages left by template; what was never allowed is not there."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(grant.c.template_id, grant.c.left).where(grant.c.openid == openid)
            )
            return {row.template_id: row.left for row in rows}

    def take(self, openid: str, template_id: str) -> bool:
        """Use one up before sending; False when there is none."""
        return self._change(openid, template_id, -1)

    def give_back(self, openid: str, template_id: str) -> None:
        """Count one again that was taken for a message that the platform did not take."""
        self._change(openid, template_id, 1)

    def forget(self, openid: str, template_id: str) -> None:
        """Forget all of a template: the platform says there are none."""
        with self._database.write() as connection:
            connection.execute(
                delete(grant).where(grant.c.openid == openid, grant.c.template_id == template_id)
            )

    def _change(self, openid: str, template_id: str, by: int) -> bool:
        with self._database.write() as connection:
            changed = connection.execute(
                update(grant)
                .where(grant.c.openid == openid, grant.c.template_id == template_id)
                .where(grant.c.left + by >= 0)
                .values(left=grant.c.left + by)
            )
        return bool(changed.rowcount)


class SubscriptionChannel:
    """Carries what the template message could not, as long as the customer allows it.

    The platform gives no name to such a message, so a second sending would be a second message:
    silence is left as it is.
    """

    name = CHANNEL_NAME

    def __init__(
        self,
        account: Account,
        api: WeChatApi,
        book: SubscriptionBook,
        followers: Followers,
        grants: Grants,
    ) -> None:
        self._account = account
        self._api = api
        self._book = book
        self._followers = followers
        self._grants = grants
        self._once = grants.once

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Send a notice to an openid and use up one grant."""
        openid = recipient.address
        if self._followers.is_following(openid) is False:
            return refused(str(NOT_FOLLOWING))
        template = self._book.template(notice.kind)
        if template is None:
            return refused("no_template")
        try:
            texts = composed(template.places, notice, recipient)
        except NotComposed as wrong:
            return refused(str(wrong))
        if not self._once.begin(self.name, openid, notice.key):
            return Delivery(outcome=Outcome.UNSURE, code="silent")
        if not self._grants.take(openid, template.template_id):
            self._once.undo(self.name, notice.key)
            return refused(NO_GRANT)
        return self._sent(notice, openid, template.template_id, texts)

    def _sent(
        self, notice: Notice, openid: str, template_id: str, texts: dict[str, str]
    ) -> Delivery:
        page = self._account.link(notice.open_path)
        try:
            self._api.subscription_send(openid, template_id, texts, page=page)
        except WeChatSilent:
            return Delivery(outcome=Outcome.UNSURE, code="silent")
        except WeChatRefused as answer:
            self._once.undo(self.name, notice.key)
            return self._refusal(openid, template_id, answer.errcode)
        return Delivery(outcome=Outcome.SENT)

    def _refusal(self, openid: str, template_id: str, errcode: int) -> Delivery:
        if errcode == DECLINED_BY_USER:
            self._grants.forget(openid, template_id)
            return refused(NO_GRANT)
        self._grants.give_back(openid, template_id)
        if errcode == BLACKLISTED:
            return declined(str(errcode))
        if errcode == NOT_FOLLOWING:
            self._followers.lost(openid)
        return not_now(errcode, self._once.wall) or refused(str(errcode))
