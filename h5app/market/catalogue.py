"""All instruments at one moment, looked up by symbol and found by words; renewed when they change.

A search takes code, name, pinyin initials or a code of before (BSE), the best match first.
"""

from __future__ import annotations

import heapq
import unicodedata
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market.model import EventState, ListingStatus
from h5app.plumbing.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from h5app.kernel.clock import Clock
    from h5app.market.model import CorporateAction, Instrument
    from h5app.market.store import MarketStore

CHECK_SECONDS = 2.0
"""How long a change of the tables may go unseen."""
WORDS_LENGTH_MAX = 40
_NOT_FOUND = 99

log = get_logger(__name__)


class Catalogue:
    """Instruments, their corporate actions and their old codes; never changes."""

    def __init__(
        self,
        instruments: Iterable[Instrument],
        actions: Iterable[CorporateAction] = (),
        symbol_by_old_code: Mapping[str, str] | None = None,
        version: int = 0,
    ) -> None:
        self.version = version
        self.by_symbol = {one.symbol: one for one in instruments}
        self._actions: dict[str, list[CorporateAction]] = {}
        for action in actions:
            self._actions.setdefault(action.symbol, []).append(action)
        self._old_codes: dict[str, set[str]] = {}
        for code, symbol in (symbol_by_old_code or {}).items():
            self._old_codes.setdefault(symbol, set()).add(code)
        for one in self.by_symbol.values():
            if one.old_code:
                self._old_codes.setdefault(one.symbol, set()).add(one.old_code)

    def actions(self, symbol: str) -> list[CorporateAction]:
        """Return what happened and is to happen to an instrument, cancelled things too."""
        return self._actions.get(symbol, [])

    def action_on(self, symbol: str, on: object) -> CorporateAction | None:
        """Return the action whose ex day this is; a cancelled one is none."""
        return next(
            (
                each
                for each in self.actions(symbol)
                if each.ex_on == on and each.state is not EventState.CANCELLED
            ),
            None,
        )

    def search(self, words: str, limit: int) -> list[Instrument]:
        """Return what fits all the words, best first; nothing for no words."""
        asked = _plain(words)[:WORDS_LENGTH_MAX].split()
        if not asked:
            return []
        found = (
            (max(self._rank(one, word) for word in asked), _weight(one), one.symbol)
            for one in self.by_symbol.values()
        )
        best = heapq.nsmallest(limit, (each for each in found if each[0] < _NOT_FOUND))
        return [self.by_symbol[symbol] for _, _, symbol in best]

    def _rank(self, one: Instrument, word: str) -> int:
        """Return how well an instrument fits a word: 0 is the thing itself."""
        name = one.short_name.upper()
        old_codes = self._old_codes.get(one.symbol, ())
        if word in (one.symbol, one.code, name) or word in old_codes:
            return 0
        if one.code.startswith(word) or one.pinyin == word:
            return 1
        if name.startswith(word) or one.pinyin.startswith(word):
            return 2
        if word in name or any(code.startswith(word) for code in old_codes):
            return 3
        return 4 if word in one.pinyin else _NOT_FOUND


class LiveCatalogue:
    """The catalogue of the tables as they are, read again when they were changed."""

    def __init__(self, store: MarketStore, wall: Clock) -> None:
        self._store = store
        self._wall = wall
        self._catalogue: Catalogue | None = None
        self._checked_at = 0.0

    def current(self) -> Catalogue:
        """Return the instruments; a change shows within CHECK_SECONDS.

        While the database does not answer, what was read last goes on being used.

        Raises:
            DatabaseUnavailable: It does not answer, and nothing was read so far.
        """
        now = self._wall.monotonic()
        if self._catalogue is not None and now - self._checked_at < CHECK_SECONDS:
            return self._catalogue
        self._checked_at = now
        try:
            return self._renewed()
        except AppError as refused:
            if self._catalogue is None:
                raise
            log.warning("catalogue_not_renewed", error_code=refused.code)
            return self._catalogue

    def _renewed(self) -> Catalogue:
        version = self._store.version()
        if self._catalogue is None or self._catalogue.version != version:
            self._catalogue = Catalogue(
                self._store.instruments(), self._store.actions(), self._store.aliases(), version
            )
        return self._catalogue


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).upper()


def _weight(one: Instrument) -> tuple[bool, bool, bool]:
    """Return what comes first among equals: listed shares, then other things, then indices."""
    return one.status is ListingStatus.DELISTED, one.is_index, not one.board.is_share
