"""When an own entry comes round: month ends, leap days, lunar dates, holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth.lunar_text import long_name, short_name
from h5app.wealth.model import EntryClass, EntryDraft, HolidayRule, Repeat
from h5app.wealth.occurrences import of_closures
from h5app.wealth.repeat import moved, nominal_days

DAYS = load_trading_days()
SOLAR_DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))


def draft(first_on: date, repeat: Repeat, **more: object) -> EntryDraft:
    """An own entry."""
    values: dict[str, object] = {"title": "x", "kind": EntryClass.OTHER}
    return EntryDraft(first_on=first_on, repeat=repeat, **(values | more))  # type: ignore[arg-type]


def days_of(entry: EntryDraft, first: date, last: date) -> list[str]:
    """The days of an entry as text."""
    return [on.isoformat() for on in nominal_days(entry, first, last, DAYS.lunar)]


def test_a_thirty_first_comes_back_after_short_months() -> None:
    """31 January, 28 February, 31 March: always from the first day, never drifting."""
    entry = draft(date(2027, 1, 31), Repeat.MONTH)

    assert days_of(entry, date(2027, 1, 1), date(2027, 5, 31)) == [
        *("2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"),
    ]


def test_month_ends() -> None:
    """每月最后一天 written down in a short month is the last day of every month."""
    entry = draft(date(2027, 2, 28), Repeat.MONTH_END)

    assert days_of(entry, date(2027, 2, 1), date(2027, 4, 30)) == [
        *("2027-02-28", "2027-03-31", "2027-04-30"),
    ]


def test_a_leap_day_is_the_last_of_february_in_other_years() -> None:
    """29 February 2028 comes again on the 28th, and on the 29th in 2032."""
    entry = draft(date(2028, 2, 29), Repeat.YEAR)

    assert days_of(entry, date(2028, 1, 1), date(2032, 12, 31)) == [
        *("2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"),
    ]


def test_quarters_and_half_years_keep_their_months() -> None:
    """Counted from the first day's month."""
    quarter = draft(date(2026, 11, 30), Repeat.QUARTER)
    half = draft(date(2026, 8, 31), Repeat.HALF_YEAR)

    assert days_of(quarter, date(2026, 11, 1), date(2027, 6, 30)) == [
        *("2026-11-30", "2027-02-28", "2027-05-30"),
    ]
    assert days_of(half, date(2026, 8, 1), date(2027, 12, 31)) == [
        *("2026-08-31", "2027-02-28", "2027-08-31"),
    ]


def test_a_lunar_birthday_moves_through_the_solar_year() -> None:
    """农历八月十五: 2026-09-25, 2027-09-15, 2028-10-03."""
    entry = draft(date(2026, 9, 25), Repeat.YEAR, is_lunar=True)

    assert days_of(entry, date(2026, 1, 1), date(2028, 12, 31)) == [
        *("2026-09-25", "2027-09-15", "2028-10-03"),
    ]


def test_the_thirtieth_of_a_short_lunar_month_is_its_last_day() -> None:
    """除夕 by the twelfth month's 30th: in years of 29 days the 29th."""
    eve_2025 = date(2025, 1, 28)
    entry = draft(date(2024, 2, 9), Repeat.YEAR, is_lunar=True)

    assert eve_2025.isoformat() in days_of(entry, date(2025, 1, 1), date(2025, 12, 31))


def test_lunar_months_include_the_leap_month() -> None:
    """2025 has a leap sixth month: thirteen first days in it."""
    entry = draft(date(2025, 1, 29), Repeat.MONTH, is_lunar=True)
    found = days_of(entry, date(2025, 1, 29), date(2026, 2, 16))

    assert len(found) == 13
    assert "2025-07-25" in found  # 闰六月初一


def test_an_end_is_the_last_day_that_counts() -> None:
    """until_on is included, nothing after it."""
    entry = draft(date(2026, 11, 24), Repeat.WEEK, until_on=date(2026, 12, 8))

    assert days_of(entry, date(2026, 1, 1), date(2027, 1, 1)) == [
        *("2026-11-24", "2026-12-01", "2026-12-08"),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HolidayRule.KEEP, "2026-10-02"),
        (HolidayRule.EARLIER, "2026-09-30"),
        (HolidayRule.LATER, "2026-10-08"),
    ],
)
def test_holiday_rules(rule: HolidayRule, expected: str) -> None:
    """2 October 2026 lies in the National Day holiday."""
    assert moved(date(2026, 10, 2), rule, DAYS).isoformat() == expected


def test_a_make_up_day_is_a_working_day() -> None:
    """10 October 2026 is a Saturday on which banks work: nothing is moved."""
    assert moved(date(2026, 10, 10), HolidayRule.LATER, DAYS) == date(2026, 10, 10)


def test_closures_are_whole_and_name_their_last_day() -> None:
    """National Day 2026: from 1 to 7 October; an ordinary weekend is none."""
    found = of_closures(date(2026, 9, 28), date(2026, 10, 31), DAYS)

    assert [(each.due_on, each.until_on) for each in found] == [
        (date(2026, 10, 1), date(2026, 10, 7))
    ]


def test_lunar_days_are_written_as_people_write_them() -> None:
    """初一 shows the month's name; tens are 初十 二十 三十."""
    names = [short_name(date(2026, 2, 17) + timedelta(days=n), DAYS.lunar) for n in range(30)]

    assert names[0] == "正月"
    assert names[1] == "初二"
    assert names[9:11] == ["初十", "十一"]
    assert names[19:21] == ["二十", "廿一"]
    assert long_name(date(2026, 9, 25), DAYS.lunar) == "农历八月十五"
    assert short_name(date(2025, 7, 25), DAYS.lunar) == "闰六月"


@given(
    first_on=SOLAR_DAYS,
    repeat=st.sampled_from(list(Repeat)),
    start=SOLAR_DAYS,
    span=st.integers(0, 500),
)
def test_windows_can_be_cut_anywhere(
    first_on: date, repeat: Repeat, start: date, span: int
) -> None:
    """Two neighbouring windows give the same days as the window of both; nothing lies outside."""
    entry = draft(first_on, repeat)
    end = start + timedelta(days=span)
    middle = start + timedelta(days=span // 2)
    whole = nominal_days(entry, start, end, DAYS.lunar)
    left = nominal_days(entry, start, middle, DAYS.lunar)
    right = nominal_days(entry, middle + timedelta(days=1), end, DAYS.lunar)

    assert whole == left + right
    assert all(max(start, first_on) <= on <= end for on in whole)


@given(first_on=SOLAR_DAYS, repeat=st.sampled_from([Repeat.NEVER, Repeat.MONTH, Repeat.YEAR]))
def test_an_entry_falls_on_its_first_day(first_on: date, repeat: Repeat) -> None:
    """Solar or lunar, the day that was written down is one of its days."""
    for is_lunar in (False, True):
        entry = draft(first_on, repeat, is_lunar=is_lunar)
        assert nominal_days(entry, first_on, first_on, DAYS.lunar) == [first_on]


@given(on=SOLAR_DAYS, rule=st.sampled_from(list(HolidayRule)))
def test_a_moved_day_is_a_working_day(on: date, rule: HolidayRule) -> None:
    """Earlier never later, later never earlier, and never farther than a holiday."""
    day = moved(on, rule, DAYS)

    assert rule is HolidayRule.KEEP or DAYS.is_working_day(day)
    assert abs((day - on).days) <= 12
    assert (day - on).days * {"keep": 0, "earlier": -1, "later": 1}[rule.value] >= 0
