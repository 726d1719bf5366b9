"""Ledgers as a demo customer would have: fourteen months, posted as Chinese banks post."""

from collections.abc import Iterator
from datetime import date, timedelta

from h5app.kernel.trading_day import TradingDays
from h5app.wealth.ports import CashFlow
from h5app.wealth.repeat import day_of_month

SINCE = date(2025, 9, 1)
"""Fourteen months before the day on which the tests begin."""


def month_number(on: date) -> int:
    """Return year * 12 + month - 1."""
    return on.year * 12 + on.month - 1


def tenth_working_day(month: int, days: TradingDays) -> date:
    """Return the tenth day of a month on which banks work."""
    on = day_of_month(month, 1) - timedelta(days=1)
    for _each in range(10):
        on = days.next_working_day(on)
    return on


def flow(reference: str, on: date, yuan: int, counterparty: str, memo: str = "") -> CashFlow:
    """One movement; the amount in whole yuan."""
    channel = "transfer_in" if yuan > 0 else "transfer_out"
    return CashFlow(
        reference=reference,
        on=on,
        amount_fen=yuan * 100,
        counterparty=counterparty,
        memo=memo,
        channel=channel,
    )


def demo_ledger(today: date, days: TradingDays) -> list[CashFlow]:
    """Salary, 定投, mortgage, rent, a quarterly premium, one that stopped, and noise."""
    return [each for each in _demo(today, days) if each.on < today]


def _demo(today: date, days: TradingDays) -> Iterator[CashFlow]:
    for at, month in enumerate(range(month_number(SINCE), month_number(today) + 1)):
        yield flow(f"salary-{at}", tenth_working_day(month, days), 18_500, "华东科技有限公司 工资")
        plan = days.trading_day_on_or_after(day_of_month(month, 8))
        yield flow(f"plan-{at}", plan, -1_000, "沪深300指数基金 定投")
        mortgage = day_of_month(month, 10)
        if not days.is_working_day(mortgage):
            mortgage = days.next_working_day(mortgage)
        yield flow(f"mortgage-{at}", mortgage, -6_240, "住房贷款还款")
        yield flow(f"rent-{at}", day_of_month(month, 31), -3_200, "青年公寓房租")
        if month % 3 == 2:
            yield flow(f"premium-{at}", day_of_month(month, 20), -956, "平安人寿保险续期")
        if at < 7:
            yield flow(f"gym-{at}", day_of_month(month, 15), -299, "健身会员")
        yield from _noise(at, month)


def _noise(at: int, month: int) -> Iterator[CashFlow]:
    shops = ("个人转账 张*", "商户 超市", "医院门诊", "个人转账 李*", "酒店预订")
    day = 3 + (at * 11) % 24
    yield flow(f"noise-{at}", day_of_month(month, day), -(137 + at * 71), shops[at % 5])
