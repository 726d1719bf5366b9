"""What the learner makes of a payee's payments: cadence, posting rule, amount, end, and company."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth.predict import AccountLine, PredictionLine, Predictor, TransactionLine
from h5app.wealth.repeat import day_of_month

DAYS = load_trading_days()
PREDICTOR = Predictor(DAYS)
FIRST_MONTH = 2023 * 12 + 2
"""March 2023; the payments of a test begin here."""
Rule = Callable[[date], date]


def exact(on: date) -> date:
    """Post on the day itself."""
    return on


def following(on: date) -> date:
    """Post on the next working day of the banks."""
    return on if DAYS.is_working_day(on) else DAYS.next_working_day(on)


def preceding(on: date) -> date:
    """Post on the working day before."""
    return on if DAYS.is_working_day(on) else DAYS.previous_working_day(on)


def trading(on: date) -> date:
    """Post on the next day on which the exchanges trade."""
    return DAYS.trading_day_on_or_after(on)


RULES: dict[str, Rule] = {"exact": exact, "next": following, "previous": preceding}


def monthly(day: int, stride: int = 1) -> Iterator[date]:
    """Yield a day of the month, the last one where the month is shorter."""
    for month in range(FIRST_MONTH, FIRST_MONTH + 200, stride):
        yield day_of_month(month, day)


def weekly(weeks: int = 1) -> Iterator[date]:
    """Yield a Wednesday."""
    for at in range(200):
        yield date(2023, 3, 1) + timedelta(weeks=weeks * at)


def nth_working_day(number: int) -> Iterator[date]:
    """Yield the n-th working day of every month."""
    for month in range(FIRST_MONTH, FIRST_MONTH + 60):
        on = day_of_month(month, 1) - timedelta(days=1)
        for _each in range(number):
            on = DAYS.next_working_day(on)
        yield on


def half_monthly() -> Iterator[date]:
    """Yield the fifth and the twentieth."""
    for month in range(FIRST_MONTH, FIRST_MONTH + 60):
        yield day_of_month(month, 5)
        yield day_of_month(month, 20)


CADENCES: dict[str, tuple[Callable[[], Iterator[date]], int]] = {
    "weekly": (weekly, 6),
    "fortnightly": (lambda: weekly(2), 6),
    "half a month": (half_monthly, 9),
    "monthly on the 12th": (lambda: monthly(12), 7),
    "the last day": (lambda: monthly(31), 7),
    "the tenth working day": (lambda: nth_working_day(10), 9),
    "two-monthly": (lambda: monthly(12, 2), 5),
    "quarterly": (lambda: monthly(12, 3), 5),
    "half-yearly": (lambda: monthly(12, 6), 4),
    "yearly": (lambda: monthly(12, 12), 3),
}
"""The days, and how many payments it takes to be sure of them."""


def take(days: Iterator[date], count: int, rule: Rule = exact) -> list[date]:
    """Return so many posting days."""
    return [rule(next(days)) for _each in range(count)]


def paid(payee: str, days: list[date], yuan: list[float] | float = 956.0) -> list[TransactionLine]:
    """Return payments of one payee; one amount for all of them, or one for each."""
    amounts = yuan if isinstance(yuan, list) else [yuan] * len(days)
    return [
        TransactionLine(on.isoformat(), -amount, "transfer_out", payee)
        for on, amount in zip(days, amounts, strict=True)
    ]


def expected(
    rows: list[TransactionLine], cutoff: date | None = None, horizon_days: int = 400
) -> list[PredictionLine]:
    """Return what is expected after the last of these payments, by day."""
    until = max(row.date for row in rows) if cutoff is None else cutoff.isoformat()
    line = AccountLine("a", until, rows, horizon_days)
    return sorted(PREDICTOR.predict(line).predictions, key=lambda each: each.date)


@pytest.mark.parametrize("name", CADENCES)
def test_every_cadence_is_found(name: str) -> None:
    """The next three days are those on which it really comes, each sure."""
    days, count = CADENCES[name]
    seen = take(days(), count + 3)
    found = expected(paid("平安人寿保险", seen[:count]), horizon_days=1200)

    assert [each.date for each in found[:3]] == [on.isoformat() for on in seen[count:]]
    assert all(each.confidence > 0.75 for each in found[:3])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("day", [1, 10, 28, 31])
def test_what_holidays_do_is_found(day: int, rule: str) -> None:
    """After a year of payments eleven of the next twelve are named on their very day.

    Twelve times anew, each time with one payment more; a holiday of a kind that no payment has met
    yet may leave one of them open.
    """
    seen = take(monthly(day), 24, RULES[rule])
    right = sum(
        min(abs((date.fromisoformat(each.date) - on).days) for each in found) == 0
        for count in range(12, 24)
        for on in [seen[count]]
        for found in [expected(paid("平安人寿保险", seen[:count]), horizon_days=60)]
    )

    assert right >= 11


def test_a_fund_plan_waits_for_the_exchanges() -> None:
    """A plan on the 12th goes out when they trade: never on a make-up Sunday."""
    seen = take(monthly(12), 9, trading)
    found = expected(paid("沪深300指数 定投", seen[:6]), horizon_days=120)

    assert [each.date for each in found[:3]] == [on.isoformat() for on in seen[6:]]


def test_a_long_holiday_lies_behind_a_payment_of_the_tenth() -> None:
    """Nominal 10 February 2024, in the Spring Festival: the 18th, a Sunday that is worked."""
    seen = take(monthly(10), 12, following)
    [found] = expected(paid("住房贷款还款", seen[:11]), cutoff=date(2024, 1, 20), horizon_days=35)

    assert found.date == "2024-02-18"


@pytest.mark.parametrize(
    ("yuan", "low", "high"),
    [
        ([500.0] * 6, 500, 500),
        ([500.0, 500.0, 500.0, 560.0], 560, 560),
        ([3000.0, 2990.0, 2980.0, 2970.0], 2960, 2960),
        ([183.2, 231.7, 196.4, 204.9, 188.6, 221.3], 196, 212),
    ],
    ids=["fixed", "stepped", "shrinking", "ranged"],
)
def test_every_kind_of_amount_is_carried_on(yuan: list[float], low: int, high: int) -> None:
    """The same, the new price, a little less each time, or the middle of what it was."""
    rows = paid("国网电力", take(monthly(12), len(yuan)), yuan)
    line = AccountLine("a", rows[-1].date, rows, 35)
    [found] = [each for each in PREDICTOR.expected(line) if each.near > 0.5]

    assert low * 100 - 100 <= found.amount.amount_fen <= high * 100 + 100


def test_a_payment_missed_twice_is_not_expected_any_more() -> None:
    """Silence after one expected day leaves a doubt, after two it is an end."""
    days = take(monthly(12), 10)
    rows = paid("健身会员", days[:7])

    assert expected(rows, days[7] + timedelta(days=8), 40)
    assert expected(rows, days[8] + timedelta(days=8), 40) == []


def test_two_payments_of_one_payee_are_two_streams() -> None:
    """Two policies of one insurer, on the 5th and on the 20th, with amounts of their own."""
    rows = paid("平安人寿保险", take(monthly(5), 6)) + paid(
        "平安人寿保险", take(monthly(20), 6), 128.0
    )
    found = expected(rows, horizon_days=35)

    assert [(each.date[8:], each.amount) for each in found] == [("05", -956.0), ("20", -128.0)]


@pytest.mark.parametrize(
    ("before", "after", "is_one"),
    [
        ("国网电力", "国网北京市电力公司", True),
        ("中国移动", "中国移动通信集团北京有限公司", True),
        ("华东科技有限公司 房租", "华东科技(集团)股份有限公司 房租", True),
        ("平安人寿续期-1234", "平安人寿续期-1235", False),
        ("北京自来水", "北京燃气集团", False),
    ],
)
def test_a_payee_that_changes_its_name_stays_one(before: str, after: str, *, is_one: bool) -> None:
    """Another legal form or place goes on; another contract or another business does not."""
    days = take(monthly(12), 8)
    rows = paid(before, days[:5]) + paid(after, days[5:])
    found = PREDICTOR.streams(AccountLine("a", "2023-12-01", rows))

    payments = {stream.key.payee: len(stream.payments) for stream in found}
    assert payments == ({after: 8} if is_one else {before: 5, after: 3})


def test_alike_names_paid_at_the_same_time_stay_two() -> None:
    """Two contracts of one group, each monthly, are never thrown together."""
    rows = paid("中国移动", take(monthly(5), 6), 59.0) + paid(
        "中国移动宽带", take(monthly(6), 6), 59.0
    )

    found = PREDICTOR.streams(AccountLine("a", "2023-09-01", rows))

    assert [len(stream.payments) for stream in found] == [6, 6]


@pytest.mark.parametrize("payee", ["商户 超市", "个人转账 张*"])
def test_shopping_is_no_stream(payee: str) -> None:
    """Purchases without a rhythm are expected of nobody."""
    chance = random.Random(5)
    days = sorted(date(2023, 3, 1) + timedelta(days=chance.randrange(300)) for _each in range(20))

    assert expected(paid(payee, days, [float(chance.randrange(5, 90)) for _each in days])) == []


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(set(CADENCES) - {"the tenth working day"})),
    payee=st.sampled_from(["平安人寿保险", "沪深300指数 定投", "华东新材料"]),
    more=st.integers(0, 8),
)
def test_one_more_matching_payment_never_lowers_confidence(
    name: str, payee: str, more: int
) -> None:
    """Of the payment after the next one is thought no less when the next one has come.

    Half a per cent is the rounding of what overlaps between two weeks.
    """
    days, count = CADENCES[name]
    seen = take(days(), count + more + 2)
    before = _confidence_of(seen[-1], expected(paid(payee, seen[:-2]), horizon_days=800))
    after = _confidence_of(seen[-1], expected(paid(payee, seen[:-1]), horizon_days=800))

    assert after >= before - 0.005


def _confidence_of(on: date, found: list[PredictionLine]) -> float:
    near = [each for each in found if abs((date.fromisoformat(each.date) - on).days) <= 3]
    return sum(each.confidence for each in near)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_what_is_told_does_not_matter(seed: int) -> None:
    """Payments of several payees, shuffled: the same predictions in the same order."""
    chance = random.Random(seed)
    rows = [
        *paid("平安人寿保险", take(monthly(chance.randrange(1, 32)), 6)),
        *paid(
            "国网电力", take(monthly(15), 6), [float(chance.randrange(90, 300)) for _ in range(6)]
        ),
        *paid("", take(weekly(), 9), 66.0),
        *paid("商户 超市", [date(2023, 3, chance.randrange(1, 29)) for _each in range(5)], 20.0),
    ]
    shuffled = chance.sample(rows, len(rows))

    assert PREDICTOR.predict(AccountLine("a", "2023-09-01", rows)) == PREDICTOR.predict(
        AccountLine("a", "2023-09-01", shuffled)
    )
