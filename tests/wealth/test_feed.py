"""The private calendar link, read by a second library."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from h5app.kernel.clock import FrozenClock
from h5app.wealth.ics import LINE_OCTETS_MAX, folded
from h5app.wealth.model import EntryClass, EntryDraft, Repeat
from h5app.wealth.ports import MarketEvent
from h5app.wealth.refusal import FeedNotFound
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, FakeVisitors
from tests.wealth.ledgers import demo_ledger

DRAFT = EntryDraft(
    title="房贷;扣款, 第一套",
    kind=EntryClass.REPAYMENT,
    first_on=date(2026, 12, 10),
    repeat=Repeat.MONTH,
    amount_fen=624_000,
    note="卡尾号 1234",
)


def read(text: str) -> list[icalendar.Event]:
    """Return the events of a calendar as another program understands them."""
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def named(events: list[icalendar.Event], words: str) -> list[icalendar.Event]:
    """Return the events whose summary holds the words."""
    return [event for event in events if words in str(event["SUMMARY"])]


def test_the_feed_is_a_valid_calendar(small_room: Room) -> None:
    """Everything required is there, lines end with CRLF and are at most 75 octets."""
    small_room.flows.by_account[ACCOUNT] = demo_ledger(
        date(2026, 11, 24), small_room.calendar.trading_days
    )
    small_room.calendar.meet(CUSTOMER, ACCOUNT)
    small_room.calendar.add_entry(CUSTOMER, DRAFT)
    text = small_room.calendar.feeds.text(small_room.calendar.feeds.make(CUSTOMER))
    events = read(text)

    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= LINE_OCTETS_MAX
    assert all({"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event) for event in events)
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert [event.errors for event in events if event.errors] == []


def test_an_occurrence_and_its_reminder_are_two_events(small_room: Room) -> None:
    """The day itself and, five days before, an all-day event that says so; an alarm besides."""
    small_room.calendar.add_entry(CUSTOMER, DRAFT)
    events = read(small_room.calendar.feeds.text(small_room.calendar.feeds.make(CUSTOMER)))
    first = [e for e in named(events, "房贷;扣款, 第一套") if e["DTSTART"].dt <= date(2026, 12, 31)]
    ahead, due = sorted(first, key=lambda event: event["DTSTART"].dt)

    assert due["DTSTART"].dt == date(2026, 12, 10)
    assert due["DTEND"].dt == date(2026, 12, 11)
    assert ahead["DTSTART"].dt == date(2026, 12, 5)
    assert str(ahead["SUMMARY"]).startswith("5天后:还款")
    [alarm] = due.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-5, hours=9)


def test_no_amounts_notes_or_account_by_default(small_room: Room) -> None:
    """What the link shows may be read by whoever knows it."""
    small_room.calendar.add_entry(CUSTOMER, DRAFT)
    feeds = small_room.calendar.feeds
    plain = feeds.text(feeds.make(CUSTOMER))
    shown = feeds.text(feeds.make(CUSTOMER, shows_amounts=True))

    assert "6240" not in plain
    assert "1234" not in plain
    assert ACCOUNT not in plain
    assert "6240.00" in shown


def test_uids_stay_and_sequences_rise(small_room: Room) -> None:
    """The same event keeps its UID; a change or a word raises SEQUENCE; off is CANCELLED."""
    calendar = small_room.calendar
    calendar.add_entry(CUSTOMER, DRAFT)
    token = calendar.feeds.make(CUSTOMER)
    before = {str(e["UID"]): e for e in read(calendar.feeds.text(token))}
    calendar.skip(CUSTOMER, "own-1", date(2026, 12, 10))
    skipped = {str(e["UID"]): e for e in read(calendar.feeds.text(token))}
    calendar.unmark(CUSTOMER, "own-1", date(2026, 12, 10))
    back = {str(e["UID"]): e for e in read(calendar.feeds.text(token))}
    calendar.delete_entry(CUSTOMER, 1)
    gone = named(read(calendar.feeds.text(token)), "房贷")

    [uid] = [key for key in skipped if skipped[key]["STATUS"] == "CANCELLED"]
    sequences = [int(each[uid]["SEQUENCE"]) for each in (before, skipped, back)]
    assert set(before) == set(back)
    assert sequences == sorted(set(sequences))
    assert {str(event["STATUS"]) for event in gone} == {"CANCELLED"}


def test_a_new_link_ends_the_old_one(small_room: Room) -> None:
    """Rotate and revoke; the token itself is nowhere in the database."""
    feeds = small_room.calendar.feeds
    first = feeds.make(CUSTOMER)
    second = feeds.make(CUSTOMER)
    assert feeds.text(second)
    with pytest.raises(FeedNotFound):
        feeds.text(first)
    with small_room.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM wealth_feed").all()
    assert second not in str(kept)

    feeds.revoke(CUSTOMER)

    with pytest.raises(FeedNotFound):
        feeds.text(second)


def test_classes_are_left_out(small_room: Room) -> None:
    """Per class: what is switched off is not sent."""
    feeds = small_room.calendar.feeds
    small_room.calendar.add_entry(CUSTOMER, DRAFT)
    token = feeds.make(CUSTOMER)
    feeds.choose(CUSTOMER, [EntryClass.REPAYMENT])

    assert named(read(feeds.text(token)), "房贷") == []
    assert named(read(feeds.text(token)), "休市")


def test_the_page_shows_the_address_once(
    client: FlaskClient, visitors: FakeVisitors, small_room: Room
) -> None:
    """Made, shown, and never again; behind it a calendar without cookie or sign-in."""
    made = client.post("/wealth/feed", follow_redirects=True).get_data(as_text=True)
    again = client.get("/wealth/feed").get_data(as_text=True)
    address = made.split('data-testid="address">')[1].split("<")[0]
    path = address.removeprefix("http://127.0.0.1")
    answer = client.get(path)
    same = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})

    assert "/wealth/" in path
    assert 'data-testid="address"' not in again
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "private" in answer.headers["Cache-Control"]
    assert same.status_code == 304
    assert client.get("/wealth/AAAAAAAAAAAAAAAAAAAAAA.ics").status_code == 404
    assert client.get("/wealth/x.ics").status_code == 404
    assert "最近读取" in client.get("/wealth/feed").get_data(as_text=True)


@given(st.text(alphabet="ab;年金é𠀀 ", min_size=30, max_size=400))
def test_folding_loses_nothing(text: str) -> None:
    """Unfolded it is the same text; no part is longer than 75 octets or cuts a character."""
    parts = list(folded(text))

    assert parts[0] + "".join(part[1:] for part in parts[1:]) == text
    assert all(len(part.encode()) <= LINE_OCTETS_MAX for part in parts)


def test_what_changed_says_when(small_room: Room) -> None:
    """LAST-MODIFIED is the moment of the last change or word; a moved event keeps its UID."""
    calendar = small_room.calendar
    calendar.add_entry(CUSTOMER, DRAFT)
    token = calendar.feeds.make(CUSTOMER)
    small_room.followed.watched[CUSTOMER] = {"600000.SH"}
    event = MarketEvent(
        event_id="600000.SH.listing",
        symbol="600000.SH",
        short_name="某银行",
        kind=EntryClass.LISTING,
        on=date(2026, 12, 8),
        source="交易所公告",
        fetched_at=FrozenClock("2026-11-20T10:00:00").now(),
    )
    small_room.events.known = [event]
    before = {str(e["UID"]): e for e in read(calendar.feeds.text(token))}
    small_room.at("2026-11-25T08:00:00")
    calendar.change_entry(CUSTOMER, 1, replace(DRAFT, title="房贷"))
    fetched_at = FrozenClock("2026-11-25T10:00:00").now()
    small_room.events.known = [replace(event, on=date(2026, 12, 9), fetched_at=fetched_at)]
    after = {str(e["UID"]): e for e in read(calendar.feeds.text(token))}

    loans = [uid for uid, each in after.items() if str(each["SUMMARY"]) == "还款 房贷"]
    [listing] = [uid for uid, each in after.items() if str(each["SUMMARY"]).startswith("新股上市")]
    assert {before[uid]["LAST-MODIFIED"].dt for uid in loans} == {utc("2026-11-24T01:30:00")}
    assert {after[uid]["LAST-MODIFIED"].dt for uid in loans} == {utc("2026-11-25T00:00:00")}
    assert before[listing]["DTSTART"].dt == date(2026, 12, 8)
    assert after[listing]["DTSTART"].dt == date(2026, 12, 9)
    assert after[listing]["SEQUENCE"] > before[listing]["SEQUENCE"]


def utc(text: str) -> datetime:
    """Return a moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
