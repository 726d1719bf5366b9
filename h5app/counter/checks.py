"""The book of rules at the counter's window: what an order must satisfy, before money is looked at.

Every rule comes dated from market.rules; here stand only their order and the words of refusal.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from h5app.counter.model import OrderRequest
from h5app.counter.ports import Prices
from h5app.counter.refusal import (
    AboveMaximum,
    BelowMinimum,
    BeyondCage,
    BeyondLimit,
    CounterRefusal,
    KindNotOffered,
    NoPrice,
    NoSuchSecurity,
    NotALotMultiple,
    NotEnoughSellable,
    OddLotWhole,
    OffTick,
    PermissionMissing,
    PriceNeeded,
    PriceTooHigh,
    RiskMismatch,
    SessionClosed,
    Suspended,
)
from h5app.counter.stored_order import StoredOrder
from h5app.kernel.money import milli_text
from h5app.market.model import (
    Board,
    Instrument,
    ListingStatus,
    OrderKind,
    Phase,
    Product,
    Quote,
    Side,
)
from h5app.market.rules import DayRules, QuantityVerdict, RuleBook, cage_reference, choose_limits

CURRENCY = "CNY"
"""The only one the books are kept in."""
CAGE_QUOTE_AGE_MAX = timedelta(minutes=5)
"""A quote that is older says nothing about the range that the exchange takes now."""
AFTER_CLOSE = frozenset({Phase.CLOSED, Phase.CLOSED_HOLIDAY})
QUEUES_TODAY = frozenset({Phase.NONE, Phase.PRE_CONTINUOUS, Phase.LUNCH})
"""Phases in which the counter keeps an order back and reports it when the exchange takes it."""

PERMISSION_BY_BOARD = {
    Board.STAR: ("star", "科创板"),
    Board.CHINEXT: ("chinext", "创业板"),
    Board.BSE: ("bse", "北交所"),
    Board.CONVERTIBLE: ("convertible", "可转债"),
}
ST_PERMISSION = ("st", "风险警示股票")
RISK_LEVEL_BY_BOARD = {
    Board.STAR: 4,
    Board.CHINEXT: 4,
    Board.BSE: 4,
    Board.CONVERTIBLE: 4,
}
"""R1 to R5 as this broker rates them; boards that are not named are R3."""
RISK_LEVEL_BY_PRODUCT = {Product.ETF_MONEY: 1, Product.ETF_BOND: 2}
RISK_LEVEL_OTHERWISE = 3
RISK_LEVEL_ST = 5


class Mode(StrEnum):
    """Whether an order goes on at once or waits for the exchange to open."""

    AT_ONCE = "at_once"
    QUEUED = "queued"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An order with everything the rules ask about, gathered once."""

    instrument: Instrument
    quote: Quote | None
    phase: Phase
    rules: DayRules
    """Rules of the trading day that the order is meant for."""
    listing_day: int
    trading_day: date
    mode: Mode
    side: Side
    kind: OrderKind
    price_milli: int
    quantity_shares: int
    at: datetime

    @property
    def turnaround(self) -> int:
        """0 where what is bought today may be sold today, else 1; flagged per instrument."""
        is_t0 = self.instrument.is_t0 or self.rules.is_t0(self.instrument.product)
        return 0 if is_t0 else 1

    @property
    def reference_milli(self) -> int | None:
        """Price that the limits of the trading day hang on."""
        if self.quote is None:
            return self.instrument.reference_milli
        if self.trading_day > self.quote.at.date() and self.quote.last_milli is not None:
            return self.quote.last_milli
        return self.quote.previous_close_milli


def case_of(prices: Prices, request: OrderRequest) -> Case:
    """Gather what is known around a request, and decide the day it is meant for.

    Raises:
        NoSuchSecurity: Nothing that can be traded has this symbol.
        Suspended: It is suspended.
        KindNotOffered: The exchange has no such kind of order for it.
        SessionClosed: No order of this kind is taken now, nor kept for later.
    """
    instrument = prices.instrument(request.symbol)
    if instrument is None or instrument.is_index or instrument.status is ListingStatus.DELISTED:
        raise NoSuchSecurity
    if instrument.currency != CURRENCY:
        raise NoSuchSecurity("暂不支持以外币交易的证券,请选择人民币证券")
    quote, now = prices.quote(request.symbol), prices.clock.now()
    # The market's own phase() would read the board a second time, perhaps another moment of it.
    phase = prices.rules.phase_of(instrument, now)
    if phase is Phase.HALTED or is_suspended(instrument, quote, now.date()):
        raise Suspended
    today = prices.rules.on(now.date())
    kind = _kind(request.kind)
    mode, day = _mode(prices.rules, today, instrument, phase, kind)
    rules = today if day == now.date() else prices.rules.on(day)
    if kind not in rules.order_kinds(instrument):
        raise KindNotOffered
    case = Case(
        instrument=instrument,
        quote=quote,
        phase=phase,
        rules=rules,
        listing_day=prices.rules.listing_day(instrument, day),
        trading_day=day,
        mode=mode,
        side=Side(request.side),
        kind=kind,
        price_milli=request.price_milli,
        quantity_shares=request.quantity_shares,
        at=now,
    )
    return _with_price(case)


def is_suspended(instrument: Instrument, quote: Quote | None, on: date) -> bool:
    """Whether an instrument is suspended on a day, by the list or by that day's board."""
    if instrument.status is ListingStatus.SUSPENDED:
        return True
    return quote is not None and quote.is_suspended and quote.at.date() == on


def _kind(word: str) -> OrderKind:
    try:
        return OrderKind(word)
    except ValueError:
        raise KindNotOffered from None


def _mode(
    book: RuleBook, today: DayRules, instrument: Instrument, phase: Phase, kind: OrderKind
) -> tuple[Mode, date]:
    if today.may_place(instrument, phase, kind):
        return Mode.AT_ONCE, today.date
    if kind is OrderKind.LIMIT and phase in AFTER_CLOSE:
        return Mode.QUEUED, book.trading_days.next_trading_day(today.date)
    if not kind.is_market and phase in QUEUES_TODAY:
        return Mode.QUEUED, today.date
    if kind not in today.order_kinds(instrument):
        raise KindNotOffered
    raise SessionClosed


def _with_price(case: Case) -> Case:
    """Give a market order without a price the one that its money is frozen at: the day's limit."""
    if case.price_milli != 0 or not case.kind.is_market:
        return case
    up, down = limits_of(case)
    bound = up if case.side is Side.BUY else down
    if case.rules.needs_protection_price(case.instrument, case.kind) or bound is None:
        raise PriceNeeded
    return replace(case, price_milli=bound)


def limits_of(case: Case) -> tuple[int | None, int | None]:
    """Return limit up and down of the trading day; the feed's own win on their day.

    Raises:
        NoPrice: There is nothing to reckon them from.
    """
    reference = case.reference_milli
    if reference is None:
        raise NoPrice
    own = case.rules.limit_prices(case.instrument, reference, case.listing_day)
    if case.quote is None or case.trading_day > case.quote.at.date():
        return own
    chosen = choose_limits(own, (case.quote.limit_up_milli, case.quote.limit_down_milli))
    return chosen.up_milli, chosen.down_milli


def check_rules(case: Case) -> None:
    """Hold an order against every rule that needs no books.

    Raises:
        CounterRefusal: The first rule that it breaks.
    """
    if case.kind not in case.rules.order_kinds_now(
        case.instrument, case.phase, case.listing_day
    ) and (case.mode is Mode.AT_ONCE):
        raise KindNotOffered
    check_price(case)
    if case.side is Side.BUY:
        check_quantity(case, sellable_shares=0)


def check_price(case: Case) -> None:
    """Hold the price against step, ceiling, daily limit and cage.

    Raises:
        CounterRefusal: The first of them that it breaks.
    """
    instrument, price = case.instrument, case.price_milli
    if not case.rules.is_on_tick(instrument, price):
        step = milli_text(instrument.tick_milli, 3 if instrument.tick_milli % 10 else 2)
        raise OffTick(f"价格不符合最小变动单位{step}元,请调整价格")
    ceiling = case.rules.price_ceiling_milli(instrument)
    if ceiling is not None and price >= ceiling:
        raise PriceTooHigh
    up, down = limits_of(case)
    if (up is not None and price > up) or (down is not None and price < down):
        raise BeyondLimit(_limit_sentence(case, up, down))
    _check_cage(case)


def _limit_sentence(case: Case, up: int | None, down: int | None) -> str:
    decimals = case.instrument.price_decimals
    shown = " - ".join(milli_text(price, decimals) for price in (down, up) if price is not None)
    return f"委托价格超过涨跌停限制({shown}),请调整价格"


def _check_cage(case: Case) -> None:
    quote = case.quote
    is_fresh = quote is not None and case.at - quote.at <= CAGE_QUOTE_AGE_MAX
    if quote is None or not is_fresh or case.kind is not OrderKind.LIMIT:
        return
    if case.rules.cage_holds_back(case.instrument):
        return
    reference = cage_reference(
        case.side,
        best_bid_milli=quote.bid_1.price_milli if quote.bid_1 else None,
        best_ask_milli=quote.ask_1.price_milli if quote.ask_1 else None,
        last_milli=quote.last_milli,
        previous_close_milli=quote.previous_close_milli,
    )
    bound = case.rules.cage(case.instrument, case.side, case.phase, reference)
    if bound is None:
        return
    is_buy = case.side is Side.BUY
    if (is_buy and case.price_milli > bound) or (not is_buy and case.price_milli < bound):
        word = "不得高于" if is_buy else "不得低于"
        shown = milli_text(bound, case.instrument.price_decimals)
        raise BeyondCage(f"超出有效申报价格范围,{word}{shown}元,请调整价格")


def price_problem(prices: Prices, order: StoredOrder, now: datetime) -> str:
    """Return why an order that waited would be refused now, in Chinese; empty when it would not.

    Its day's reference may be another than the one it was taken under (ex-right, a moved market).
    """
    instrument = prices.instrument(order.symbol)
    if instrument is None:
        return NoSuchSecurity.sentence
    case = Case(
        instrument=instrument,
        quote=prices.quote(order.symbol),
        phase=prices.rules.phase_of(instrument, now),
        rules=prices.rules.on(order.on),
        listing_day=prices.rules.listing_day(instrument, order.on),
        trading_day=order.on,
        mode=Mode.QUEUED,
        side=Side(order.side),
        kind=OrderKind(order.kind),
        price_milli=order.price_milli,
        quantity_shares=order.quantity_shares,
        at=now,
    )
    try:
        check_price(case)
    except CounterRefusal as refusal:
        return refusal.message
    return ""


def check_quantity(case: Case, *, sellable_shares: int) -> None:
    """Hold the quantity against lots, odd remainders and the most of one order.

    Raises:
        CounterRefusal: What is wrong with it.
    """
    verdict = case.rules.check_quantity(
        case.instrument,
        case.side,
        case.quantity_shares,
        sellable_shares=sellable_shares,
        kind=case.kind,
    )
    if verdict is not QuantityVerdict.ACCEPTED:
        raise _quantity_refusal(case, verdict, sellable_shares)


def _quantity_refusal(case: Case, verdict: QuantityVerdict, sellable_shares: int) -> CounterRefusal:
    lot = case.rules.lot(case.instrument)
    if lot is None or verdict is QuantityVerdict.NOT_TRADABLE:
        return NoSuchSecurity()
    if verdict is QuantityVerdict.ABOVE_MAXIMUM:
        most = case.rules.maximum_shares(case.instrument, case.kind)
        return AboveMaximum(f"超过单笔最大委托数量{most}股,请分笔下单")
    if verdict is QuantityVerdict.ABOVE_SELLABLE:
        return NotEnoughSellable()
    has_remainder = sellable_shares % lot.step_shares or sellable_shares < lot.minimum_shares
    if case.side is Side.SELL and has_remainder:
        return OddLotWhole()
    if verdict is QuantityVerdict.NOT_A_LOT_MULTIPLE:
        return NotALotMultiple(f"委托数量必须为{lot.step_shares}{_unit(case)}的整数倍")
    return BelowMinimum(f"委托数量不得低于{lot.minimum_shares}{_unit(case)}")


def _unit(case: Case) -> str:
    if case.instrument.board is Board.CONVERTIBLE:
        return "张"
    return "股" if case.instrument.board.is_share else "份"


def check_fitness(case: Case, permissions: str, risk_level: int) -> None:
    """Hold a buy against what the account may trade; what is held may always be sold.

    Raises:
        PermissionMissing: The board, or stocks under a risk warning, are not open to the account.
        RiskMismatch: The customer's risk level is below that of the security.
    """
    if case.side is Side.SELL:
        return
    granted = set(permissions.split(","))
    for word, name in _permissions_needed(case.instrument):
        if word not in granted:
            raise PermissionMissing(f"您未开通{name}权限,请先开通")
    if risk_level < risk_level_of(case.instrument):
        raise RiskMismatch


def _permissions_needed(instrument: Instrument) -> list[tuple[str, str]]:
    needed = PERMISSION_BY_BOARD.get(instrument.board)
    return ([needed] if needed else []) + ([ST_PERMISSION] if instrument.is_st else [])


def risk_level_of(instrument: Instrument) -> int:
    """Return R1 to R5 as a number."""
    if instrument.is_st:
        return RISK_LEVEL_ST
    by_product = RISK_LEVEL_BY_PRODUCT.get(instrument.product)
    return by_product or RISK_LEVEL_BY_BOARD.get(instrument.board, RISK_LEVEL_OTHERWISE)
