"""The month's page: what is short, the week, and learned streams in the customer's own words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from h5app.identity.model import Tier
from h5app.wealth.model import EntryClass, EntryDraft, OccurrenceState
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, FakeVisitors
from tests.wealth.ledgers import demo_ledger

Page = Callable[[str], str]
DRAFT = EntryDraft(
    title="房租", kind=EntryClass.BILL, first_on=date(2026, 11, 26), amount_fen=342_000
)


@pytest.fixture
def bound(small_room: Room, visitors: FakeVisitors) -> Room:
    """A customer with an account and its ledger, who gave his password."""
    today = date(2026, 11, 24)
    small_room.flows.by_account[ACCOUNT] = demo_ledger(today, small_room.calendar.trading_days)
    visitors.bound(Tier.STEPPED_UP)
    small_room.calendar.meet(CUSTOMER, ACCOUNT)
    return small_room


def stream_id(room: Room, title: str) -> int:
    """Return the number of a learned stream."""
    return next(
        each.stream_id for each in room.calendar.streams.all(ACCOUNT) if each.facts.title == title
    )


def test_what_is_missing_in_five_days_is_said(
    get_page: Page, bound: Room, visitors: FakeVisitors
) -> None:
    """Payments of the next five days against the account's cash; masked without the password."""
    bound.calendar.add_entry(CUSTOMER, DRAFT)
    bound.calendar.add_entry(CUSTOMER, replace(DRAFT, first_on=date(2026, 11, 30)))
    bound.balances.by_account[ACCOUNT] = 222_000
    opened = get_page("/wealth/")
    bound.balances.by_account[ACCOUNT] = 400_000
    enough = get_page("/wealth/")
    visitors.bound()
    bound.balances.by_account[ACCOUNT] = 0
    masked = get_page("/wealth/")

    assert "近5天需付 3,420.00 元，还差 1,200.00 元" in opened
    assert "近5天需付1笔，3,420.00 元" in enough
    assert "近5天需付 **** 元，还差 **** 元" in masked
    assert "3,420" not in masked


def test_the_warning_never_leaves_the_page(bound: Room) -> None:
    """No reminder tells what an account has or lacks."""
    bound.calendar.add_entry(CUSTOMER, DRAFT)
    bound.balances.by_account[ACCOUNT] = 0
    bound.at("2026-11-25T09:00:00")
    bound.calendar.remind_due()

    assert [fact.amount_fen for fact in bound.told() if fact.title == "房租"] == [342_000]


def test_a_payment_that_is_done_is_not_missing(get_page: Page, bound: Room) -> None:
    """What was paid needs no cash."""
    bound.calendar.add_entry(CUSTOMER, DRAFT)
    bound.calendar.mark_done(CUSTOMER, "own-1", date(2026, 11, 26))

    assert 'data-testid="soon"' not in get_page("/wealth/")


def test_the_week_is_a_strip(get_page: Page) -> None:
    """Seven days around the chosen one, and the ways to the weeks beside it and to the month."""
    page = get_page("/wealth/?view=week&day=2026-12-31")

    assert page.count('data-testid="day-') == 7
    assert 'data-testid="day-2027-01-03"' in page
    assert "view=week&amp;day=2026-12-24" in page
    assert "view=week&amp;day=2027-01-07" in page
    assert "month=2026-12" in page


def test_a_stream_goes_by_the_customer_s_words(
    client: FlaskClient, get_page: Page, bound: Room
) -> None:
    """Name, class and lead are his; learning again does not take them back; the payee stays."""
    number = stream_id(bound, "青年公寓房租")
    form = {"title": "我的房租", "kind": "transfer", "lead_days": "2"}
    changed = client.post(f"/wealth/streams/{number}", data=form, follow_redirects=True)
    bound.at("2026-11-25T00:05:00")
    bound.calendar.learn_due()
    found = [
        each
        for each in bound.calendar.occurrences(
            CUSTOMER, date(2026, 11, 25), date(2026, 12, 5), ACCOUNT
        )
        if each.ref == f"stream-{number}"
    ]

    assert [(each.title, each.kind, each.lead_days) for each in found] == [
        ("我的房租", EntryClass.TRANSFER, 2)
    ]
    assert "我的房租" in changed.get_data(as_text=True)
    assert "青年公寓房租" in get_page(f"/wealth/entries/stream-{number}")
    bound.at("2026-11-28T09:00:00")
    bound.calendar.remind_due()
    assert [fact.title for fact in bound.told() if fact.entry_ref == f"stream-{number}"] == [
        "我的房租"
    ]


@pytest.mark.parametrize(
    "form",
    [
        {"title": "长" * 21, "kind": "bill"},
        {"title": "", "kind": "closure"},
        {"title": "", "kind": "bill", "lead_days": "16"},
    ],
)
def test_words_no_entry_may_have_are_refused(
    client: FlaskClient, bound: Room, form: dict[str, str]
) -> None:
    """A name of 21 characters, a class of the market, a lead beyond 15 days."""
    number = stream_id(bound, "青年公寓房租")

    assert client.post(f"/wealth/streams/{number}", data=form).status_code == 422


def test_another_date_is_written_down_in_its_place(
    client: FlaskClient, get_page: Page, bound: Room
) -> None:
    """The form is filled from the stream; saving dismisses the stream and keeps the entry."""
    number = stream_id(bound, "住房贷款还款")
    page = get_page(f"/wealth/entries/new?instead_of={number}")
    form = {
        "title": "住房贷款还款",
        "kind": "repayment",
        "first_on": "2026-12-12",
        "repeat": "month",
        "amount": "6,300.00",
        "instead_of": str(number),
    }
    client.post("/wealth/entries", data=form)
    found = bound.calendar.occurrences(CUSTOMER, date(2026, 12, 1), date(2026, 12, 20), ACCOUNT)
    loans = [(each.ref, each.due_on.day) for each in found if each.kind is EntryClass.REPAYMENT]

    assert 'value="2026-12-10"' in page
    assert "6240.00" in page
    assert loans == [("own-1", 12)]
    assert bound.calendar.streams.dismissed(ACCOUNT)[0].facts.title == "住房贷款还款"


def test_paid_skipped_snoozed_and_back(client: FlaskClient, bound: Room) -> None:
    """Every word on a learned occurrence is taken back by 撤销, and 不是固定收支 by 恢复."""
    number = stream_id(bound, "青年公寓房租")
    path, on = f"/wealth/entries/stream-{number}/mark", "2026-11-30"

    def state() -> OccurrenceState:
        ref = f"stream-{number}"
        return bound.calendar.occurrence(CUSTOMER, ref, date(2026, 11, 30), ACCOUNT).mark.state

    states = []
    for word in ("done", "undo", "skip", "undo"):
        client.post(path, data={"on": on, "word": word})
        states.append(state().value)
    client.post(path, data={"on": on, "word": "snooze", "until": "2026-11-27"})
    snoozed = bound.calendar.occurrence(
        CUSTOMER, f"stream-{number}", date(2026, 11, 30), ACCOUNT
    ).mark.snoozed_until
    client.post(f"/wealth/streams/{number}/dismissal")
    gone = client.get(f"/wealth/entries/stream-{number}").status_code
    client.post(f"/wealth/streams/{number}/restoration")

    assert states == ["done", "open", "skipped", "open"]
    assert snoozed == date(2026, 11, 27)
    assert gone == 404
    assert state() is OccurrenceState.OPEN
