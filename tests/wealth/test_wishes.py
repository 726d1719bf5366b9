"""What a customer wishes: one message for several, only what is sure, only what costs enough."""

from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from h5app.wealth.model import EntryClass, EntryDraft, Sensitivity, Wishes
from h5app.wealth.refusal import BadEntry
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER
from tests.wealth.ledgers import demo_ledger

RENT = EntryDraft(
    title="房租", kind=EntryClass.BILL, first_on=date(2026, 12, 3), amount_fen=320_000
)
LOAN = replace(RENT, title="房贷 尾号1234", kind=EntryClass.REPAYMENT, amount_fen=624_000)


def test_a_digest_is_one_message(room: Room) -> None:
    """Two things of one hour in one message, once, with nothing private outside of its list."""
    for draft in (RENT, LOAN):
        room.calendar.add_entry(CUSTOMER, draft)
    room.calendar.wish(CUSTOMER, Wishes(is_digest=True))
    for moment in ("2026-11-28T09:00:00", "2026-11-28T09:00:01", "2026-11-29T09:00:00"):
        room.at(moment)
        room.calendar.run_due()
    [digest] = room.gathered()

    assert (digest.count, digest.class_labels, digest.days_left) == (2, "缴费、还款", 5)
    assert digest.due_on == date(2026, 12, 3)
    assert digest.titles == "12月3日 房租 3200.00元;12月3日 房贷 尾号1234 6240.00元"


def test_a_single_reminder_stays_one_with_a_digest(small_room: Room) -> None:
    """There is nothing to gather."""
    small_room.calendar.add_entry(CUSTOMER, RENT)
    small_room.calendar.wish(CUSTOMER, Wishes(is_digest=True))
    small_room.at("2026-11-28T09:00:00")
    small_room.calendar.run_due()

    assert [fact.title for fact in small_room.told()] == ["房租"]


def told_titles(room: Room, wishes: Wishes) -> set[str]:
    """Return what is told over three weeks of mornings."""
    room.flows.by_account[ACCOUNT] = demo_ledger(date(2026, 11, 24), room.calendar.trading_days)
    room.calendar.meet(CUSTOMER, ACCOUNT)
    room.calendar.add_entry(CUSTOMER, RENT)
    room.calendar.wish(CUSTOMER, wishes)
    for day in range(24, 31):
        room.at(f"2026-11-{day}T09:00:00")
        room.calendar.remind_due()
    return {fact.title for fact in room.told()}


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(sensitivity=Sensitivity.OWN), {"房租"}),
        (Wishes(sensitivity=Sensitivity.CERTAIN), {"房租"}),
        (Wishes(), {"房租", "青年公寓房租"}),
        (Wishes(least_fen=320_001), set()),
    ],
)
def test_how_much_is_told_is_the_customer_s_choice(
    small_room: Room, wishes: Wishes, expected: set[str]
) -> None:
    """Only own entries, only what is certain, also what is learned; and from which amount on."""
    assert told_titles(small_room, wishes) == expected


def test_wishes_are_kept(room: Room) -> None:
    """All of them; an amount below zero is refused."""
    wishes = Wishes(
        lead_days={EntryClass.BILL: 15, EntryClass.REPAYMENT: None, EntryClass.OTHER: 0},
        hour=22,
        is_digest=True,
        sensitivity=Sensitivity.MORE,
        least_fen=5_000,
    )
    room.calendar.wish(CUSTOMER, wishes)

    assert room.calendar.wishes(CUSTOMER) == wishes
    with pytest.raises(BadEntry):
        room.calendar.wish(CUSTOMER, replace(wishes, least_fen=-1))


def test_a_lead_of_fifteen_days_is_the_longest(client: FlaskClient, small_room: Room) -> None:
    """15 days are taken, of a class and of an entry; 16 are refused with what is allowed."""
    entry = {"title": "房租", "kind": "bill", "first_on": "2026-12-20", "repeat": "never"}
    entry |= {"calendar": "solar", "holiday_rule": "keep"}
    taken = client.post("/wealth/entries", data=entry | {"lead_days": "15"})
    refused = client.post("/wealth/entries", data=entry | {"lead_days": "16"})
    small_room.calendar.wish(CUSTOMER, Wishes(lead_days={EntryClass.BILL: 15}))
    with pytest.raises(BadEntry):
        small_room.calendar.wish(CUSTOMER, Wishes(lead_days={EntryClass.BILL: 16}))

    assert taken.status_code == 303
    assert refused.status_code == 422
    assert "提前天数为 0 到 15" in refused.get_data(as_text=True)
    assert small_room.calendar.entry(CUSTOMER, 1).draft.lead_days == 15
    assert small_room.calendar.wishes(CUSTOMER).lead_of(EntryClass.BILL) == 15
