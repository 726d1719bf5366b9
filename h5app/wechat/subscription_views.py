"""The page where a customer allows messages one by one, and sees how many are left."""

from dataclasses import dataclass

import msgspec
from flask import Blueprint, Response

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.notify.model import NoticeKind
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, wants_json
from h5app.wechat.sign_in import inside_wechat
from h5app.wechat.subscriptions import Grants, SubscriptionBook

PAGE_PATH = "/wechat/subscriptions"


class Allowed(msgspec.Struct):
    """How many messages of one kind are still allowed."""

    kind: str
    label: str
    template_id: str
    left: int


class AllowedList(msgspec.Struct):
    """Every kind that can be allowed."""

    kinds: list[Allowed]


@dataclass(frozen=True)
class SubscriptionViews:
    """The page and its JSON."""

    book: SubscriptionBook
    grants: Grants

    def register(self, room: Blueprint) -> None:
        """Add the route."""
        room.add_url_rule(PAGE_PATH, "subscriptions", self.show, methods=["GET"])

    @operation("每类微信提醒还可以发几次", reply=AllowedList, errors=(401,))
    @requires(Tier.FOLLOWER)
    def show(self) -> Response:
        """Show what may be allowed."""
        kinds = self._kinds(visitor().openid or "")
        if wants_json():
            return json_reply(AllowedList(kinds))
        return render("wechat/subscriptions.html", kinds=kinds, is_in_wechat=inside_wechat())

    def _kinds(self, openid: str) -> list[Allowed]:
        left = self.grants.left(openid) if openid else {}
        offered = self.book.offered()
        return [
            Allowed(kind.value, kind.label, one.template_id, left.get(one.template_id, 0))
            for kind in NoticeKind
            if (one := offered.get(kind)) is not None
        ]
