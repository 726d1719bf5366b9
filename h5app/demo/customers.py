"""The demo's three customers: what they are, and fourteen months of their money. Pure.

Dates are relative to the demo's first day; nothing here is chance, so that two demos are alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from h5app.kernel.trading_day import TradingDays

MONTHS_OF_HISTORY = 14
SHORTEST_MONTH_DAYS = 28
_ALL_BOARDS = frozenset({"star", "chinext", "bse", "st", "convertible"})


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A fund account of the demo; its password is printed at the start and guards nothing."""

    fund_account: str
    holder_name: str
    phone: str
    password: str
    about: str
    cash_fen: int
    permissions: frozenset[str] = _ALL_BOARDS
    risk_level: int = 5


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Shares that a customer brings along at a cost price, milli-yuan."""

    symbol: str
    shares: int
    cost_milli: int


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One movement of a customer's money on a past day; negative leaves."""

    on: date
    amount_fen: int
    counterparty: str
    memo: str = ""
    kind: str = field(default="")

    @property
    def is_purchase(self) -> bool:
        """Whether a fund plan was paid."""
        return self.kind == "purchase"


NEWCOMER = DemoCustomer(
    fund_account="80000001",
    holder_name="张小满",
    phone="13800000001",
    password="135790",  # noqa: S106 - printed at the start
    about="未绑定,20 万元,没有历史",
    cash_fen=20_000_000,
)
SETTLED = DemoCustomer(
    fund_account="80000002",
    holder_name="李立秋",
    phone="13800000002",
    password="246802",  # noqa: S106 - printed at the start
    about="14 个月流水、六只持仓",
    cash_fen=12_000_000,
)
ELDER = DemoCustomer(
    fund_account="80000003",
    holder_name="王谷雨",
    phone="13800000003",
    password="357913",  # noqa: S106 - printed at the start
    about="30 天流水、现金不多,适合长辈版",
    cash_fen=360_000,
    risk_level=3,
    permissions=frozenset(),
)
CUSTOMERS = (NEWCOMER, SETTLED, ELDER)

HOLDINGS = (
    Holding(symbol="600519.SH", shares=100, cost_milli=1_398_000),
    Holding(symbol="600036.SH", shares=1_250, cost_milli=38_620),
    Holding(symbol="688981.SH", shares=400, cost_milli=88_150),
    Holding(symbol="600585.SH", shares=600, cost_milli=24_870),
    Holding(symbol="600900.SH", shares=2_000, cost_milli=25_340),
    Holding(symbol="510300.SH", shares=10_000, cost_milli=4_215),
)
"""The settled customer's: an odd lot (1,250), a STAR, a suspended one, one going ex in six days."""


def settled_history(first_on: date, days: TradingDays) -> list[Movement]:
    """Return fourteen months of the settled customer's money, oldest first."""
    movements = [
        movement
        for month in _months_before(first_on)
        for movement in _month_of_settled(month, first_on, days)
        if movement.on < first_on
    ]
    return sorted(movements, key=lambda movement: (movement.on, -movement.amount_fen))


def elder_history(first_on: date, days: TradingDays) -> list[Movement]:
    """Return thirty days of the elder customer's money, oldest first."""
    start = first_on - timedelta(days=30)
    movements = [
        Movement(on=start + timedelta(days=2), amount_fen=420_000, counterparty="养老金代发"),
        Movement(on=start + timedelta(days=9), amount_fen=-8_650, counterparty="市燃气公司"),
        Movement(on=start + timedelta(days=17), amount_fen=-12_340, counterparty="国网电力"),
        Movement(on=start + timedelta(days=25), amount_fen=-150_000, counterparty="王小雪"),
    ]
    return [
        Movement(
            on=days.next_working_day(one.on - timedelta(days=1)),
            amount_fen=one.amount_fen,
            counterparty=one.counterparty,
        )
        for one in movements
    ]


def _months_before(first_on: date) -> Iterator[date]:
    index = first_on.year * 12 + first_on.month - 1
    for back in range(MONTHS_OF_HISTORY, -1, -1):
        year, month = divmod(index - back, 12)
        yield date(year, month + 1, 1)


def _month_of_settled(month: date, first_on: date, days: TradingDays) -> Iterator[Movement]:
    yield Movement(
        on=_working_day(month, 10, days), amount_fen=1_850_000, counterparty="青禾科技代发工资"
    )
    yield Movement(
        on=days.trading_day_on_or_after(_on_day(month, 8)),
        amount_fen=-100_000,
        counterparty="华夏沪深300指数A定投",
        kind="purchase",
    )
    yield Movement(
        on=_moved_on(_on_day(month, 10), days), amount_fen=-532_045, counterparty="建设银行房贷"
    )
    yield Movement(on=_last_day(month), amount_fen=-320_000, counterparty="房东陈先生房租")
    yield from _insurance(month, first_on)
    if month.month % 3 == 2:  # noqa: PLR2004 - the middle month of a quarter
        yield Movement(
            on=_moved_on(_on_day(month, 15), days), amount_fen=-138_000, counterparty="万科物业"
        )
    if _months_between(month, first_on) >= 6:  # noqa: PLR2004 - it stopped half a year ago
        yield Movement(on=_on_day(month, 3), amount_fen=-29_900, counterparty="飞跃健身会员")
    yield from _noise(month)


def _insurance(month: date, first_on: date) -> Iterator[Movement]:
    """A monthly payment whose next day lies 6 to 9 days after the demo's first day."""
    ahead = (first_on + timedelta(days=days) for days in (7, 6, 8, 9))
    due = next(day for day in ahead if day.day <= SHORTEST_MONTH_DAYS)
    yield Movement(on=_on_day(month, due.day), amount_fen=-46_800, counterparty="平安人寿保费")


_NOISE = (
    (5, -35_900, "京东商城"),
    (12, -128_000, "携程旅行"),
    (19, -8_800, "滴滴出行"),
    (23, -66_000, "人民医院"),
    (26, -45_500, "盒马鲜生"),
)


def _noise(month: date) -> Iterator[Movement]:
    """One-off spending: another shop on another day each month, no rhythm in it."""
    day, amount_fen, counterparty = _NOISE[(month.month * 7 + month.year) % len(_NOISE)]
    shifted = 1 + (day + month.month * 5) % 27
    yield Movement(
        on=_on_day(month, shifted),
        amount_fen=amount_fen - month.month * 137,
        counterparty=counterparty,
    )


def _months_between(month: date, first_on: date) -> int:
    return (first_on.year - month.year) * 12 + first_on.month - month.month


def _working_day(month: date, number: int, days: TradingDays) -> date:
    on = month - timedelta(days=1)
    for _ in range(number):
        on = days.next_working_day(on)
    return on


def _on_day(month: date, day: int) -> date:
    return month.replace(day=day)


def _moved_on(on: date, days: TradingDays) -> date:
    return on if days.is_working_day(on) else days.next_working_day(on)


def _last_day(month: date) -> date:
    following = (month + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)
