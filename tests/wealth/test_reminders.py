"""Reminders: five days ahead, once, however often and however late the job runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from h5app.wealth.model import EntryClass, EntryDraft, HolidayRule, Repeat, Wishes
from h5app.wealth.ports import MarketEvent
from h5app.wealth.refusal import BadMark
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, OTHER


def draft(first_on: date, **more: object) -> EntryDraft:
    """An own entry."""
    values: dict[str, object] = {"title": "房贷扣款", "kind": EntryClass.REPAYMENT}
    return EntryDraft(first_on=first_on, **(values | more))  # type: ignore[arg-type]


def test_it_is_told_five_days_before_at_nine(room: Room) -> None:
    """Not a minute before 09:00 of the fifth day before, and with no amount in its public part."""
    room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3), amount_fen=956_00))

    room.at("2026-11-28T08:59:59")
    early = room.calendar.run_due()
    room.at("2026-11-28T09:00:00")
    due = room.calendar.run_due()
    [fact] = room.told()

    assert (early, due) == (0, 1)
    assert (fact.title, fact.class_label, fact.days_left) == ("房贷扣款", "还款", 5)
    assert fact.due_on == date(2026, 12, 3)
    assert fact.reminder_key == "own-1:2026-12-03:5"
    assert "956" not in fact.title + fact.class_label
    assert fact.amount_fen == 956_00


def test_running_again_tells_nothing_more(small_room: Room) -> None:
    """The job may run every few seconds."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    for moment in ("2026-11-28T09:00:00", "2026-11-28T09:00:02", "2026-11-29T09:00:00"):
        small_room.at(moment)
        small_room.calendar.run_due()

    assert len(small_room.told()) == 1


def test_many_workers_tell_it_once(room: Room) -> None:
    """Eight runs at the same moment, forty customers: forty reminders."""
    for number in range(40):
        room.calendar.add_entry(f"c-{number}", draft(date(2026, 12, 3)))
    room.at("2026-11-28T09:00:00")

    with ThreadPoolExecutor(8) as workers:
        counts = list(workers.map(lambda _each: room.calendar.run_due(), range(8)))

    told = [fact.customer_id for fact in room.told()]
    assert sum(counts) == 40
    assert sorted(told) == sorted({f"c-{number}" for number in range(40)})


def test_a_late_run_tells_once_and_nothing_that_is_past(room: Room) -> None:
    """Two days without a job: told with the days that are left; a past day is not told."""
    room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    room.calendar.add_entry(CUSTOMER, draft(date(2026, 11, 29), title="已经过去"))

    room.at("2026-11-30T15:00:00")
    room.calendar.run_due()
    [fact] = room.told()

    assert (fact.title, fact.days_left) == ("房贷扣款", 3)


def test_each_occurrence_is_told_when_days_are_skipped_one_by_one(small_room: Room) -> None:
    """A weekly entry over four weeks of runs: one reminder a week."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 1), repeat=Repeat.WEEK))
    for day in range(25, 31):
        small_room.at(f"2026-11-{day:02d}T09:00:00")
        small_room.calendar.run_due()
    for day in range(1, 22):
        small_room.at(f"2026-12-{day:02d}T09:00:00")
        small_room.calendar.run_due()

    assert [fact.due_on.day for fact in small_room.told()] == [1, 8, 15, 22]


def test_what_is_written_down_inside_its_lead_is_told_the_next_morning(small_room: Room) -> None:
    """An entry due in three days, written at half past nine, is told tomorrow at nine."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 11, 27)))

    now = small_room.calendar.run_due()
    small_room.at("2026-11-25T09:00:00")
    small_room.calendar.run_due()
    [fact] = small_room.told()

    assert now == 0
    assert fact.days_left == 2


@pytest.mark.parametrize(
    ("kind", "due_on", "told_on"),
    [
        (EntryClass.BANK_TRANSFER, date(2026, 12, 4), "2026-11-27"),  # D-5 is a Sunday... Friday
        (EntryClass.BANK_TRANSFER, date(2026, 12, 3), "2026-11-27"),  # D-5 is Saturday
        (EntryClass.BANK_TRANSFER, date(2026, 12, 2), "2026-11-27"),
        (EntryClass.BILL, date(2026, 12, 3), "2026-11-28"),  # a weekend does not matter
    ],
)
def test_what_needs_a_trading_day_is_told_on_one(
    small_room: Room, kind: EntryClass, due_on: date, told_on: str
) -> None:
    """银证转账: the last trading day on or before the fifth day."""
    entry = small_room.calendar.add_entry(CUSTOMER, draft(due_on, kind=kind))
    occurrence = small_room.calendar.occurrence(CUSTOMER, entry.ref, due_on)

    [telling] = small_room.calendar.tellings(CUSTOMER, occurrence)

    assert telling.at.isoformat() == f"{told_on}T09:00:00+08:00"


def test_in_a_long_holiday_money_is_moved_before_it(small_room: Room) -> None:
    """Due 7 October, D-5 within the National Day holiday: told on 30 September."""
    small_room.at("2026-09-01T09:30:00")
    entry = small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 10, 7)))
    occurrence = small_room.calendar.occurrence(CUSTOMER, entry.ref, date(2026, 10, 7))

    [telling] = small_room.calendar.tellings(CUSTOMER, occurrence)

    assert telling.at.date() == date(2026, 9, 30)


def test_done_and_skipped_occurrences_are_not_told(small_room: Room) -> None:
    """Paying closes the reminder of this occurrence and of no other."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3), repeat=Repeat.WEEK))
    small_room.calendar.mark_done(CUSTOMER, "own-1", date(2026, 12, 3))
    small_room.calendar.skip(CUSTOMER, "own-1", date(2026, 12, 10))

    for moment in ("2026-11-28", "2026-12-05", "2026-12-12"):
        small_room.at(f"{moment}T09:00:00")
        small_room.calendar.run_due()

    assert [fact.due_on for fact in small_room.told()] == [date(2026, 12, 17)]


def test_taking_the_word_back_tells_again_only_what_was_not_told(small_room: Room) -> None:
    """Undo brings the reminder back; one that went out before stays one."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    small_room.calendar.mark_done(CUSTOMER, "own-1", date(2026, 12, 3))
    small_room.at("2026-11-28T09:00:00")
    while_done = small_room.calendar.run_due()
    small_room.calendar.unmark(CUSTOMER, "own-1", date(2026, 12, 3))
    after = small_room.calendar.run_due()
    small_room.calendar.mark_done(CUSTOMER, "own-1", date(2026, 12, 3))
    small_room.calendar.unmark(CUSTOMER, "own-1", date(2026, 12, 3))

    assert (while_done, after, small_room.calendar.run_due()) == (0, 1, 0)


def test_a_snooze_tells_it_once_more(room: Room) -> None:
    """Told on the fifth day, put off to the day before, told again then, and no more."""
    room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    room.at("2026-11-28T09:00:00")
    room.calendar.run_due()
    room.calendar.snooze(CUSTOMER, "own-1", date(2026, 12, 3), date(2026, 12, 2))
    for moment in ("2026-11-29", "2026-12-02", "2026-12-03"):
        room.at(f"{moment}T09:00:00")
        room.calendar.run_due()

    assert [fact.days_left for fact in room.told()] == [5, 1]


def test_a_snooze_must_lie_ahead(small_room: Room) -> None:
    """Yesterday is refused."""
    with pytest.raises(BadMark):
        small_room.calendar.snooze(CUSTOMER, "own-1", date(2026, 12, 3), date(2026, 11, 24))


def test_lead_and_hour_follow_the_customer(small_room: Room) -> None:
    """Per entry before per class; off is off; the hour is his own."""
    wishes = Wishes(lead_days={EntryClass.REPAYMENT: 3, EntryClass.BILL: None}, hour=20)
    small_room.calendar.wish(CUSTOMER, wishes)
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3), lead_days=0, title="当天"))
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3), kind=EntryClass.BILL))
    told = []
    for moment in ("11-30T19:59:00", "11-30T20:00:00", "12-03T20:00:00"):
        small_room.at(f"2026-{moment}")
        small_room.calendar.run_due()
        told.append([fact.title for fact in small_room.told()])

    assert told == [[], ["房贷扣款"], ["当天"]]


def test_a_longer_lead_does_not_tell_again_what_was_told(small_room: Room) -> None:
    """The lead is changed from 5 to 7 after the reminder went out."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    small_room.at("2026-11-28T09:00:00")
    small_room.calendar.run_due()
    small_room.calendar.wish(CUSTOMER, Wishes(lead_days={EntryClass.REPAYMENT: 7}))

    assert small_room.calendar.run_due() == 0


def test_a_deleted_entry_is_not_told_and_a_restored_one_is(small_room: Room) -> None:
    """Delete and undo."""
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 12, 3)))
    small_room.calendar.delete_entry(CUSTOMER, 1)
    small_room.at("2026-11-28T09:00:00")
    deleted = small_room.calendar.run_due()
    small_room.calendar.restore_entry(CUSTOMER, 1)

    assert (deleted, small_room.calendar.run_due()) == (0, 1)


def dividend(**more: object) -> MarketEvent:
    """An ex-day six days ahead."""
    values: dict[str, object] = {
        "event_id": "600900.SH:ex:1",
        "symbol": "600900.SH",
        "short_name": "长江电力",
        "kind": EntryClass.EX_RIGHT,
        "on": date(2026, 11, 30),
        "title": "每10股派7.33元",
    }
    return MarketEvent(**(values | more))  # type: ignore[arg-type]


def test_events_of_what_is_held_or_watched_are_told(small_room: Room) -> None:
    """The holder and the watcher are told, nobody else; the address names no security."""
    small_room.events.known.append(dividend())
    small_room.followed.held[ACCOUNT] = {"600900.SH"}
    small_room.followed.watched[OTHER] = {"600900.SH"}
    small_room.calendar.meet(CUSTOMER, ACCOUNT)
    small_room.calendar.meet(OTHER)
    small_room.calendar.meet("c-3")

    small_room.at("2026-11-25T09:00:00")
    small_room.calendar.run_due()
    told = small_room.told()

    assert [fact.customer_id for fact in told] == [CUSTOMER, OTHER]
    assert told[0].security_name == "长江电力"
    assert "600900" not in told[0].entry_ref + told[0].reminder_key
    assert "长江" not in told[0].title


def test_a_cancelled_event_is_not_told(small_room: Room) -> None:
    """What was called off is nobody's reminder."""
    small_room.events.known.append(dividend(is_cancelled=True))
    small_room.followed.watched[CUSTOMER] = {"600900.SH"}
    small_room.calendar.meet(CUSTOMER)
    small_room.at("2026-11-25T09:00:00")

    assert small_room.calendar.run_due() == 0


def test_an_allotment_is_told_again_on_the_day(small_room: Room) -> None:
    """中签缴款 is told ahead and once more on its day."""
    event = dividend(kind=EntryClass.ALLOTMENT, on=date(2026, 12, 3))
    small_room.events.known.append(event)
    small_room.followed.held[ACCOUNT] = {"600900.SH"}
    small_room.calendar.meet(CUSTOMER, ACCOUNT)
    for moment in ("2026-11-27", "2026-11-28", "2026-12-03"):
        small_room.at(f"{moment}T09:00:00")
        small_room.calendar.run_due()

    assert [fact.days_left for fact in small_room.told()] == [6, 0]


def test_both_reminders_of_a_late_run_are_told_as_one(small_room: Room) -> None:
    """Nobody ran until the day itself: one message, not two."""
    event = dividend(kind=EntryClass.ALLOTMENT, on=date(2026, 12, 3))
    small_room.events.known.append(event)
    small_room.followed.held[ACCOUNT] = {"600900.SH"}
    small_room.calendar.meet(CUSTOMER, ACCOUNT)
    small_room.at("2026-12-03T10:00:00")

    counts = [small_room.calendar.run_due() for _run in range(3)]

    assert counts == [1, 0, 0]


def test_a_holiday_rule_moves_day_and_reminder(small_room: Room) -> None:
    """1 October moved earlier: due on 30 September."""
    small_room.at("2026-09-01T09:30:00")
    rule = HolidayRule.EARLIER
    small_room.calendar.add_entry(CUSTOMER, draft(date(2026, 10, 1), holiday_rule=rule))
    small_room.at("2026-09-25T09:00:00")
    small_room.calendar.run_due()
    [fact] = small_room.told()

    assert (fact.due_on, fact.occurrence_on) == (date(2026, 9, 30), date(2026, 10, 1))
