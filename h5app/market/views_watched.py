"""自选 of the quotes page: a group in the order asked for, each row with its small line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import flask
from flask import request
from flask_babel import gettext as _

from h5app.identity.gate import visitor
from h5app.market.sparks import HEIGHT, WIDTH, Spark, spark_of
from h5app.market.views_groups import chosen_group, own_address
from h5app.market.views_rows import ShownRow, shown_rows
from h5app.market.watching import FIRST_GROUP
from h5app.plumbing.web import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Response

    from h5app.market.service import Market
    from h5app.market.shown import MarketHead
    from h5app.market.views_rows import DrawnParts
    from h5app.market.watching import WatchGroup

RATIO_UNITS = 10**9


class WatchSort(StrEnum):
    """What the rows of a group are sorted by; the customer's own order at first."""

    OWN = "own"
    RISE = "rise"
    FALL = "fall"
    DEAR = "dear"
    CHEAP = "cheap"

    @classmethod
    def of(cls, word: str) -> WatchSort:
        """Return the order of this name; any other word is the own order."""
        return next((one for one in cls if one == word), cls.OWN)


@dataclass(frozen=True, slots=True)
class WatchAsked:
    """The group and the order that the address names."""

    group: str
    sort: WatchSort

    @classmethod
    def of_request(cls) -> WatchAsked:
        """Read the address."""
        return cls(
            group=request.args.get("group") or FIRST_GROUP,
            sort=WatchSort.of(request.args.get("sort", "")),
        )


def watched_address(group: str, sort: WatchSort) -> str:
    """Return the address of a group in an order; what is so anyway is left out."""
    asked = {"list": "watchlist"}
    if group != FIRST_GROUP:
        asked["group"] = group
    if sort is not WatchSort.OWN:
        asked["sort"] = sort.value
    return f"/market/?{urlencode(asked)}"


def sorted_rows(rows: Sequence[ShownRow], sort: WatchSort) -> list[ShownRow]:
    """Return rows in an order; what has no such figure follows, equals keep the own order."""
    if sort is WatchSort.OWN:
        return list(rows)
    figure = _ratio if sort in {WatchSort.RISE, WatchSort.FALL} else _price
    is_falling = sort in {WatchSort.RISE, WatchSort.DEAR}
    known = [(value, row) for row in rows if (value := figure(row)) is not None]
    known.sort(key=lambda each: -each[0] if is_falling else each[0])
    return [row for _value, row in known] + [row for row in rows if figure(row) is None]


def _ratio(row: ShownRow) -> int | None:
    """Return the change in thousand-millionths; a suspended one has none."""
    if row.is_suspended or row.last_milli is None or not row.previous_close_milli:
        return None
    change = row.last_milli - row.previous_close_milli
    return change * RATIO_UNITS // row.previous_close_milli


def _price(row: ShownRow) -> int | None:
    return row.last_milli


class WatchedPage:
    """The own lists as they move; putting them in order is the next page's."""

    def __init__(self, market: Market, parts: DrawnParts, indices: Sequence[str]) -> None:
        self._market = market
        self._parts = parts
        self._indices = indices

    def page(self, head: MarketHead) -> Response:
        """Show the group asked for.

        Raises:
            NoSuchGroup: The customer has no such group.
        """
        asked = WatchAsked.of_request()
        groups = self._market.watch_groups(visitor().owner)
        group = chosen_group(groups, asked.group)
        counts = tuple((one.name, len(one.symbols)) for one in groups)
        lists = self._parts.part(
            ("watched", asked, counts, group.symbols), lambda: self._draw(asked, groups, group)
        )
        return render("market/quotes.html", head=head, lists=lists)

    def _draw(self, asked: WatchAsked, groups: Iterable[WatchGroup], group: WatchGroup) -> str:
        rows = sorted_rows(shown_rows(self._market, group.symbols), asked.sort)
        return flask.render_template(
            "market/_watched.html",
            indices=shown_rows(self._market, self._indices),
            group=group.name,
            is_first=group.name == FIRST_GROUP,
            groups=[
                (one.name, f"{one.name} {len(one.symbols)}", watched_address(one.name, asked.sort))
                for one in groups
            ],
            sorts=_sort_links(asked),
            sort_chosen=_FAMILY[asked.sort],
            rows=[(row, self._spark(row)) for row in rows],
            box=(WIDTH, HEIGHT),
            edit_href=own_address(group.name),
        )

    def _spark(self, row: ShownRow) -> Spark | None:
        """Return the line of the day that the row's price is of; none while it is suspended."""
        quote = self._market.quote(row.symbol)
        if quote is None or row.is_suspended:
            return None
        if self._market.line_day(row.symbol) != quote.at.date():
            return None
        return spark_of(self._market.line(row.symbol), row.previous_close_milli)


_FAMILY = {
    WatchSort.OWN: "own",
    WatchSort.RISE: "ratio",
    WatchSort.FALL: "ratio",
    WatchSort.DEAR: "price",
    WatchSort.CHEAP: "price",
}


def _sort_links(asked: WatchAsked) -> list[tuple[str, str, str]]:
    """Return the links of the orders; the one that is chosen turns round."""
    sort = asked.sort
    turned = {WatchSort.RISE: WatchSort.FALL, WatchSort.DEAR: WatchSort.CHEAP}
    arrow = {WatchSort.OWN: "", WatchSort.RISE: " ↓", WatchSort.DEAR: " ↓"}.get(sort, " ↑")
    names = (
        (WatchSort.OWN, _("自选顺序")),
        (WatchSort.RISE, _("涨幅")),
        (WatchSort.DEAR, _("现价")),
    )
    links = []
    for first, name in names:
        is_chosen = _FAMILY[first] == _FAMILY[sort]
        then = turned.get(sort, first) if is_chosen else first
        text = name + arrow if is_chosen else name
        links.append((_FAMILY[first], text, watched_address(asked.group, then)))
    return links
