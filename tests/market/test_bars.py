"""Folding bars, and the 32-byte files they lie in."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.symbol import NotASymbol
from h5app.market.bars import (
    bars_of_points,
    day_end,
    day_of_minutes,
    fold,
    fold_minutes,
    with_live,
)
from h5app.market.bars_file import BarFiles, read_bar_file, symbol_of
from h5app.market.bars_record import (
    BadRecord,
    pack_day,
    pack_minute,
    price_unit_milli,
    unpack_day,
    unpack_minute,
)
from h5app.market.model import Bar, MinutePoint, Period
from h5app.market.slots import slot_moment

DAY = date(2026, 8, 3)


def minute(slot: int, close: int = 10_000, volume: int = 100) -> Bar:
    """A one-minute bar whose stamp is the end of a slot."""
    return Bar(slot_moment(DAY, slot), close, close + 10, close - 10, close, volume, volume * 10)


def day_bar(on: date, close: int = 10_000) -> Bar:
    """A day bar."""
    return Bar(day_end(on), close - 50, close + 100, close - 100, close, 1_000, 10_000)


WHOLE_DAY = [minute(slot, 10_000 + slot) for slot in range(1, 241)]


@pytest.mark.parametrize(
    ("minutes", "count", "second_stamp"),
    [(5, 48, "09:40"), (15, 16, "10:00"), (30, 8, "10:30"), (60, 4, "11:30")],
)
def test_minutes_fold_by_trading_minutes(minutes: int, count: int, second_stamp: str) -> None:
    """A day has 240 minutes; groups never straddle lunch and are stamped with their end."""
    folded = fold(WHOLE_DAY, Period(f"{minutes}m"))

    assert len(folded) == count
    assert folded[1].at.strftime("%H:%M") == second_stamp
    assert folded[-1].at.strftime("%H:%M") == "15:00"
    assert sum(bar.volume_shares for bar in folded) == 24_000
    assert folded[0].open_milli == WHOLE_DAY[0].open_milli
    assert folded[-1].close_milli == WHOLE_DAY[-1].close_milli


def test_the_opening_auction_belongs_to_the_first_minute() -> None:
    """A print stamped 09:25 or 09:30 is folded into the bar of 09:31."""
    auction = Bar(datetime(2026, 8, 3, 9, 25, tzinfo=SHANGHAI), 9_900, 9_900, 9_900, 9_900, 500, 1)

    folded = fold_minutes([auction, minute(1)], 1)

    assert [bar.at for bar in folded] == [slot_moment(DAY, 1)]
    assert (folded[0].open_milli, folded[0].volume_shares) == (9_900, 600)


def test_a_stamp_outside_the_session_is_left_out() -> None:
    """After-hours and lunch stamps are no minute of the line."""
    late = Bar(datetime(2026, 8, 3, 15, 10, tzinfo=SHANGHAI), 1, 1, 1, 1, 1, 1)

    assert fold_minutes([minute(240), late], 5)[-1].volume_shares == 100


def test_days_fold_into_weeks_months_quarters_and_years() -> None:
    """A period is stamped with its last trading day; years do not share a week by number only."""
    days = [day_bar(date(2025, 12, 29) + timedelta(days=n)) for n in range(10)]

    assert [bar.on.day for bar in fold(days, Period.WEEK)] == [4, 7]
    assert [bar.on for bar in fold(days, Period.MONTH)] == [date(2025, 12, 31), date(2026, 1, 7)]
    assert len(fold(days, Period.QUARTER)) == len(fold(days, Period.YEAR)) == 2
    assert fold(days, Period.DAY) == days
    assert fold([], Period.YEAR) == []
    a_year_apart = [day_bar(date(2025, 8, 6)), day_bar(date(2026, 8, 5))]
    assert a_year_apart[0].on.isocalendar()[1] == a_year_apart[1].on.isocalendar()[1]
    assert len(fold(a_year_apart, Period.WEEK)) == 2


def test_the_last_bar_is_alive() -> None:
    """Today's bar joins its week, or begins a new one."""
    week = fold([day_bar(date(2026, 8, 3)), day_bar(date(2026, 8, 4))], Period.WEEK)
    today = day_bar(date(2026, 8, 5), 12_000)

    joined = with_live(week, today, Period.WEEK)

    assert len(joined) == 1
    assert (joined[0].on, joined[0].close_milli) == (date(2026, 8, 5), 12_000)
    assert joined[0].volume_shares == 3_000
    assert len(with_live(week, day_bar(date(2026, 8, 10)), Period.WEEK)) == 2
    assert with_live(week, None, Period.WEEK) == week
    assert len(with_live([day_bar(DAY)], day_bar(DAY, 9_000), Period.DAY)) == 1
    assert with_live([], today, Period.YEAR) == [today]


def test_a_line_becomes_minute_bars() -> None:
    """A day's points carry on from each other; the auction is in the first bar."""
    points = [
        MinutePoint(0, 10_000, 10_000, 300, 1),
        MinutePoint(1, 10_020, 10_010, 100, 1),
        MinutePoint(2, 9_990, 10_000, 100, 1),
    ]

    bars = bars_of_points(points, DAY, open_milli=10_000)

    assert [bar.volume_shares for bar in bars] == [400, 100]
    assert (bars[1].open_milli, bars[1].high_milli, bars[1].low_milli) == (10_020, 10_020, 9_990)
    day = day_of_minutes(bars)
    assert day is not None
    assert (day.at, day.close_milli, day.volume_shares) == (day_end(DAY), 9_990, 500)
    assert day_of_minutes([]) is None


prices = st.integers(1, 40_000).map(lambda n: n * 10)


@given(
    price=st.tuples(prices, prices, prices, prices),
    volume=st.integers(0, 2**44),
    turnover=st.integers(0, 10**7).map(lambda n: n * 100),
    days=st.integers(0, 9_000),
)
def test_a_record_comes_back_as_it_was(
    price: tuple[int, int, int, int], volume: int, turnover: int, days: int
) -> None:
    """Day and minute records keep prices and volume exactly, volumes beyond 32 bits too."""
    opened, close = price[0], price[1]
    on = date(2005, 1, 1) + timedelta(days=days)
    high, low = max(price), min(price)
    bar = Bar(day_end(on), opened, high, low, close, volume, turnover)

    assert unpack_day(pack_day(bar, 10), 10) == bar
    assert unpack_minute(pack_minute(bar), 10) == bar


@given(st.binary(min_size=32, max_size=32))
def test_garbage_is_a_bar_or_a_bad_record(record: bytes) -> None:
    """Any 32 bytes give a sensible bar or BadRecord, never another error."""
    for unpack in (unpack_day, unpack_minute):
        try:
            bar = unpack(record, 10)
        except BadRecord:
            continue
        assert 0 < bar.low_milli <= bar.close_milli <= bar.high_milli


@pytest.mark.parametrize(
    ("symbol", "unit"),
    [
        *(("600519.SH", 10), ("000001.SH", 10), ("510050.SH", 1), ("113052.SH", 1)),
        *(("900901.SH", 1), ("159915.SZ", 1), ("200725.SZ", 10), ("920002.BJ", 10)),
    ],
)
def test_prices_of_three_decimals_have_their_own_unit(symbol: str, unit: int) -> None:
    """Funds, bonds and Shanghai B shares are stored in 1/1000."""
    assert price_unit_milli(symbol) == unit


def test_the_last_bars_are_read_from_the_end(tmp_path: Path) -> None:
    """More than is there gives all; a symbol without a file gives none."""
    files = BarFiles(tmp_path)
    bars = [day_bar(date(2026, 1, 1) + timedelta(days=n), 10_000 + n * 10) for n in range(50)]
    files.merge("600519.SH", Period.DAY, bars)

    assert files.last("600519.SH", Period.DAY, 3) == bars[-3:]
    assert files.last("600519.SH", Period.DAY, 300) == bars
    assert files.last("600000.SH", Period.DAY, 300) == []
    assert files.symbols(Period.DAY) == ["600519.SH"]
    before = files.version("600519.SH", Period.DAY)
    files.merge("600519.SH", Period.DAY, bars)
    assert files.version("600519.SH", Period.DAY) == before is not None
    files.merge("600519.SH", Period.DAY, [day_bar(date(2026, 8, 3))])
    assert files.version("600519.SH", Period.DAY) != before
    assert files.version("600000.SH", Period.DAY) is None
    assert files.path("600519.SH", Period.DAY) == tmp_path / "sh" / "lday" / "sh600519.day"
    with pytest.raises(NotASymbol):
        files.last("../../etc/passwd", Period.DAY, 1)


def test_storing_twice_changes_nothing_and_a_correction_replaces(tmp_path: Path) -> None:
    """Merging is idempotent; a bar of a known stamp replaces the old one, order stays."""
    files = BarFiles(tmp_path)
    first, second = day_bar(date(2026, 8, 3)), day_bar(date(2026, 8, 4))

    assert files.merge("600519.SH", Period.DAY, [second, first]) == 2
    assert files.merge("600519.SH", Period.DAY, [first, second]) == 0
    assert files.merge("600519.SH", Period.DAY, [day_bar(date(2026, 8, 5))]) == 1
    assert files.merge("600519.SH", Period.DAY, [day_bar(date(2026, 8, 3), 20_000)]) == 1
    assert files.merge("600519.SH", Period.DAY, []) == 0
    stored = files.all("600519.SH", Period.DAY)
    assert [bar.close_milli for bar in stored] == [20_000, 10_000, 10_000]
    assert all(before.at < after.at for before, after in pairwise(stored))


def test_a_torn_record_is_left_out_and_mended(tmp_path: Path) -> None:
    """A power cut while appending costs the torn record only."""
    files = BarFiles(tmp_path)
    bars = [day_bar(date(2026, 8, on)) for on in (3, 4)]
    files.merge("600519.SH", Period.DAY, bars)
    path = files.path("600519.SH", Period.DAY)
    path.write_bytes(path.read_bytes() + b"\x01" * 20)

    assert files.last("600519.SH", Period.DAY, 5) == bars
    _, check = read_bar_file(path, "600519.SH")
    assert (check.good, check.torn_bytes) == (2, 20)

    files.merge("600519.SH", Period.DAY, bars)
    assert path.stat().st_size == 2 * 32
    path.write_bytes(path.read_bytes() + b"\x01" * 20)
    files.merge("600519.SH", Period.DAY, [day_bar(date(2026, 8, 5))])
    assert path.stat().st_size == 3 * 32


def test_a_record_that_is_no_bar_is_left_out(tmp_path: Path) -> None:
    """Zeros in the middle of a file do not become a price of 0."""
    files = BarFiles(tmp_path)
    files.merge("600519.SH", Period.DAY, [day_bar(date(2026, 8, 3))])
    path = files.path("600519.SH", Period.DAY)
    path.write_bytes(bytes(32) + path.read_bytes())

    assert len(files.last("600519.SH", Period.DAY, 5)) == 1
    assert read_bar_file(path, "600519.SH")[1].bad == 1


def test_real_files_of_the_field_are_read(shared_dir: Path) -> None:
    """Recorded .day, .lc1 and .lc5 files read whole, without a bad record."""
    paths = sorted((shared_dir / "data" / "market" / "tdx").iterdir())

    checks = [read_bar_file(path, symbol_of(path))[1] for path in paths]

    assert sum(check.good for check in checks) == 5_566
    assert {(check.bad, check.torn_bytes) for check in checks} == {(0, 0)}


def test_a_users_own_vipdoc_folder_works_as_it_is(tmp_path: Path, shared_dir: Path) -> None:
    """The real file in its own place is a history, prices of a fund in three decimals."""
    source = shared_dir / "data" / "market" / "tdx" / "sh510050.day"
    target = tmp_path / "vipdoc" / "sh" / "lday" / source.name
    target.parent.mkdir(parents=True)
    target.write_bytes(source.read_bytes())

    last = BarFiles(tmp_path / "vipdoc").last("510050.SH", Period.DAY, 1)[0]

    assert (last.on, last.close_milli, last.volume_shares) == (
        date(2017, 4, 18),
        2_338,
        142_334_470,
    )
