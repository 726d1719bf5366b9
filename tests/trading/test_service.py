"""An order is never lost and never doubled, whatever falls silent or dies on its way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from h5app.counter.model import OrderReport, OrderRequest, OrderState
from h5app.kernel.clock import FrozenClock, SystemClock
from h5app.plumbing.db import Database, DatabaseBusy
from h5app.trading import store
from h5app.trading.model import OrderWord, PlaceOrder, parse_place_order
from h5app.trading.ports import CounterRefused, CounterSilent
from h5app.trading.refusal import (
    BadSymbol,
    NeverArrived,
    OrderConflict,
    OrderNotFound,
    OrderNotReported,
)
from h5app.trading.service import Trading
from h5app.trading.store import OrderKey
from tests.trading.fakes import (
    ACCOUNT,
    MAOTAI,
    OTHER,
    SECOND,
    CrashingCounter,
    DeafCounter,
    FakeCounter,
    FakePrices,
    LostReplyCounter,
    LostRequestCounter,
    ProcessKilled,
    position,
)


def wish(name: str = "t-1", **more: object) -> PlaceOrder:
    """100 shares at 10.25."""
    fields: dict[str, object] = {
        "client_order_id": name,
        "symbol": MAOTAI,
        "side": "buy",
        "price": "10.25",
        "quantity": "100",
    }
    return parse_place_order(fields | more)


class House:
    """One trading service over one counter, with clocks to move."""

    def __init__(self, database: Database, make: Callable[[FrozenClock], FakeCounter]) -> None:
        self.database = database
        self.prices = FakePrices()
        self.counter = make(self.prices.clock)
        self.wall = FrozenClock("2026-11-24T10:00:00")
        self.trading = Trading(database, self.counter, self.prices, self.wall)

    def word(self, name: str = "t-1") -> OrderWord | None:
        """What the journal says."""
        with self.database.read() as connection:
            entry = store.find_entry(connection, OrderKey(ACCOUNT, name))
        return entry.word if entry else None

    def reconcile_for(self, seconds: int) -> None:
        """Run the job every second."""
        for _ in range(seconds):
            self.wall.advance(SECOND)
            self.trading.reconcile()


@pytest.fixture
def house(database: Database) -> House:
    """A counter that answers, over both databases."""
    return House(database, FakeCounter)


@pytest.fixture
def lite(sqlite_database: Database) -> Callable[..., House]:
    """Make a house over SQLite with the counter wanted."""
    return lambda make: House(sqlite_database, make)


def test_an_accepted_order_stands_in_journal_and_counter(house: House) -> None:
    """The answer carries the counter's number and state; the journal says accepted."""
    placed = house.trading.place_order(ACCOUNT, wish())

    assert not placed.is_repeat
    assert placed.order.state is OrderState.REPORTED
    assert placed.order.entry.order_id == 1
    assert house.word() is OrderWord.ACCEPTED


def test_a_repeat_returns_the_same_order(house: House) -> None:
    """The counter hears of it once; the second answer is the first."""
    first = house.trading.place_order(ACCOUNT, wish())
    second = house.trading.place_order(ACCOUNT, wish(price="10.250"))

    assert second.is_repeat
    assert second.order == first.order
    assert len(house.counter.submitted) == 1


def test_the_same_id_with_another_body_is_a_conflict(house: House) -> None:
    """Nothing is sent, the first order stands."""
    house.trading.place_order(ACCOUNT, wish())

    with pytest.raises(OrderConflict):
        house.trading.place_order(ACCOUNT, wish(quantity="200"))
    assert len(house.counter.submitted) == 1


def test_two_customers_may_use_the_same_id(house: House) -> None:
    """The id belongs to its account."""
    mine = house.trading.place_order(ACCOUNT, wish())
    theirs = house.trading.place_order(OTHER, wish())

    assert not theirs.is_repeat
    assert mine.order.entry.order_id != theirs.order.entry.order_id


def test_a_refusal_is_an_answer_that_stays(house: House) -> None:
    """The reason is kept; a repeat gets it again and nothing is sent twice."""
    first = house.trading.place_order(ACCOUNT, wish(quantity="1000000")).order
    second = house.trading.place_order(ACCOUNT, wish(quantity="1000000")).order

    assert first.entry.word is OrderWord.REFUSED
    assert first.label == "废单"
    assert first.reason == second.reason == "可用资金不足,还差¥1.00"
    assert len(house.counter.submitted) == 1


def test_an_unknown_security_is_not_even_written_down(house: House) -> None:
    """There is nothing to ask about later."""
    with pytest.raises(BadSymbol):
        house.trading.place_order(ACCOUNT, wish(symbol="600000.SH"))
    assert house.word() is None


def test_a_lost_reply_is_unknown_and_then_found(lite: Callable[..., House]) -> None:
    """The order lives at the counter: first 结果未知, then, by asking, accepted; sent once."""
    house = lite(LostReplyCounter)

    placed = house.trading.place_order(ACCOUNT, wish())
    assert placed.order.entry.word is OrderWord.UNKNOWN
    assert placed.order.label == "结果未知"
    house.reconcile_for(5)

    assert house.word() is OrderWord.ACCEPTED
    assert len(house.counter.submitted) == 1


def test_a_lost_request_ends_as_never_arrived(lite: Callable[..., House]) -> None:
    """Twice "not here" after the settle time ends it; it is not sent again."""
    house = lite(LostRequestCounter)

    house.trading.place_order(ACCOUNT, wish())
    house.reconcile_for(3)
    assert house.word() is OrderWord.UNKNOWN
    house.reconcile_for(7)

    order = house.trading.order(ACCOUNT, "t-1")
    assert order.entry.word is OrderWord.REFUSED
    assert order.entry.reason_code == NeverArrived.code
    assert len(house.counter.submitted) == 1


def test_an_order_that_turns_up_late_is_believed(lite: Callable[..., House]) -> None:
    """The counter said "not here" too early: its order wins over our refusal."""
    house = lite(LostRequestCounter)
    house.trading.place_order(ACCOUNT, wish())
    house.reconcile_for(10)
    assert house.word() is OrderWord.REFUSED

    FakeCounter.submit(house.counter, wish().request(ACCOUNT, house.prices.clock.now()))
    house.reconcile_for(70)

    assert house.word() is OrderWord.ACCEPTED


def test_looking_at_an_unknown_order_asks_the_counter(lite: Callable[..., House]) -> None:
    """The page does not wait for the job."""
    house = lite(LostReplyCounter)
    house.trading.place_order(ACCOUNT, wish())

    order = house.trading.order(ACCOUNT, "t-1")

    assert order.state is OrderState.REPORTED
    assert house.word() is OrderWord.ACCEPTED


def test_a_deaf_counter_leaves_the_question_open(lite: Callable[..., House]) -> None:
    """No answer is never taken for a no, however long it lasts."""
    house = lite(DeafCounter)
    house.trading.place_order(ACCOUNT, wish())

    house.reconcile_for(60)
    assert house.word() is OrderWord.UNKNOWN
    assert house.trading.order(ACCOUNT, "t-1").label == "结果未知"
    house.counter.is_deaf = False  # type: ignore[attr-defined]
    house.reconcile_for(3)

    assert house.word() is OrderWord.ACCEPTED


@pytest.mark.parametrize(
    ("stores_first", "expected"), [(True, OrderWord.ACCEPTED), (False, OrderWord.REFUSED)]
)
def test_a_crash_leaves_a_question_that_reconcile_answers(
    lite: Callable[..., House], *, stores_first: bool, expected: OrderWord
) -> None:
    """Killed before or after the counter stored it: the truth is found, nothing is resent."""
    house = lite(CrashingCounter)
    house.counter.stores_first = stores_first  # type: ignore[attr-defined]

    with pytest.raises(ProcessKilled):
        house.trading.place_order(ACCOUNT, wish())
    assert house.word() is OrderWord.SUBMITTING
    house.reconcile_for(10)

    assert house.word() is expected
    assert len(house.counter.submitted) == 1


def test_a_repeat_during_the_first_try_does_not_send(lite: Callable[..., House]) -> None:
    """The first process died in between: the second tap learns 提交中 and sends nothing."""
    house = lite(CrashingCounter)
    house.counter.stores_first = False  # type: ignore[attr-defined]
    with pytest.raises(ProcessKilled):
        house.trading.place_order(ACCOUNT, wish())

    again = house.trading.place_order(ACCOUNT, wish())

    assert again.is_repeat
    assert again.order.label == "提交中"
    assert len(house.counter.submitted) == 1


def test_a_busy_database_takes_the_wish_back(lite: Callable[..., House]) -> None:
    """Nothing happened, provably: the same request may be sent again and then works."""
    house = lite(BusyOnceCounter)

    with pytest.raises(DatabaseBusy):
        house.trading.place_order(ACCOUNT, wish())
    placed = house.trading.place_order(ACCOUNT, wish())

    assert not placed.is_repeat
    assert placed.order.entry.word is OrderWord.ACCEPTED


class BusyOnceCounter(FakeCounter):
    """Cannot get the write lock the first time."""

    has_failed = False

    def submit(self, request: OrderRequest) -> OrderReport:
        """Refuse the lock once."""
        if not self.has_failed:
            self.has_failed = True
            raise DatabaseBusy
        return super().submit(request)


def test_fifty_taps_with_one_id_are_one_order(sqlite_database: Database) -> None:
    """All get the same answer; the counter is called once."""
    prices = FakePrices()
    counter = FakeCounter(prices.clock)
    trading = Trading(sqlite_database, counter, prices, SystemClock())

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: trading.place_order(ACCOUNT, wish()), range(50)))

    assert len(counter.submitted) == 1
    assert sum(not answer.is_repeat for answer in answers) == 1
    assert {answer.order.entry.order_id for answer in answers} == {1}


def test_nobody_sees_the_order_of_another(house: House) -> None:
    """By id or by number: it does not exist."""
    house.trading.place_order(ACCOUNT, wish())

    for reference in ("t-1", "1", "99999999999999999999", "x", ""):
        with pytest.raises(OrderNotFound):
            house.trading.order(OTHER, reference)
    with pytest.raises(OrderNotFound):
        house.trading.cancel_order(OTHER, "1")
    assert house.trading.order(ACCOUNT, "1").entry.order.client_order_id == "t-1"


def test_an_order_from_outside_the_journal_is_shown(house: House) -> None:
    """Orders that reached the counter another way are found and listed."""
    FakeCounter.submit(house.counter, wish("desk-7").request(ACCOUNT, house.prices.clock.now()))

    assert house.trading.order(ACCOUNT, "desk-7").label == "已报"
    assert [one.entry.order.client_order_id for one in house.trading.orders_today(ACCOUNT)] == [
        "desk-7"
    ]


def test_a_cancel_gives_the_counters_new_state(house: House) -> None:
    """已报 becomes 已撤; a second cancel is refused by the counter in its own words."""
    house.trading.place_order(ACCOUNT, wish())

    assert house.trading.cancel_order(ACCOUNT, "t-1").state is OrderState.CANCELLED
    with pytest.raises(CounterRefused):
        house.trading.cancel_order(ACCOUNT, "t-1")


def test_an_unknown_order_cannot_be_cancelled_yet(lite: Callable[..., House]) -> None:
    """There is nothing at the counter to take back."""
    house = lite(LostRequestCounter)
    house.trading.place_order(ACCOUNT, wish())

    with pytest.raises(OrderNotReported):
        house.trading.cancel_order(ACCOUNT, "t-1")


def test_cancel_all_says_what_was_refused(lite: Callable[..., House]) -> None:
    """Open orders go, filled ones are not asked, a refusal is told with its reason."""
    house = lite(StubbornCounter)
    for name in ("t-1", "t-2", "t-3"):
        house.trading.place_order(ACCOUNT, wish(name))
    house.counter.fill("t-3", 100)

    done = house.trading.cancel_all(ACCOUNT)

    assert done.asked == 2
    assert [one.entry.order.client_order_id for one in done.refused] == ["t-2"]
    assert done.refused[0].entry.reason == "柜台没有应答"


class StubbornCounter(FakeCounter):
    """Does not answer to the cancel of its second order."""

    def cancel(self, account_id: str, order_id: int) -> OrderReport:
        """Silent for order 2."""
        if order_id == 2:
            raise CounterSilent("柜台没有应答")
        return super().cancel(account_id, order_id)


def test_the_list_of_today_holds_refused_and_unknown_orders_too(
    lite: Callable[..., House],
) -> None:
    """Newest first; an order without the counter's answer is not hidden."""
    house = lite(FakeCounter)
    house.trading.place_order(ACCOUNT, wish("t-1"))
    house.prices.clock.advance(timedelta(seconds=1))
    house.trading.place_order(ACCOUNT, wish("t-2", quantity="1000000"))

    labels = [one.label for one in house.trading.orders_today(ACCOUNT)]

    assert labels == ["废单", "已报"]


def test_a_clock_that_jumps_back_resends_nothing(lite: Callable[..., House]) -> None:
    """Two hours back and forth: the question waits, then is answered."""
    house = lite(LostReplyCounter)
    house.trading.place_order(ACCOUNT, wish())
    house.wall.set(house.wall.now() - timedelta(hours=2))
    house.reconcile_for(3)
    house.wall.set(house.wall.now() + timedelta(hours=4))
    house.reconcile_for(3)

    assert house.word() is OrderWord.ACCEPTED
    assert len(house.counter.submitted) == 1


def test_assets_are_cash_and_positions_with_break_even(lite: Callable[..., House]) -> None:
    """300 shares that cost 3,005.00 break even above their cost, for selling costs too."""
    house = lite(FakeCounter)
    house.counter.held = [position()]

    head = house.trading.assets(ACCOUNT)

    assert head.market_value_fen == 303_000
    assert head.holdings[0].break_even_milli == 10_040
    assert head.total_fen == 20_303_000


def test_choices_are_kept_per_customer(house: House) -> None:
    """The last word counts, and only for the one who said it."""
    house.trading.choose(ACCOUNT, {"price_far": "off"})
    house.trading.choose(ACCOUNT, {"price_far": "on"})

    assert house.trading.choices(ACCOUNT) == {"price_far": "on"}
    assert house.trading.choices(OTHER) == {}
