"""The operator's file of market events: for holders, for everybody, changed, cancelled, bad."""

import os
from datetime import date
from pathlib import Path

import pytest

from h5app.wealth.event_file import COLUMNS, AllMarketEvents, BadEventFile, EventFile, read_events
from h5app.wealth.model import EntryClass
from tests.wealth.conftest import Room
from tests.wealth.fakes import CUSTOMER

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)
HEAD = ",".join(COLUMNS) + "\n"
AT = "2026-11-20T10:00:00"
BOND = f"cb-1,113001.SH,某转债,bond,2026-12-02,强赎,交易所公告,{AT},confirmed\n"
ISSUE = f"ipo-1,,某新股,subscription,2026-12-01,申购,发行公告,{AT},provisional\n"


def lay(home: Path, text: str, age: int = 0) -> None:
    """Write the file, with a time of change of its own."""
    path = home / "events.csv"
    path.write_text(HEAD + text, "utf-8")
    os.utime(path, ns=(age * 10**9, age * 10**9))


def titles(source: EventFile, *symbols: str) -> list[str]:
    """Return what concerns who follows these symbols."""
    return [each.short_name for each in source.events(symbols, FIRST, LAST)]


def test_holders_and_everybody(tmp_path: Path) -> None:
    """A bond for whoever holds it, a new issue for all; without a file nothing."""
    source = EventFile(tmp_path)
    before = titles(source, "113001.SH")
    lay(tmp_path, BOND + ISSUE)

    assert before == []
    assert titles(source, "113001.SH") == ["某转债", "某新股"]
    assert titles(source) == ["某新股"]


def test_a_changed_file_is_read_again_and_a_bad_one_is_not(tmp_path: Path) -> None:
    """What was known stays until a good file is there."""
    source = EventFile(tmp_path)
    lay(tmp_path, BOND, 1)
    first = titles(source, "113001.SH")
    lay(tmp_path, BOND.replace("bond", "wedding"), 2)
    still = titles(source, "113001.SH")
    lay(tmp_path, ISSUE, 3)

    assert first == still == ["某转债"]
    assert titles(source, "113001.SH") == ["某新股"]


def test_the_calendar_tells_them(small_room: Room, tmp_path: Path) -> None:
    """Provisional is drawn as expected, and told five days before with its source on the page."""
    lay(tmp_path, ISSUE)
    source = AllMarketEvents(small_room.events, EventFile(tmp_path))
    small_room.calendar._outside.__dict__["market_events"] = source
    small_room.calendar.meet(CUSTOMER)
    [found] = [
        each
        for each in small_room.calendar.occurrences(CUSTOMER, FIRST, LAST)
        if each.kind is EntryClass.SUBSCRIPTION
    ]
    small_room.at("2026-11-26T09:00:00")
    small_room.calendar.run_due()

    assert (found.certainty.value, found.source) == ("predicted", "发行公告")
    assert [fact.class_label for fact in small_room.told()] == ["新股申购"]


@pytest.mark.parametrize(
    "text",
    [
        "event_id,symbol\n1,2\n",
        HEAD + BOND + BOND,
        HEAD + BOND.replace("2026-12-02", "2026-13-02"),
        HEAD + BOND.replace("confirmed", "maybe"),
        HEAD + BOND.replace("cb-1", "cb 1"),
        HEAD + BOND.replace("bond", "closure"),
    ],
)
def test_bad_files_name_what_is_wrong(text: str) -> None:
    """Columns, doubled ids, dates, states, kinds."""
    with pytest.raises(BadEventFile, match=r"events\.csv"):
        read_events(text)
