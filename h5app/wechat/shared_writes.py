"""Writes that come at the same moment share one transaction: one sync to disk for all of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database

GATHER_SECONDS = 0.001
"""So long the first one waits for another; a sync to disk takes longer."""
GATHER_SECONDS_MAX = 0.02
"""Nobody waits longer for others, however many keep coming."""
TOGETHER_MAX = 64
Work = Callable[[Connection], str]


@dataclass(eq=False)
class _Piece:
    work: Work
    result: str = ""
    is_done: bool = False
    has_failed: bool = False


class SharedWrites:
    """Runs each piece of work once, committed when `run` returns.

    Work must bear being done again after a rollback: when one piece fails, the others that were
    in its transaction are done each in a transaction of its own.
    """

    def __init__(self, database: Database, wall: Clock) -> None:
        self._database = database
        self._wall = wall
        self._turn = threading.Lock()
        self._waiting: list[_Piece] = []

    def run(self, work: Work) -> str:
        """Do the work in a transaction and return its result.

        Raises:
            DatabaseBusy: No write lock in time; nothing was changed.
            DatabaseUnavailable: The database does not take it; nothing was changed.
        """
        piece = _Piece(work)
        self._waiting.append(piece)
        with self._turn:
            if not piece.is_done and not piece.has_failed:
                self._gather()
                self._do_waiting(piece)
        if piece.has_failed:
            with self._database.write() as connection:
                return work(connection)
        return piece.result

    def _gather(self) -> None:
        """Wait as long as others keep coming: those that are being prepared share the sync."""
        until = self._wall.monotonic() + GATHER_SECONDS_MAX
        seen = 0
        while seen < len(self._waiting) < TOGETHER_MAX and self._wall.monotonic() < until:
            seen = len(self._waiting)
            self._wall.sleep(GATHER_SECONDS)

    def _do_waiting(self, first: _Piece) -> None:
        """Do what waits, the caller's own piece among it."""
        others = [piece for piece in self._waiting if piece is not first]
        together = [first, *others[: TOGETHER_MAX - 1]]
        self._waiting = [piece for piece in self._waiting if piece not in together]
        try:
            with self._database.write() as connection:
                results = [piece.work(connection) for piece in together]
        except BaseException:
            for piece in together[1:]:
                piece.has_failed = True
            raise
        for piece, result in zip(together, results, strict=True):
            piece.result, piece.is_done = result, True
