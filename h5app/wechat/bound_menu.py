"""Customers with a bound account carry a tag, and so see the menu that is meant for them."""

from sqlalchemy import select, update

from h5app.identity.model import CustomerBound, CustomerUnbound
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.client import WeChatApi
from h5app.wechat.menu import BOUND_TAG
from h5app.wechat.store import follower
from h5app.wechat.transport import WeChatRefused

NOT_TAGGED = frozenset({40003, 43004, 45159, 49003})
"""The person does not follow, or is unknown: there is no menu to change."""

log = get_logger(__name__)


class BoundMenu:
    """Takes identity's facts; the same fact twice changes nothing more."""

    def __init__(self, api: WeChatApi, database: Database) -> None:
        self._api = api
        self._database = database

    def on_customer_bound(self, fact: CustomerBound) -> None:
        """Give the tag.

        Raises:
            WeChatSilent: No answer; the fact is told again.
        """
        if fact.openid:
            self._set(fact.openid, is_bound=True)

    def on_customer_unbound(self, fact: CustomerUnbound) -> None:
        """Take the tag.

        Raises:
            WeChatSilent: No answer; the fact is told again.
        """
        if fact.openid:
            self._set(fact.openid, is_bound=False)

    def on_followed(self, openid: str) -> None:
        """Give a bound customer who came back the tag again: leaving took it.

        Raises:
            WeChatSilent: No answer; the fact is told again.
        """
        self._set(openid, is_bound=True)

    def reconcile(self) -> tuple[int, int]:
        """Bring the tag to what we keep; return how many got it and how many lost it.

        Raises:
            WeChatRefused: The platform said no.
            WeChatSilent: No answer; the next run does what is left.
        """
        tag_id = self._api.tag_id(BOUND_TAG)
        there, wanted = self._tagged(tag_id), self._wanted()
        self._api.tag_users(tag_id, sorted(wanted - there))
        self._api.untag_users(tag_id, sorted(there - wanted))
        return len(wanted - there), len(there - wanted)

    def _tagged(self, tag_id: int) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            page = self._api.tag_page(tag_id, after)
            found.update(page.openids)
            if not page.openids or page.next_openid in {"", after}:
                return found
            after = page.next_openid

    def _wanted(self) -> set[str]:
        c = follower.c
        with self._database.read() as connection:
            rows = connection.execute(select(c.openid).where(c.is_bound_menu, c.is_following))
            return set(rows.scalars())

    def _set(self, openid: str, *, is_bound: bool) -> None:
        try:
            tag_id = self._api.tag_id(BOUND_TAG)
            change = self._api.tag_users if is_bound else self._api.untag_users
            change(tag_id, [openid])
        except WeChatRefused as refused:
            if refused.errcode not in NOT_TAGGED:
                raise
            log.info("bound_menu_not_changed", errcode=refused.errcode)
            return
        with self._database.write() as connection:
            connection.execute(
                update(follower).where(follower.c.openid == openid).values(is_bound_menu=is_bound)
            )
