"""What a customer watches and looked at: groups of symbols in his own order, and the last pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market import store_watch as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from h5app.kernel.clock import Clock
    from h5app.plumbing.db import Database

FIRST_GROUP = "自选"
"""Every customer has this group; it cannot be removed or renamed."""
WATCHED_MAX = 200
GROUPS_MAX = 10
GROUP_NAME_LENGTH_MAX = 8
VIEWED_MAX = 20


class WatchlistFull(AppError):
    """All groups together hold WATCHED_MAX rows at most."""

    code = "market.watchlist_full"
    status = 422
    sentence = f"自选最多 {WATCHED_MAX} 只,请先删除不再关注的"


class NoSuchGroup(AppError):
    """The customer has no group of this name."""

    code = "market.no_such_group"
    status = 404
    sentence = "没有这个分组,请刷新后重试"


class BadGroupName(AppError):
    """A group cannot have this name; which of the four below says why."""

    code = "market.bad_group_name"
    status = 422
    sentence = f"分组名称须为 1 到 {GROUP_NAME_LENGTH_MAX} 个字且不重复,最多 {GROUPS_MAX} 个分组"


class GroupNameMissing(BadGroupName):
    """Nothing, or nothing but spaces."""

    code = "market.group_name_missing"
    sentence = f"请填写分组名称,1 到 {GROUP_NAME_LENGTH_MAX} 个字"


class GroupNameTooLong(BadGroupName):
    """More than GROUP_NAME_LENGTH_MAX characters."""

    code = "market.group_name_too_long"
    sentence = f"分组名称最多 {GROUP_NAME_LENGTH_MAX} 个字,请改短一些"


class GroupNameTaken(BadGroupName):
    """Another group of the customer has it, or it is the first one's."""

    code = "market.group_name_taken"
    sentence = "已有同名分组,请换一个名称"


class TooManyGroups(BadGroupName):
    """The customer made GROUPS_MAX groups already."""

    code = "market.too_many_groups"
    sentence = f"最多新建 {GROUPS_MAX} 个分组,请先删除不用的"


@dataclass(frozen=True, slots=True)
class WatchGroup:
    """One group and its symbols in the customer's order."""

    name: str
    symbols: tuple[str, ...]


class Watching:
    """Keeps what customers watch. A symbol is known to be one before it comes here."""

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall

    def symbols(self, customer_id: str, group: str) -> list[str]:
        """Return a group's symbols."""
        with self._database.read() as connection:
            return store.watched(connection, customer_id, group)

    def all_symbols(self, customer_id: str) -> list[str]:
        """Return the symbols of all groups, each once."""
        with self._database.read() as connection:
            return store.watched_anywhere(connection, customer_id)

    def groups(self, customer_id: str) -> list[WatchGroup]:
        """Return all groups, the first one always among them."""
        with self._database.read() as connection:
            names = [FIRST_GROUP, *store.groups(connection, customer_id)]
            return [
                WatchGroup(name, tuple(store.watched(connection, customer_id, name)))
                for name in names
            ]

    def add(self, customer_id: str, symbol: str, group: str) -> list[str]:
        """Put a symbol on top of a group; one that is there stays where it is.

        Raises:
            WatchlistFull: There is no room.
            NoSuchGroup: The customer has no such group.
        """
        with self._database.write() as connection:
            self._check_group(connection, customer_id, group)
            before = store.watched(connection, customer_id, group)
            if symbol in before:
                return before
            if store.count_watched(connection, customer_id) >= WATCHED_MAX:
                raise WatchlistFull
            after = [symbol, *before]
            store.set_watched(connection, customer_id, group, after)
        return after

    def remove(self, customer_id: str, symbol: str, group: str) -> list[str]:
        """Take a symbol out of a group; one that is not there is no mistake."""
        with self._database.write() as connection:
            before = store.watched(connection, customer_id, group)
            after = [each for each in before if each != symbol]
            if after != before:
                store.set_watched(connection, customer_id, group, after)
        return after

    def remove_everywhere(self, customer_id: str, symbol: str) -> None:
        """Take a symbol out of every group."""
        with self._database.write() as connection:
            store.remove_watched(connection, customer_id, symbol)

    def shift(self, customer_id: str, symbol: str, group: str, target: str) -> None:
        """Take a symbol out of a group and put it on top of another; what is not in it stays away.

        Raises:
            NoSuchGroup: The customer has no such group as the target.
        """
        with self._database.write() as connection:
            self._check_group(connection, customer_id, target)
            before = store.watched(connection, customer_id, group)
            if symbol not in before or group == target:
                return
            rest = [each for each in before if each != symbol]
            store.set_watched(connection, customer_id, group, rest)
            there = store.watched(connection, customer_id, target)
            if symbol not in there:
                store.set_watched(connection, customer_id, target, [symbol, *there])

    def reorder(self, customer_id: str, symbols: Sequence[str], group: str) -> list[str]:
        """Put a group into this order; what is not named follows, what is not in it is left out."""
        with self._database.write() as connection:
            before = store.watched(connection, customer_id, group)
            named = [each for each in dict.fromkeys(symbols) if each in before]
            after = named + [each for each in before if each not in named]
            store.set_watched(connection, customer_id, group, after)
        return after

    def add_group(self, customer_id: str, name: str) -> None:
        """Add an empty group.

        Raises:
            BadGroupName: Empty, too long, taken, or there are GROUPS_MAX already.
        """
        with self._database.write() as connection:
            names = store.groups(connection, customer_id)
            name = _checked_name(name, names)
            if len(names) >= GROUPS_MAX:
                raise TooManyGroups
            store.add_group(connection, customer_id, name, len(names) + 1)

    def rename_group(self, customer_id: str, group: str, name: str) -> None:
        """Give a group another name.

        Raises:
            NoSuchGroup: The customer made no such group.
            BadGroupName: The name is empty, too long or taken.
        """
        with self._database.write() as connection:
            names = store.groups(connection, customer_id)
            if group not in names:
                raise NoSuchGroup
            name = _checked_name(name, [each for each in names if each != group])
            if name != group:
                store.rename_group(connection, customer_id, group, name)

    def remove_group(self, customer_id: str, group: str) -> None:
        """Forget a group and what is in it; the first one is emptied instead."""
        with self._database.write() as connection:
            store.remove_group(connection, customer_id, group)

    def note_viewed(self, customer_id: str, symbol: str) -> None:
        """Note that the page of an instrument was opened; again and again is noted once.

        Raises:
            DatabaseBusy: Somebody else writes; it was not noted, and nobody waited for it.
        """
        with self._database.read() as connection:
            if store.viewed(connection, customer_id, 1) == [symbol]:
                return
        with self._database.write_if_soon() as connection:
            store.note_viewed(connection, customer_id, symbol, self._wall.now())
            kept = store.viewed(connection, customer_id, VIEWED_MAX)
            store.forget_viewed(connection, customer_id, kept)

    def viewed(self, customer_id: str) -> list[str]:
        """Return what was looked at, the latest first."""
        with self._database.read() as connection:
            return store.viewed(connection, customer_id, VIEWED_MAX)

    def forget_viewed(self, customer_id: str) -> None:
        """Forget what was looked at."""
        with self._database.write() as connection:
            store.forget_viewed(connection, customer_id, ())

    def move(self, from_customer_id: str, to_customer_id: str) -> None:
        """Give one customer what another one watches; doing it twice changes nothing."""
        with self._database.write() as connection:
            for group in (FIRST_GROUP, *store.groups(connection, from_customer_id)):
                taken = store.watched(connection, from_customer_id, group)
                own = store.watched(connection, to_customer_id, group)
                room = WATCHED_MAX - store.count_watched(connection, to_customer_id)
                fresh = [each for each in taken if each not in own][: max(0, room)]
                _keep_group(connection, to_customer_id, group)
                store.set_watched(connection, to_customer_id, group, [*own, *fresh])
                store.remove_group(connection, from_customer_id, group)
            store.forget_viewed(connection, from_customer_id, ())

    def _check_group(self, connection: Connection, customer_id: str, group: str) -> None:
        if group != FIRST_GROUP and group not in store.groups(connection, customer_id):
            raise NoSuchGroup


def _keep_group(connection: Connection, customer_id: str, group: str) -> None:
    names = store.groups(connection, customer_id)
    if group != FIRST_GROUP and group not in names:
        store.add_group(connection, customer_id, group, len(names) + 1)


def _checked_name(name: str, taken: Sequence[str]) -> str:
    name = " ".join(name.split())
    if not name:
        raise GroupNameMissing
    if len(name) > GROUP_NAME_LENGTH_MAX:
        raise GroupNameTooLong
    if name in (FIRST_GROUP, *taken):
        raise GroupNameTaken
    return name
