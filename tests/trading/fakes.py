"""A counter and a market in memory, and counters that fall silent at the worst moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from h5app.counter.model import (
    Balances,
    CashEntry,
    DaySpan,
    FeeLines,
    FillReport,
    OrderReport,
    OrderRequest,
    OrderState,
    Position,
    Side,
)
from h5app.kernel.clock import FrozenClock
from h5app.kernel.money import amount_fen, round_half_up
from h5app.market.model import Board, Instrument, Level, Phase, Product, Quote
from h5app.market.rules import RuleBook
from h5app.plumbing.day_tables import load_trading_days
from h5app.trading.ports import CounterRefused, CounterSilent, FeeSchedule

ACCOUNT = "a-1"
OTHER = "a-2"
MAOTAI = "600519.SH"


def instrument(symbol: str = MAOTAI, board: Board = Board.SSE_MAIN, **more: object) -> Instrument:
    """An instrument with ordinary terms."""
    values: dict[str, object] = {
        "symbol": symbol,
        "name": "贵州茅台",
        "short_name": "贵州茅台",
        "pinyin": "GZMT",
        "board": board,
        "product": Product.A_SHARE,
        "lot_shares": 100,
        "tick_milli": 10,
        "is_st": False,
        "listed_on": date(2001, 8, 27),
    }
    return Instrument(**(values | more))  # type: ignore[arg-type]


def quote(clock: FrozenClock, symbol: str = MAOTAI, **more: object) -> Quote:
    """A quote around 10 yuan with five levels on each side."""
    values: dict[str, object] = {
        "symbol": symbol,
        "at": clock.now(),
        "sequence": 1,
        "phase": Phase.CONTINUOUS,
        "previous_close_milli": 10_000,
        "last_milli": 10_100,
        "limit_up_milli": 11_000,
        "limit_down_milli": 9_000,
        "bids": tuple(Level(10_090 - 10 * place, 500) for place in range(5)),
        "asks": tuple(Level(10_110 + 10 * place, 700) for place in range(5)),
    }
    return Quote(**(values | more))  # type: ignore[arg-type]


class FakePrices:
    """Two instruments and a clock that stands still."""

    def __init__(self, moment: str = "2026-11-24T10:00:00") -> None:
        self.clock = FrozenClock(moment)
        self.rules = RuleBook.load(load_trading_days())
        star = instrument("688001.SH", Board.STAR, short_name="华兴源创")
        index = instrument("000001.SH", Board.INDEX, short_name="上证指数")
        self.instruments = {MAOTAI: instrument(), star.symbol: star, index.symbol: index}
        self.quote_by_symbol = {
            MAOTAI: quote(self.clock),
            star.symbol: quote(self.clock, star.symbol),
        }

    is_stale = False

    def search(self, words: str) -> list[Instrument]:
        """What has the words in its code or name."""
        return [
            one
            for one in self.instruments.values()
            if words and (words in one.symbol or words in one.short_name)
        ]

    def today(self) -> date:
        """The day of the clock."""
        return self.clock.now().date()

    def instrument(self, symbol: str) -> Instrument | None:
        """One of the two."""
        return self.instruments.get(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """Its quote."""
        return self.quote_by_symbol.get(symbol)

    def quotes(self, symbols: Sequence[str]) -> list[Quote | None]:
        """Their quotes."""
        return [self.quote(symbol) for symbol in symbols]

    def phase(self, symbol: str) -> Phase:
        """By the rule book."""
        return self.rules.phase_of(self.instruments[symbol], self.clock.now())


class FakeCounter:
    """A counter in memory that keeps the port's contract; 10 yuan of fees for every order."""

    def __init__(self, clock: FrozenClock, cash_fen: int = 20_000_000) -> None:
        self._clock = clock
        self.cash_fen = cash_fen
        self.reports: dict[tuple[str, str], OrderReport] = {}
        self.fill_reports: list[FillReport] = []
        self.held: list[Position] = []
        self.entries: list[CashEntry] = []
        self.account_ids = [ACCOUNT, OTHER]
        self.submitted: list[OrderRequest] = []

    def submit(self, request: OrderRequest) -> OrderReport:
        """Store it once; refuse what the cash does not cover."""
        self.submitted.append(request)
        key = (request.account_id, request.client_order_id)
        if key not in self.reports:
            self._check_cash(request)
            self.reports[key] = self._report(request, len(self.reports) + 1)
        return self.reports[key]

    def _check_cash(self, request: OrderRequest) -> None:
        wanted = amount_fen(request.price_milli, request.quantity_shares)
        if request.side == "buy" and wanted > self.balances(request.account_id).available_fen:
            raise CounterRefused("可用资金不足,还差¥1.00")

    def _report(self, request: OrderRequest, order_id: int) -> OrderReport:
        frozen = amount_fen(request.price_milli, request.quantity_shares)
        return OrderReport(
            order_id=order_id,
            client_order_id=request.client_order_id,
            account_id=request.account_id,
            symbol=request.symbol,
            side=request.side,
            kind=request.kind,
            price_milli=request.price_milli,
            quantity_shares=request.quantity_shares,
            filled_shares=0,
            filled_amount_fen=0,
            state=OrderState.REPORTED,
            reason="",
            frozen_fen=frozen if request.side == "buy" else 0,
            fees_fen=0,
            placed_at=request.at,
            updated_at=request.at,
            trading_day=request.at.date(),
        )

    def fill(self, client_order_id: str, shares: int, account_id: str = ACCOUNT) -> None:
        """Let the venue fill so many shares at the order's price."""
        order = self.reports[account_id, client_order_id]
        filled = order.filled_shares + shares
        amount = amount_fen(order.price_milli, shares)
        is_whole = filled == order.quantity_shares
        self.fill_reports.append(
            FillReport(
                fill_id=len(self.fill_reports) + 1,
                order_id=order.order_id,
                account_id=account_id,
                symbol=order.symbol,
                side=order.side,
                price_milli=order.price_milli,
                quantity_shares=shares,
                amount_fen=amount,
                fee_fen=1000,
                at=self._clock.now(),
                trading_day=self._clock.now().date(),
                execution_id=f"x{len(self.fill_reports)}",
            )
        )
        self.reports[account_id, client_order_id] = replace(
            order,
            filled_shares=filled,
            filled_amount_fen=order.filled_amount_fen + amount,
            state=OrderState.FILLED if is_whole else OrderState.PARTLY_FILLED,
        )

    def find(self, account_id: str, client_order_id: str) -> OrderReport | None:
        """What is stored."""
        return self.reports.get((account_id, client_order_id))

    def cancel(self, account_id: str, order_id: int) -> OrderReport:
        """Cancel an open order."""
        for key, order in self.reports.items():
            if order.account_id == account_id and order.order_id == order_id:
                if not order.state.may_cancel:
                    raise CounterRefused("当前状态不可撤单")
                cancelled = replace(order, state=OrderState.CANCELLED, reason="客户撤单")
                self.reports[key] = cancelled
                return cancelled
        raise CounterRefused("没有这笔委托")

    def orders(self, account_id: str, on: date) -> list[OrderReport]:
        """Orders of a day, newest first."""
        found = [order for order in self.reports.values() if order.account_id == account_id]
        return [order for order in reversed(found) if order.trading_day == on]

    def fills(self, account_id: str, on: date) -> list[FillReport]:
        """Fills of a day, newest first."""
        found = [fill for fill in self.fill_reports if fill.account_id == account_id]
        return [fill for fill in reversed(found) if fill.trading_day == on]

    def orders_between(self, account_id: str, span: DaySpan, rows: int) -> list[OrderReport]:
        """Orders of some days, newest first."""
        found = [order for order in self.reports.values() if order.account_id == account_id]
        days = [one for one in reversed(found) if span.first <= one.trading_day <= span.last]
        return days[:rows]

    def fills_between(self, account_id: str, span: DaySpan, rows: int) -> list[FillReport]:
        """Fills of some days, newest first."""
        found = [fill for fill in self.fill_reports if fill.account_id == account_id]
        days = [one for one in reversed(found) if span.first <= one.trading_day <= span.last]
        return days[:rows]

    def cash_entries(self, account_id: str, since: date) -> list[CashEntry]:
        """What the test put there."""
        found = self.entries if account_id == ACCOUNT else []
        return [entry for entry in found if entry.on >= since]

    def accounts(self, after: str, rows: int) -> list[str]:
        """Both customers, or those that the test wants."""
        return [one for one in sorted(self.account_ids) if one > after][:rows]

    def balances(self, account_id: str) -> Balances:
        """Cash less what open buys hold."""
        frozen = sum(
            order.frozen_fen
            for order in self.reports.values()
            if order.account_id == account_id and not order.state.is_final
        )
        free = self.cash_fen - frozen
        return Balances(
            total_fen=self.cash_fen, available_fen=free, frozen_fen=frozen, withdrawable_fen=free
        )

    def positions(self, account_id: str) -> list[Position]:
        """What the test put there."""
        return list(self.held) if account_id == ACCOUNT else []

    def fee_schedule(self, account_id: str, symbol: str, side: Side) -> FeeSchedule:
        """0.025 %, at least 5 yuan; 0.05 % stamp on sales."""

        def schedule(amount: int) -> FeeLines:
            commission = max(500, round_half_up(amount * 25, 100_000)) if amount else 0
            stamp = round_half_up(amount * 5, 10_000) if side == "sell" else 0
            return FeeLines(commission_fen=commission, stamp_fen=stamp)

        return schedule


class LostReplyCounter(FakeCounter):
    """Takes the order, and the answer is lost on its way."""

    def submit(self, request: OrderRequest) -> OrderReport:
        """Store, then fall silent."""
        super().submit(request)
        raise CounterSilent


class LostRequestCounter(FakeCounter):
    """Never hears of the order."""

    def submit(self, request: OrderRequest) -> OrderReport:
        """Fall silent."""
        self.submitted.append(request)
        raise CounterSilent


class DeafCounter(FakeCounter):
    """Takes the order, answers nothing, and answers no question until it is told to."""

    is_deaf = True

    def submit(self, request: OrderRequest) -> OrderReport:
        """Store, then fall silent."""
        super().submit(request)
        raise CounterSilent

    def find(self, account_id: str, client_order_id: str) -> OrderReport | None:
        """Silent while deaf."""
        if self.is_deaf:
            raise CounterSilent
        return super().find(account_id, client_order_id)


class CrashingCounter(FakeCounter):
    """The process dies before or after the counter has stored the order."""

    stores_first = True

    def submit(self, request: OrderRequest) -> OrderReport:
        """End the process, as far as the caller can tell."""
        if self.stores_first:
            super().submit(request)
        else:
            self.submitted.append(request)
        raise ProcessKilled


class ProcessKilled(BaseException):
    """Stands for kill -9: nothing after it runs."""


def position(symbol: str = MAOTAI, **more: object) -> Position:
    """300 shares bought before today at 10 yuan, 5 yuan of fees."""
    values: dict[str, object] = {
        "symbol": symbol,
        "quantity_shares": 300,
        "sellable_shares": 300,
        "frozen_shares": 0,
        "settling_shares": 0,
        "bought_fen": 300_000,
        "bought_shares": 300,
        "sold_fen": 0,
        "fees_fen": 500,
        "opening_shares": 300,
        "bought_today_fen": 0,
        "sold_today_fen": 0,
        "fees_today_fen": 0,
    }
    return Position(**(values | more))  # type: ignore[arg-type]


SECOND = timedelta(seconds=1)
