"""Imports: real files, other people's columns, bad rows, torn files, twice the same."""

import argparse
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5app.kernel.clock import SHANGHAI
from h5app.market.importers.commands import (
    ImportDesk,
    add_bars_arguments,
    run_bars,
)
from h5app.market.importers.intraday import minutes_of_prints
from h5app.market.importers.table_file import (
    ImportFileUnusable,
    ImportReport,
    TableFile,
)
from h5app.market.model import Period, Print, Side
from h5app.plumbing.day_tables import load_trading_days
from tests.market.import_tables import HEADER, Take, counts, table


def show(desk: ImportDesk, *words: str) -> tuple[int, list[str]]:
    """Run the bars command as a user types it."""
    parser = argparse.ArgumentParser()
    add_bars_arguments(parser)
    return run_bars(parser.parse_args(words), desk)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (HEADER + "600519.SH,2026-08-03,100,101.5,99,100.25,99.9,1200,121000.5\n", "utf-8"),
        (
            (
                "ts_code,trade_date,open,high,low,close,pre_close,vol,amount\n"
                "600519.SH,20260803,100,101.5,99,100.25,99.9,12,121.0005\n"
            ),
            "utf-8",
        ),
        (
            (
                "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额\n"
                "2026-08-03,600519,100,100.25,101.5,99,12,121000.5\n"
            ),
            "gb18030",
        ),
    ],
)
def test_day_bars_of_every_dialect_are_the_same(
    tmp_path: Path, desk: ImportDesk, take: Take, text: str, encoding: str
) -> None:
    """Lots and thousands become shares and fen, GBK becomes text."""
    code, _ = take("bars", table(tmp_path, text, encoding=encoding))

    bar = desk.files.last("600519.SH", Period.DAY, 1)[0]
    assert code == 0
    assert (bar.open_milli, bar.high_milli, bar.low_milli, bar.close_milli) == (
        *(100_000, 101_500, 99_000, 100_250),
    )
    assert (bar.on, bar.volume_shares) == (date(2026, 8, 3), 1_200)
    assert bar.turnover_fen == pytest.approx(12_100_050, abs=100)


def test_a_reference_that_is_not_the_close_before_is_an_ex_day(
    tmp_path: Path, desk: ImportDesk, take: Take
) -> None:
    """Bars with the exchange's reference bring their ex days; forward bars then have no gap."""
    rows = (
        "000001.SZ,2019-06-25,13.4,13.5,13.3,13.43,13.40,1000,13430\n"
        "000001.SZ,2019-06-26,13.3,13.4,13.2,13.35,13.29,1000,13350\n"
    )
    take("bars", table(tmp_path, HEADER + rows))

    (action,) = desk.store.actions("000001.SZ")
    assert (action.ex_on, action.reference_milli) == (date(2019, 6, 26), 13_290)
    code, lines = show(desk, "000001.SZ", "--adjust", "forward")
    assert code == 0
    assert "13.290" in lines[1]
    assert "13.350" in lines[2]


def test_bad_rows_are_counted_and_named_and_the_others_come_in(
    tmp_path: Path, desk: ImportDesk, take: Take
) -> None:
    """Every sort of bad row has its line and its reason; a torn last line is one of them."""
    good = "600519.SH,2026-08-03,100,101,99,100,,1200,120000\n"
    bad = (
        "600519,2026-13-03,100,101,99,100,,1200,\n"
        "60051X.SH,2026-08-04,100,101,99,100,,1200,\n"
        "600519.SH,2026-08-04,abc,101,99,100,,1200,\n"
        "600519.SH,2026-08-04,100,98,99,100,,1200,\n"
        "600519.SH,2026-08-04,0,101,99,100,,1200,\n"
        "600519.SH,2026-08-04,100,101,99,100,,12.5,\n"
        "600519.SH,2026-08-04,100,101,99,NaN,,1200,\n"
        "600519.SH,2026-08-0"
    )

    code, lines = take("bars", table(tmp_path, HEADER + good + bad))

    assert code == 0
    assert counts(lines) == "读入 9 行, 写入 1 条, 已有且相同 0 条, 不可用 8 行"
    assert any("第 3 行: date 不是日期: 2026-13-03" in line for line in lines)
    assert any("其余 3 行从略" in line for line in lines)
    assert len(desk.files.all("600519.SH", Period.DAY)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "缺少列"),
        (b"name,price\nx,1\n", "缺少列"),
        (b"symbol,date\0", "不是文本文件"),
        (b"\xff\xff\xff\xff,date\n", "文件可能已损坏"),
        (b"symbol,date," + b"x" * 200_000 + b"\n", "不是可用的表格"),
        (None, "读不到文件"),
    ],
)
def test_a_file_of_another_kind_ends_in_a_clear_message(
    tmp_path: Path, desk: ImportDesk, take: Take, content: bytes | None, told: str
) -> None:
    """Nothing is stored and the sentence says what is wrong; the next file still comes in."""
    path = tmp_path / "odd.csv"
    if content is not None:
        path.write_bytes(content)
    good = table(tmp_path, HEADER + "600519.SH,2026-08-03,100,101,99,100,,1200,120000\n")

    code, lines = take("bars", path, good)

    assert code == 1
    assert lines[0].startswith("未导入: ")
    assert told in lines[0]
    assert desk.files.symbols(Period.DAY) == ["600519.SH"]


def test_a_torn_bar_file_is_said(tmp_path: Path, take: Take) -> None:
    """A .day file that ends inside a record: what is whole comes in, the rest is named."""
    path = tmp_path / "sh600000.day"
    path.write_bytes(b"\x07" * 45)

    code, lines = take("bars", path)

    assert code == 1
    assert "没有可用的 K 线" in lines[0]
    odd = tmp_path / "folder"
    odd.mkdir()
    (odd / "readme.day").write_bytes(b"x" * 32)
    assert take("bars", odd)[0] == 1


@given(content=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_table_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    """Opening arbitrary bytes never fails in another way."""
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        opened = TableFile(path, {}, needed=("symbol",))
    except ImportFileUnusable:
        return
    report = ImportReport("x", "any.csv")
    assert len(list(opened.rows(report))) + report.bad == report.read


@pytest.mark.shared
def test_the_recorded_files_come_in_twice_alike(
    shared_dir: Path, desk: ImportDesk, take: Take
) -> None:
    """Real prints, minutes, a snapshot and a calendar: stored once, then found the same."""
    folder = shared_dir / "data" / "market"
    files = {
        "minutes": "minute_1m_from_ticks.csv",
        "ticks": "ticks_20190201_20190211.csv",
        "trading-days": "trading_days_1990_2026.csv",
        "actions": "ex_events_2019_2020.csv",
    }

    first = {kind: take(kind, folder / name) for kind, name in files.items()}
    second = {kind: take(kind, folder / name) for kind, name in files.items()}

    assert [code for code, _ in [*first.values(), *second.values()]] == [0] * 8
    assert counts(first["ticks"][1]).startswith("读入 15562 行, 写入 15562 条")
    assert all("写入 0 条" in counts(lines) for _, lines in second.values())
    assert desk.recorded.print_days() == [date(2019, 2, 1), date(2019, 2, 11)]
    on = date(2019, 2, 1)
    assert "600000.SH" in desk.recorded.print_symbols(on)
    prints = desk.recorded.prints("600000.SH", on)
    assert (prints[0].price_milli, prints[0].side) == (10_820, None)
    days = load_trading_days(desk.home)
    assert days.is_trading_day(date(2002, 2, 8))
    assert min(days.recorded) == 1991


@pytest.mark.shared
def test_minutes_from_prints_are_those_recorded_beside_them(
    shared_dir: Path, desk: ImportDesk, take: Take
) -> None:
    """Our own folding of the prints gives the recorded minutes: one rule for stamps."""
    folder = shared_dir / "data" / "market"
    take("minutes", folder / "minute_1m_from_ticks.csv")
    recorded = desk.files.all("600000.SH", Period.MINUTE_1)
    take("ticks", folder / "ticks_20190201_20190211.csv")

    assert desk.files.all("600000.SH", Period.MINUTE_1) == recorded
    assert len(recorded) > 400


@pytest.mark.shared
def test_a_minute_line_never_replaces_known_minutes(
    shared_dir: Path, desk: ImportDesk, take: Take, tmp_path: Path
) -> None:
    """A line has no highs and lows; it fills what is not known and leaves the rest."""
    source = shared_dir / "data" / "market" / "intraday_line_201812_201901.csv"
    lines = source.read_text("utf-8").splitlines()
    line = table(tmp_path, "\n".join(lines[:241]) + "\n", name="line.csv")

    take("minutes", line)
    before = desk.files.all("000001.SH", Period.MINUTE_1)
    _, told = take("minutes", line)

    assert len(before) == 240
    assert (before[0].at.strftime("%H:%M"), before[-1].at.strftime("%H:%M")) == ("09:31", "15:00")
    assert counts(told).startswith("读入 240 行, 写入 0 条, 已有且相同 240 条")


@pytest.mark.shared
def test_a_snapshot_is_one_state_and_a_day_bar(
    shared_dir: Path, desk: ImportDesk, take: Take, tmp_path: Path
) -> None:
    """Rows without any price are counted; what was not traded keeps None, never 0."""
    source = shared_dir / "data" / "market" / "snapshot_main_board_2026_08.csv"
    lines = source.read_text("utf-8").splitlines()
    code, told = take("snapshot", table(tmp_path, "\n".join(lines[:201]) + "\n", name="snap.csv"))

    rows = desk.recorded.snapshot(date(2026, 8, 12))
    bank = next(row for row in rows if row.symbol == "000001.SZ")
    assert code == 0
    assert "不可用 4 行" in counts(told)
    assert (bank.previous_close_milli, bank.close_milli) == (11_260, 11_250)
    assert bank.at == datetime(2026, 8, 12, 15, 36, tzinfo=SHANGHAI)
    assert all(row.close_milli != 0 for row in rows)
    assert desk.files.last("000001.SZ", Period.DAY, 1)[0].close_milli == 11_250


def test_a_print_at_the_edge_of_a_session_stays_in_it() -> None:
    """09:25 is in the first minute, 11:30:01 in 11:30, 15:00:03 in 15:00, 15:06 in none."""
    prints = [
        Print(datetime(2026, 8, 3, *at, tzinfo=SHANGHAI), 10_000, 100, Side.BUY)
        for at in ((9, 25, 2), (9, 30, 5), (11, 30, 1), (13, 0, 3), (15, 0, 3), (15, 6, 0))
    ]

    minutes = minutes_of_prints(prints)

    stamps = [(bar.at.strftime("%H:%M"), bar.volume_shares) for bar in minutes]
    assert stamps == [("09:31", 200), ("11:30", 100), ("13:01", 100), ("15:00", 100)]


def test_actions_know_terms_per_ten_and_per_share(
    tmp_path: Path, desk: ImportDesk, take: Take
) -> None:
    """Terms per 10 shares become terms per share; a row of share counts only is no action."""
    text = (
        "symbol,ex_date,bonus_per10,capitalisation_per10,rights_per10,rights_price,cash_per10\n"
        "000002.SZ,1994-06-21,3.5,1.5,0,0,1.5\n"
        "000002.SZ,1995-06-21,0,0,0,0,0\n"
        "000002.SZ,1996-06-21,0,0,-1,0,0\n"
    )
    _, lines = take("actions", table(tmp_path, text))

    (action,) = desk.store.actions()
    assert (action.bonus_per_share, action.cash_per_share) == (Decimal("0.5"), Decimal("0.15"))
    assert action.title == "每10股送转5股派1.5元"
    assert "另有 1 行只有股本变动, 无权息, 略过" in lines
    bare = "symbol,ex_date,exchange_reference_pre_close\n000002.SZ,1994-06-21,9.99\n"
    take("actions", table(tmp_path, bare, name="bare.csv"))
    assert desk.store.actions()[0] == action


def test_a_broken_year_is_not_a_calendar(tmp_path: Path, desk: ImportDesk, take: Take) -> None:
    """Years that are not whole would turn working days into holidays; they are left out."""
    code, lines = take("trading-days", table(tmp_path, "date\n2030-01-02\n2030-01-03\n"))

    assert code == 1
    assert "没有一个完整年份" in lines[0]
    assert not (desk.home / "trading_days.txt").exists()


def test_bars_are_shown_or_the_reason_why_not(desk: ImportDesk, tmp_path: Path, take: Take) -> None:
    """The command says what to do when there is nothing, and folds what there is."""
    assert show(desk) == (0, ["还没有日线; 用 python -m h5app import bars FILE 导入"])
    assert show(desk, "600519")[0] == 1
    assert show(desk, "600519.SH") == (1, ["600519.SH 没有这个周期的 K 线"])
    rows = "".join(f"600519.SH,2026-08-{on:02},100,101,99,100,,1200,120000\n" for on in range(3, 8))
    take("bars", table(tmp_path, HEADER + rows))

    assert show(desk)[1] == ["600519.SH"]
    code, lines = show(desk, "600519.SH", "--period", "week")
    assert (code, len(lines)) == (0, 2)
    assert "2026-08-07" in lines[1]
    assert "6000" in lines[1]
