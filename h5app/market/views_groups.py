"""管理自选: the page that puts groups and their rows in order, and the address of the groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

import msgspec
from flask import request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.market.shown import WatchGroupRow, WatchGroupsReply
from h5app.market.views_rows import shown_rows
from h5app.market.watching import (
    FIRST_GROUP,
    GROUP_NAME_LENGTH_MAX,
    GROUPS_MAX,
    BadGroupName,
    NoSuchGroup,
    WatchGroup,
)
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, parsed_json, render, see_other, wants_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint, Response

    from h5app.market.service import Market
    from h5app.market.shown import MarketHead
    from h5app.market.stream import QuoteStream


class NoSuchGroupChange(AppError):
    """Neither add nor rename or remove."""

    code = "market.no_such_group_change"
    status = 422
    sentence = "无法识别这个操作,请从管理自选页面重新操作"


GroupAction = Literal["add", "rename", "remove"]
GROUP_ACTIONS: tuple[GroupAction, ...] = ("add", "rename", "remove")


class WatchGroupChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change of the groups: `group` is the one that is there, `name` what it shall be."""

    action: GroupAction
    group: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class OwnAsked:
    """What the page shall show: a group, the row that is being moved, what was refused."""

    group: str = FIRST_GROUP
    moving: str = ""
    is_removing: bool = False
    refused: WatchGroupChange | None = None
    sentence: str = ""

    @classmethod
    def of_request(cls) -> OwnAsked:
        """Read the address."""
        asked = request.args
        return cls(
            group=asked.get("group") or FIRST_GROUP,
            moving=asked.get("move", ""),
            is_removing="remove" in asked,
        )

    def wrong(self, action: GroupAction) -> str:
        """Return why this action was refused; empty when it was not."""
        return self.sentence if self.refused and self.refused.action == action else ""

    def typed(self, action: GroupAction) -> str:
        """Return what stands in the form of this action."""
        if self.refused and self.refused.action == action:
            return self.refused.name
        return "" if action == "add" else self.group


def own_address(group: str = "", **more: str) -> str:
    """Return the address of the page of a group; the first one's has no parameter."""
    asked = ({} if group in {"", FIRST_GROUP} else {"group": group}) | more
    return f"/market/watchlist?{urlencode(asked)}" if asked else "/market/watchlist"


def chosen_group(groups: Sequence[WatchGroup], name: str) -> WatchGroup:
    """Return the group of a name.

    Raises:
        NoSuchGroup: There is none.
    """
    found = next((one for one in groups if one.name == name), None)
    if found is None:
        raise NoSuchGroup
    return found


def own_page(
    market: Market, head: MarketHead, asked: OwnAsked, status: int = HTTPStatus.OK
) -> Response:
    """Show a group with what can be done to it and to each of its rows.

    Raises:
        NoSuchGroup: The customer has no such group.
    """
    groups = market.watch_groups(visitor().owner)
    group = chosen_group(groups, asked.group)
    return render(
        "market/watchlist.html",
        status,
        head=head,
        asked=asked,
        group=group.name,
        is_first=group.name == FIRST_GROUP,
        rows=shown_rows(market, group.symbols),
        tabs=[
            (one.name, f"{one.name} {len(one.symbols)}", own_address(one.name)) for one in groups
        ],
        others=[one.name for one in groups if one is not group],
        address=own_address,
        is_full=len(groups) > GROUPS_MAX,
        name_length_max=GROUP_NAME_LENGTH_MAX,
    )


class GroupViews:
    """The one address that adds, renames and removes groups."""

    def __init__(self, market: Market, stream: QuoteStream) -> None:
        self._market = market
        self._stream = stream

    def register(self, room: Blueprint) -> None:
        """Give it its address."""
        address = "/market/watchlist/groups"
        room.add_url_rule(address, "watch_groups", self.change, methods=["POST"])

    @operation(
        "Add, rename or remove a group of the customer's own lists",
        request=WatchGroupChange,
        reply=WatchGroupsReply,
        errors=(400, 401, 404, 422),
    )
    @requires(Tier.FOLLOWER)
    def change(self) -> Response:
        """Change the groups and lead back, or answer with them; a refused form comes back.

        Raises:
            NoSuchGroupChange: No such action.
            NoSuchGroup: The customer made no such group.
            BadGroupName: Empty, too long, taken, or too many groups.
        """
        asked = _asked()
        try:
            group = self._carry_out(asked)
        except BadGroupName as refused:
            if wants_json():
                raise
            return self._form_again(asked, refused)
        return self._reply() if wants_json() else see_other(own_address(group))

    def _carry_out(self, asked: WatchGroupChange) -> str:
        """Change the groups; return the one to show then."""
        owner, name = visitor().owner, " ".join(asked.name.split())
        if asked.action == "add":
            self._market.add_watch_group(owner, name)
            return name
        if asked.group == FIRST_GROUP:
            raise NoSuchGroup
        if asked.action == "rename":
            self._market.rename_watch_group(owner, asked.group, name)
            return name
        self._market.remove_watch_group(owner, asked.group)
        return FIRST_GROUP

    def _form_again(self, asked: WatchGroupChange, refused: BadGroupName) -> Response:
        shown = OwnAsked(group=asked.group or FIRST_GROUP, refused=asked)
        shown = replace(shown, sentence=_(refused.message))
        return own_page(self._market, self._stream.head(), shown, refused.status)

    def _reply(self) -> Response:
        groups = self._market.watch_groups(visitor().owner)
        rows = [WatchGroupRow(name=one.name, symbols=list(one.symbols)) for one in groups]
        return json_reply(WatchGroupsReply(groups=rows))


def _asked() -> WatchGroupChange:
    if request.mimetype == "application/json":
        asked: WatchGroupChange = parsed_json(WatchGroupChange)
        return asked
    form = request.form
    found = next((one for one in GROUP_ACTIONS if one == form.get("action")), None)
    if found is None:
        raise NoSuchGroupChange
    name = form.get("new_name" if found == "rename" else "name", "")
    return WatchGroupChange(action=found, group=form.get("group", ""), name=name)
