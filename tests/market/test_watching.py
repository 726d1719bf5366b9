"""Watchlists with groups, and what was looked at last, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from h5app.market.watching import (
    FIRST_GROUP,
    GROUPS_MAX,
    VIEWED_MAX,
    WATCHED_MAX,
    BadGroupName,
    NoSuchGroup,
    Watching,
    WatchlistFull,
)

if TYPE_CHECKING:
    from h5app.kernel.clock import FrozenClock
    from h5app.plumbing.db import Database

WHO, OTHER = "c-1", "c-2"


@pytest.fixture
def watching(database: Database, wall: FrozenClock) -> Watching:
    """What customers watch, empty."""
    return Watching(database, wall)


def symbol(number: int) -> str:
    """A symbol for every number."""
    return f"{600000 + number}.SH"


def test_what_is_added_stands_on_top_and_twice_is_once(watching: Watching) -> None:
    """The newest first; adding what is there moves nothing; another customer sees none of it."""
    watching.add(WHO, symbol(1), FIRST_GROUP)
    watching.add(WHO, symbol(2), FIRST_GROUP)

    assert watching.add(WHO, symbol(1), FIRST_GROUP) == [symbol(2), symbol(1)]
    assert watching.symbols(WHO, FIRST_GROUP) == [symbol(2), symbol(1)]
    assert watching.symbols(OTHER, FIRST_GROUP) == []


def test_what_is_removed_is_gone_and_twice_is_once(watching: Watching) -> None:
    """The order of the rest stays."""
    for number in (1, 2, 3):
        watching.add(WHO, symbol(number), FIRST_GROUP)

    for _ in range(2):
        assert watching.remove(WHO, symbol(2), FIRST_GROUP) == [symbol(3), symbol(1)]
    assert watching.all_symbols(WHO) == [symbol(1), symbol(3)]


def test_a_symbol_moves_to_another_group(watching: Watching) -> None:
    """On top of it, once however often it is told; to no group that is not there."""
    watching.add_group(WHO, "银行")
    watching.add(WHO, symbol(2), "银行")
    watching.add(WHO, symbol(1), FIRST_GROUP)

    for _ in range(2):
        watching.shift(WHO, symbol(1), FIRST_GROUP, "银行")
    assert watching.symbols(WHO, "银行") == [symbol(1), symbol(2)]
    assert watching.symbols(WHO, FIRST_GROUP) == []
    with pytest.raises(NoSuchGroup):
        watching.shift(WHO, symbol(1), "银行", "券商")

    watching.add(WHO, symbol(1), FIRST_GROUP)
    watching.remove_everywhere(WHO, symbol(1))
    assert watching.all_symbols(WHO) == [symbol(2)]


def test_the_order_is_the_customer_s(watching: Watching) -> None:
    """Named ones first in their order; what was not named follows; strangers are left out."""
    for number in (1, 2, 3, 4):
        watching.add(WHO, symbol(number), FIRST_GROUP)
    wish = [symbol(1), symbol(9), symbol(3), symbol(1)]

    expected = [symbol(1), symbol(3), symbol(4), symbol(2)]
    assert watching.reorder(WHO, wish, FIRST_GROUP) == expected
    assert watching.symbols(WHO, FIRST_GROUP) == expected


def test_groups_hold_their_own(watching: Watching) -> None:
    """One symbol may stand in several groups; all of them together list it once."""
    watching.add_group(WHO, " 银行 ")
    watching.add(WHO, symbol(1), FIRST_GROUP)
    watching.add(WHO, symbol(1), "银行")
    watching.add(WHO, symbol(2), "银行")

    groups = [(group.name, group.symbols) for group in watching.groups(WHO)]
    assert groups == [(FIRST_GROUP, (symbol(1),)), ("银行", (symbol(2), symbol(1)))]
    assert watching.all_symbols(WHO) == [symbol(1), symbol(2)]


def test_a_group_may_be_renamed_and_removed(watching: Watching) -> None:
    """Its rows go with it; the first group keeps its name and is emptied instead."""
    watching.add_group(WHO, "银行")
    watching.add(WHO, symbol(2), "银行")
    watching.add(WHO, symbol(1), FIRST_GROUP)
    watching.rename_group(WHO, "银行", "大行")

    assert watching.symbols(WHO, "大行") == [symbol(2)]
    watching.remove_group(WHO, "大行")
    watching.remove_group(WHO, FIRST_GROUP)
    assert [(group.name, group.symbols) for group in watching.groups(WHO)] == [(FIRST_GROUP, ())]
    with pytest.raises(NoSuchGroup):
        watching.rename_group(WHO, FIRST_GROUP, "别的")
    with pytest.raises(NoSuchGroup):
        watching.add(WHO, symbol(1), "大行")


def test_a_name_must_be_one(watching: Watching) -> None:
    """Empty and too long ones are refused, and so is one that another group has."""
    watching.add_group(WHO, "银行")
    for name in ("", "  ", "一二三四五六七八九"):
        with pytest.raises(BadGroupName):
            watching.add_group(WHO, name)
    watching.add_group(WHO, "券商")
    with pytest.raises(BadGroupName):
        watching.rename_group(WHO, "券商", "银行")


def test_there_are_so_many_groups_and_rows(watching: Watching) -> None:
    """Both have a limit, counted over all groups of the customer."""
    for number in range(GROUPS_MAX):
        watching.add_group(WHO, f"组{number}")
    with pytest.raises(BadGroupName):
        watching.add_group(WHO, "多余")

    for number in range(WATCHED_MAX):
        watching.add(WHO, symbol(number), f"组{number % GROUPS_MAX}")
    with pytest.raises(WatchlistFull):
        watching.add(WHO, symbol(999), FIRST_GROUP)
    assert watching.add(OTHER, symbol(999), FIRST_GROUP) == [symbol(999)]


def test_moving_keeps_both_and_never_overflows(watching: Watching) -> None:
    """The taken ones follow the own ones; groups come along; what has no room is left out."""
    watching.add_group(WHO, "银行")
    watching.add(WHO, symbol(1), "银行")
    watching.add(WHO, symbol(2), FIRST_GROUP)
    watching.add(OTHER, symbol(3), FIRST_GROUP)
    watching.move(WHO, OTHER)

    assert watching.symbols(OTHER, FIRST_GROUP) == [symbol(3), symbol(2)]
    assert watching.symbols(OTHER, "银行") == [symbol(1)]
    assert watching.all_symbols(WHO) == []


def test_the_latest_page_comes_first(watching: Watching, wall: FrozenClock) -> None:
    """Seen again moves up; only so many are kept; all of it may be forgotten."""
    for number in range(VIEWED_MAX + 3):
        watching.note_viewed(WHO, symbol(number))
        wall.sleep(1)
    watching.note_viewed(WHO, symbol(5))

    viewed = watching.viewed(WHO)
    assert viewed[:2] == [symbol(5), symbol(VIEWED_MAX + 2)]
    assert len(viewed) == VIEWED_MAX
    watching.forget_viewed(WHO)
    assert watching.viewed(WHO) == []
