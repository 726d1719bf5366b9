"""The garbage collector of a process that answers in bursts: between its steps, never inside one.

A full market's quotes are some hundred thousand young objects. The collector walks over them, and
over all that was there before, several times in every burst, and finds nothing: they form no
cycles and go when they are replaced. So it waits while a step runs. What a day holds throughout is
frozen once and walked over no more.
"""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

YOUNG_MAX = 5_000
"""So many more objects made than freed since the last collection call for one after a step."""


class StepCollector:
    """Holds the collector back during a step and lets it work after it."""

    def __init__(self) -> None:
        self._frozen_for: object = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Collect nothing while the block runs; behind it, what has come together."""
        was_on = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if gc.get_count()[0] >= YOUNG_MAX:
                gc.collect()
            if was_on:
                gc.enable()

    def freeze_for(self, period: object) -> None:
        """Freeze what is there when a period begins (a day); again for the same one does nothing.

        What the period before left behind is collected first.
        """
        if period is None or period == self._frozen_for:
            return
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._frozen_for = period
