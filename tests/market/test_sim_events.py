"""What happens to instruments of the simulated market: suspensions, listings, ex days, ST."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from h5app.market.feeds.sim_days import DayPlans
from h5app.market.model import CorporateAction, Phase
from tests.market.sample_market import DAY, at, rule_book, sample_instruments, simulated


def _days(first: date, last: date) -> list[date]:
    return rule_book().trading_days.trading_days_between(first, last)


def test_a_suspended_instrument_has_no_price_of_today() -> None:
    """Volume none, both sides empty, the last close as reference, phase 停牌, no bar, no line."""
    market = simulated()
    quote = market.quote("600002.SH", at("10:00:00"))

    assert quote is not None
    assert quote.is_suspended
    assert quote.phase is Phase.HALTED
    assert quote.last_milli is None
    assert quote.previous_close_milli == 12_340
    assert (quote.bids, quote.asks, quote.volume_shares) == ((), (), 0)
    assert market.daily_bar("600002.SH", DAY) is None
    assert market.line("600002.SH", at("10:00:00")) == ()


def test_a_suspension_may_begin_on_a_day() -> None:
    """Before it there are bars; from it on the last close stands, also in the months after."""
    since = date(2026, 11, 12)
    plans = DayPlans(5, sample_instruments(), rule_book(), suspended_since=since)
    before = plans.plan("600002.SH", date(2026, 11, 11))
    frozen = [plans.plan("600002.SH", day) for day in (since, DAY, date(2027, 1, 4))]

    assert before is not None
    assert before.volume_shares > 0
    assert all(
        plan is not None and plan.is_suspended and plan.reference_milli == before.close_milli
        for plan in frozen
    )


def test_a_new_listing_starts_on_its_day_without_limits() -> None:
    """No quote before, no limits for five days, listing day counted, normal from the sixth."""
    market = simulated()
    days = _days(DAY, date(2026, 12, 10))
    plans = [market.plans.plan("601999.SH", day) for day in days[:6]]

    assert market.quote("601999.SH", at("10:00:00", date(2026, 11, 23))) is None
    assert [plan.listing_day for plan in plans if plan] == [1, 2, 3, 4, 5, 6]
    assert [plan.limit_up_milli is None for plan in plans if plan] == [True] * 5 + [False]


def test_an_ex_right_day_opens_at_the_ex_right_reference() -> None:
    """The reference of the ex day follows the action's terms, bonus shares lower later prices."""
    ex_on = date(2026, 11, 24)
    action = CorporateAction(
        symbol="600100.SH",
        ex_on=ex_on,
        cash_per_share=Decimal("0.5"),
        bonus_per_share=Decimal(1),
    )
    plain, moved = simulated().plans, simulated(actions=[action]).plans
    before = moved.plan("600100.SH", date(2026, 11, 23))
    on_day = moved.plan("600100.SH", ex_on)
    after, unmoved = (each.plan("600100.SH", date(2026, 12, 15)) for each in (moved, plain))

    assert before is not None
    assert on_day is not None
    assert after is not None
    assert unmoved is not None
    assert abs(on_day.reference_milli - (before.close_milli - 500) // 2) <= 10
    assert Decimal("0.4") < Decimal(after.close_milli) / unmoved.close_milli < Decimal("0.6")


def test_a_stock_under_risk_warning_keeps_to_the_limit_of_its_date() -> None:
    """5 % until 2026-07-05, 10 % after (the 2026 revision of the trading rules)."""
    plans = simulated().plans
    old, new = plans.plan("600001.SH", date(2026, 7, 3)), plans.plan("600001.SH", date(2026, 7, 6))

    assert old is not None
    assert new is not None
    assert old.limit_up_milli is not None
    assert new.limit_up_milli is not None
    assert old.limit_up_milli * 100 // old.reference_milli in range(104, 106)
    assert new.limit_up_milli * 100 // new.reference_milli in range(109, 111)


def test_after_hours_trade_at_the_close_where_the_rules_have_it() -> None:
    """All A shares since 2026-07-06, BSE not, none before that day on the main board."""
    market = simulated()
    quote, bse, older = (
        market.quote("600519.SH", at("15:20:00")),
        market.quote("920002.BJ", at("15:20:00")),
        market.quote("600519.SH", at("15:20:00", date(2026, 7, 3))),
    )

    assert quote is not None
    assert bse is not None
    assert older is not None
    assert quote.after_hours_volume_shares
    assert quote.after_hours_turnover_fen == (
        quote.after_hours_volume_shares * (quote.last_milli or 0) // 10
    )
    assert bse.after_hours_volume_shares is None
    assert older.after_hours_volume_shares is None
