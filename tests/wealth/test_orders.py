"""What an institution says itself beats what was learned: orders, loans, plans, products."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from h5app.wealth.model import Certainty, EntryClass, Occurrence
from h5app.wealth.ports import BankOrder, CashFlow, OrderedPayment
from h5app.wealth.refusal import CashFlowsSilent
from h5app.wealth.repeat import day_of_month
from h5app.wealth.stream_model import StreamStatus
from h5app.wealth.streams import StreamView
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, FakeVisitors
from tests.wealth.ledgers import flow

NOVEMBER = 2026 * 12 + 10
TODAY = date(2026, 11, 24)


def order(
    *days: date,
    yuan: int = -5_000,
    payee: str = "住房贷款还款",
    kind: EntryClass = EntryClass.REPAYMENT,
    reference: str = "order-7",
) -> BankOrder:
    """An order of the bank with one amount on these days."""
    payments = tuple(OrderedPayment(on=on, amount_fen=yuan * 100) for on in days)
    return BankOrder(
        reference=reference, title="个人住房贷款", kind=kind, payee=payee, payments=payments
    )


def loan_ledger(months: int = 8, yuan: int = -5_000) -> list[CashFlow]:
    """A loan paid on the tenth of the last months."""
    return [
        flow(f"loan-{at}", day_of_month(NOVEMBER - at, 10), yuan, "住房贷款还款")
        for at in range(months)
    ]


def learned(room: Room, flows: list[CashFlow], orders: list[BankOrder]) -> Room:
    """Learn from a ledger and the bank's orders."""
    room.flows.by_account[ACCOUNT] = flows
    room.bank.by_account[ACCOUNT] = orders
    room.calendar.meet(CUSTOMER, ACCOUNT)
    return room


def only(room: Room) -> StreamView:
    """Return the one stream that is kept, with its payments."""
    [kept] = room.calendar.streams.all(ACCOUNT)
    return room.calendar.streams.view(ACCOUNT, kept.stream_id)


def ahead(room: Room, days: int = 60) -> list[Occurrence]:
    """Return the learned occurrences of the next days."""
    today = room.calendar.today()
    found = room.calendar.occurrences(CUSTOMER, today, today + timedelta(days=days), ACCOUNT)
    return [each for each in found if each.is_learned]


def test_the_bank_knows_the_day_and_the_amount_better(room: Room) -> None:
    """Eight times on the tenth; the bank says the fifteenth and a new rate: so it stands."""
    learned(room, loan_ledger(), [order(date(2026, 12, 15), date(2027, 1, 15), yuan=-4_912)])

    found = ahead(room)

    assert [each.due_on for each in found] == [date(2026, 12, 15), date(2027, 1, 15)]
    assert {each.certainty for each in found} == {Certainty.CERTAIN}
    assert {each.amount_high_fen for each in found} == {491_200}
    assert found[0].title == "个人住房贷款"


def test_an_order_keeps_the_payments_that_were_learned_of_it(small_room: Room) -> None:
    """Its page shows the eight payments, and it is one stream."""
    learned(small_room, loan_ledger(), [order(date(2026, 12, 10))])

    view = only(small_room)

    assert len(view.payments) == 8
    assert view.stream.facts.order_reference == "order-7"


def test_its_page_says_whose_word_it_is(
    small_room: Room, visitors: FakeVisitors, get_page: Callable[[str], str]
) -> None:
    """Learned for the tenth, ordered for the fifteenth: certain, by the bank, and no holiday."""
    visitors.bound()
    learned(small_room, loan_ledger(), [])
    small_room.bank.by_account[ACCOUNT] = [order(date(2026, 12, 15))]
    small_room.at("2026-11-25T00:30:00")
    small_room.calendar.streams.learn(ACCOUNT)
    [found] = ahead(small_room, 25)

    text = get_page(f"/wealth/entries/{found.ref}?on={found.nominal_on.isoformat()}")

    assert found.nominal_on == date(2026, 12, 10)
    assert "由银行的约定得知,已发现8次付款" in text
    assert "确定" in text
    assert "12月15日" in text
    assert 'data-testid="moved"' not in text


def test_an_order_that_was_never_paid_is_told_of_all_the_same(room: Room) -> None:
    """A plan that begins next week is no candidate: its reminder comes five days before."""
    plan = order(date(2026, 12, 3), payee="沪深300 定投", kind=EntryClass.INVESTMENT)
    learned(room, [], [plan])
    room.at("2026-11-28T09:00:00")
    room.calendar.run_due()

    assert [each.due_on for each in ahead(room)] == [date(2026, 12, 3)]
    assert [each.due_on for each in room.told()] == [date(2026, 12, 3)]


def test_the_first_payment_belongs_to_its_order(small_room: Room) -> None:
    """Paid, it closes the reminder; the stream keeps its number."""
    learned(small_room, [], [order(date(2026, 12, 3), date(2027, 1, 3))])
    [before] = ahead(small_room)[:1]
    paid = flow("loan-0", date(2026, 12, 3), -5_000, "住房贷款还款")
    small_room.at("2026-12-04T00:30:00")
    learned(small_room, [paid], [order(date(2027, 1, 3))])
    small_room.calendar.streams.learn(ACCOUNT)

    view = only(small_room)

    assert view.stream.ref == before.ref
    assert [each.reference for each in view.payments] == ["loan-0"]
    assert [each.due_on for each in ahead(small_room)] == [date(2027, 1, 3)]


def test_a_cancelled_order_leaves_what_was_learned(small_room: Room) -> None:
    """The bank no longer names it: the same stream goes on as it was learned."""
    learned(small_room, loan_ledger(), [order(date(2026, 12, 15))])
    before = only(small_room)
    small_room.bank.by_account[ACCOUNT] = []
    small_room.at("2026-11-25T00:30:00")
    small_room.calendar.streams.learn(ACCOUNT)

    after = only(small_room)

    assert after.stream.stream_id == before.stream.stream_id
    assert [each.due_on for each in ahead(small_room, 25)] == [date(2026, 12, 10)]
    assert {each.certainty for each in ahead(small_room)} == {Certainty.PREDICTED}


def test_a_cancelled_order_without_payments_ends(small_room: Room) -> None:
    """Nothing is left to expect."""
    learned(small_room, [], [order(date(2026, 12, 15))])
    small_room.bank.by_account[ACCOUNT] = []
    small_room.at("2026-11-25T00:30:00")
    small_room.calendar.streams.learn(ACCOUNT)

    assert ahead(small_room) == []
    assert only(small_room).stream.facts.status is StreamStatus.ENDED


@pytest.mark.parametrize(
    "other",
    [
        order(date(2026, 12, 10), yuan=-300),
        order(date(2026, 12, 10), payee="平安人寿"),
        order(date(2026, 12, 10), yuan=5_000),
    ],
    ids=["another amount", "another payee", "the other direction"],
)
def test_what_is_not_of_the_order_stays_learned(small_room: Room, other: BankOrder) -> None:
    """Both stand: the loan as it was learned, and the order."""
    learned(small_room, loan_ledger(), [other])

    assert [each.certainty for each in ahead(small_room, 25)].count(Certainty.PREDICTED) == 1
    assert len(ahead(small_room, 25)) == 2


def test_the_customers_word_beats_the_bank(small_room: Room) -> None:
    """What was dismissed stays dismissed when the bank names it an order."""
    learned(small_room, loan_ledger(), [])
    stream_id = only(small_room).stream.stream_id
    small_room.calendar.dismiss_stream(CUSTOMER, ACCOUNT, stream_id)
    small_room.bank.by_account[ACCOUNT] = [order(date(2026, 12, 15))]
    small_room.at("2026-11-25T00:30:00")
    small_room.calendar.streams.learn(ACCOUNT)

    assert ahead(small_room) == []


def test_an_order_that_is_told_again_changes_nothing(small_room: Room) -> None:
    """In whatever order the bank names them: nothing new to learn."""
    two = [order(date(2026, 12, 15)), order(date(2026, 12, 20), reference="order-8", yuan=-80)]
    learned(small_room, loan_ledger(), two)
    small_room.bank.by_account[ACCOUNT] = two[::-1]

    assert small_room.calendar.streams.learn(ACCOUNT) is False


def test_a_silent_bank_leaves_everything_as_it_was(small_room: Room) -> None:
    """No answer is no cancellation."""
    learned(small_room, loan_ledger(), [order(date(2026, 12, 15))])
    before = ahead(small_room)
    small_room.bank.is_silent = True
    small_room.at("2026-11-25T00:30:00")

    with pytest.raises(CashFlowsSilent):
        small_room.calendar.streams.learn(ACCOUNT)
    assert ahead(small_room) == before
