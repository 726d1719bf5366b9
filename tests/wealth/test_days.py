"""A table of days that changes in November: what depends on it is computed again."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from h5app.app import create_app
from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database
from h5app.wealth.day_watch import DayFiles
from h5app.wealth.model import EntryClass, EntryDraft, HolidayRule, Repeat
from tests.wealth.conftest import Room, make_room
from tests.wealth.fakes import ACCOUNT, CUSTOMER
from tests.wealth.ledgers import demo_ledger

TODAY = date(2026, 11, 24)
SPRING = {
    "years": {
        "2027": {
            "holidays": [
                ["2027-01-01", "2027-01-03", "元旦"],
                ["2027-02-05", "2027-02-16", "春节"],
            ],
            "make_up_days": ["2027-02-20"],
        }
    }
}


@pytest.fixture
def room(sqlite_database: Database, tmp_path: Path, market_clock: FrozenClock) -> Room:
    """A calendar whose operator may lay files into its home."""
    days = load_trading_days(tmp_path)
    room = make_room(sqlite_database, days, market_clock, DayFiles(days, tmp_path).refresh)
    room.flows.by_account[ACCOUNT] = demo_ledger(TODAY, load_trading_days())
    room.calendar.meet(CUSTOMER, ACCOUNT)
    room.calendar.learn_due()
    return room


def lay(home: Path, document: object) -> None:
    """Write the operator's file, with a time of change that is surely another one."""
    path = home / "days.json"
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))


def loan_of_february(room: Room) -> date:
    """Return the day on which the mortgage of February is expected."""
    found = room.calendar.occurrences(CUSTOMER, date(2027, 2, 1), date(2027, 2, 28), ACCOUNT)
    return next(each.due_on for each in found if each.title == "住房贷款还款")


def test_a_new_table_moves_what_depends_on_it(room: Room, tmp_path: Path) -> None:
    """On the same day, without a restart: learned payments, own entries, closures."""
    own = EntryDraft(
        title="缴费",
        kind=EntryClass.BILL,
        first_on=date(2026, 12, 16),
        repeat=Repeat.MONTH,
        holiday_rule=HolidayRule.LATER,
    )
    room.calendar.add_entry(CUSTOMER, own)
    before = loan_of_february(room)
    lay(tmp_path, SPRING)
    learned = room.calendar.learn_due()
    again = room.calendar.learn_due()
    found = room.calendar.occurrences(CUSTOMER, date(2027, 2, 1), date(2027, 2, 28), ACCOUNT)

    assert before == date(2027, 2, 13) or before < date(2027, 2, 17)
    assert (learned, again) == (1, 0)
    assert loan_of_february(room) == date(2027, 2, 17)
    assert [each.due_on for each in found if each.ref == "own-1"] == [date(2027, 2, 17)]
    assert room.calendar.trading_days.is_published(2027)


def test_identities_and_reminders_survive_a_new_table(room: Room, tmp_path: Path) -> None:
    """The moved payment is the same occurrence: told once, whatever the table said before."""
    room.at("2027-02-04T09:00:00")
    room.flows.by_account[ACCOUNT] = demo_ledger(date(2027, 2, 4), load_trading_days())
    room.calendar.run_due()
    told = [fact for fact in room.told() if fact.title == "住房贷款还款"]
    lay(tmp_path, SPRING)
    for day in range(5, 17):
        room.at(f"2027-02-{day:02d}T09:00:00")
        room.calendar.run_due()
    again = [fact for fact in room.told() if fact.title == "住房贷款还款"]

    assert len(told) + len(again) == 1


def test_a_bad_table_changes_nothing(room: Room, tmp_path: Path) -> None:
    """It is logged; the days stay as they were, and a good one is taken afterwards."""
    before = loan_of_february(room)
    (tmp_path / "days.json").write_text("{", "utf-8")
    room.calendar.learn_due()
    still = loan_of_february(room)
    lay(tmp_path, SPRING)
    room.calendar.learn_due()

    assert before == still
    assert loan_of_february(room) == date(2027, 2, 17)


def test_another_process_s_table_is_noticed(room: Room, tmp_path: Path) -> None:
    """After a restart with the new file everything is computed again, once."""
    lay(tmp_path, SPRING)
    days = load_trading_days(tmp_path)
    restarted = make_room(room.database, days, room.clock)
    restarted.flows.by_account = room.flows.by_account
    counts = [restarted.calendar.learn_due() for _each in range(2)]

    assert counts == [1, 0]
    assert loan_of_february(restarted) == date(2027, 2, 17)


def test_a_year_that_is_not_published_says_so(client: FlaskClient) -> None:
    """On the month's page until the notice is there."""
    page = client.get("/wealth/?month=2027-02").get_data(as_text=True)
    this_year = client.get("/wealth/?month=2026-11").get_data(as_text=True)

    assert "2027年节假日安排尚未公布" in page
    assert "尚未公布" not in this_year


def test_the_link_s_address_is_limited(tmp_path: Path, sqlite_database: Database) -> None:
    """Who tries addresses is stopped after a while."""
    database_url = str(sqlite_database.engine.url)
    config = Config(home=tmp_path, base_url="http://127.0.0.1", database_url=database_url)
    browser = create_app(config).test_client()
    statuses = [browser.get("/wealth/x.ics").status_code for _each in range(121)]

    assert statuses == [404] * 120 + [429]


def test_clocks_that_jump_tell_nothing_twice(small_room: Room) -> None:
    """A month ahead, back, and ahead again: what was told stays told, what is past is not told."""
    draft = EntryDraft(
        title="月供", kind=EntryClass.REPAYMENT, first_on=date(2026, 12, 3), repeat=Repeat.MONTH
    )
    small_room.calendar.add_entry(CUSTOMER, draft)
    days = ("2026-11-28", "2026-12-29", "2026-11-28", "2026-12-29", "2028-02-28")
    for day in days:
        small_room.at(f"{day}T09:00:00")
        small_room.calendar.run_due()
    told = [fact.due_on for fact in small_room.told()]

    assert told == [date(2026, 12, 3), date(2027, 1, 3), date(2028, 3, 3)]
    assert timedelta(0) <= told[-1] - date(2028, 2, 28) <= timedelta(days=5)
