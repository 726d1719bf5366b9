"""The garbage collector works between the feed's steps and never inside one."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from h5app.plumbing.collector import YOUNG_MAX, StepCollector

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ring:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """Leave the collector of the tests' process as it was."""
    yield
    gc.unfreeze()
    gc.enable()


def rings() -> tuple[list[Ring], weakref.ref[Ring]]:
    """Return enough cycles for a collection, and what says whether they are still there."""
    made = [Ring() for _ in range(2 * YOUNG_MAX)]
    return made, weakref.ref(made[0])


def test_nothing_is_collected_inside_a_step() -> None:
    """A step makes as many objects as it likes and is not stopped."""
    runs: list[str] = []
    note = lambda phase, _info: runs.append(phase)  # noqa: E731
    with StepCollector().held():
        gc.callbacks.append(note)
        made, _ = rings()
        gc.callbacks.remove(note)

    assert made
    assert runs == []


def test_memory_is_bounded_for_what_a_step_left_is_collected_behind_it() -> None:
    """Cycles of a step are gone before the next one begins, and the collector is on again."""
    collector = StepCollector()
    for _ in range(3):
        with collector.held():
            made, first = rings()
            del made
            assert first() is not None
        assert first() is None
        assert gc.isenabled()


def test_a_step_that_fails_is_collected_behind_too() -> None:
    """Whatever went wrong, the collector is on again."""
    with pytest.raises(ValueError, match="broken"), StepCollector().held():
        raise ValueError("broken")

    assert gc.isenabled()


def test_a_day_is_frozen_once_and_the_next_one_frees_it() -> None:
    """What was frozen in cycles is collected when another day begins."""
    collector = StepCollector()
    made, first = rings()
    collector.freeze_for("monday")
    frozen = gc.get_freeze_count()
    del made
    collector.freeze_for("monday")
    gc.collect()

    assert frozen >= YOUNG_MAX
    assert first() is not None

    collector.freeze_for("tuesday")

    assert first() is None
