"""Lists of instruments and the product's own seed."""

from datetime import date
from pathlib import Path

import pytest

from h5app.market.importers.commands import (
    ImportDesk,
)
from h5app.market.importers.instruments import (
    board_by_code,
    pinyin_initials,
    seed_actions,
    seed_instruments,
)
from h5app.market.importers.table_file import (
    BadRow,
    guess_exchange,
)
from h5app.market.model import Board, ListingStatus
from tests.market.import_tables import TODAY, Take, counts, table
from tests.market.rule_samples import book


def test_instruments_keep_what_a_list_does_not_say(
    tmp_path: Path, desk: ImportDesk, take: Take
) -> None:
    """A list changes names and standing; fundamentals, indices and prices of ours stay."""
    desk.store.put_instruments(seed_instruments(TODAY, book().trading_days, desk.rules))
    before = next(each for each in desk.store.instruments() if each.symbol == "600519.SH")
    text = (
        "code,exchange,name,board,list_date\n"
        "600519,SSE,*ST茅台,MAIN,2001-08-27\n"
        "302132,SZSE,中航成飞,CHINEXT,\n"
        "920185,BSE,贝特瑞,BSE,\n"
        "777777,SSE,某某,,\n"
    )
    _, lines = take("instruments", table(tmp_path, text))

    found = {each.symbol: each for each in desk.store.instruments()}
    after = found["600519.SH"]
    assert (after.short_name, after.is_st, after.pinyin) == ("*ST茅台", True, "STMT")
    assert after.fundamentals == before.fundamentals
    assert after.indices == before.indices
    assert found["302132.SZ"].board is Board.CHINEXT
    assert "不可用 1 行" in counts(lines)
    assert "写入 1 条, 已有且相同 2 条" in counts(lines)


@pytest.mark.shared
def test_the_exchange_lists_come_in_whole(shared_dir: Path, desk: ImportDesk, take: Take) -> None:
    """5,495 real instruments with boards and initials; ST is seen from the name."""
    code, lines = take("instruments", shared_dir / "data" / "market" / "instruments.csv")

    found = {each.symbol: each for each in desk.store.instruments()}
    assert code == 0
    assert counts(lines) == "读入 5495 行, 写入 5495 条, 已有且相同 0 条, 不可用 0 行"
    assert sum(each.board is Board.STAR for each in found.values()) == 562
    assert found["000002.SZ"].short_name == "万科A"
    assert found["600491.SH"].is_st
    assert found["920982.BJ"].pinyin == "JBSW"


def test_the_seed_is_whole_for_any_first_day() -> None:
    """One newly listed on the first day, one suspended, one going ex in six days, every board."""
    days = book().trading_days
    for first_on in (TODAY, date(2026, 9, 26), date(2027, 2, 8)):
        opening = days.trading_day_on_or_after(first_on)
        instruments = seed_instruments(first_on, days, book().on(opening))
        by_symbol = {each.symbol: each for each in instruments}

        assert len(by_symbol) == len(instruments) >= 110
        assert {each.board for each in instruments} == set(Board)
        assert [each.symbol for each in instruments if each.listed_on == opening] == ["301575.SZ"]
        suspended = [e.symbol for e in instruments if e.status is ListingStatus.SUSPENDED]
        assert suspended == ["600585.SH"]
        assert all(each.reference_milli or 0 for each in instruments)
        assert not any((each.reference_milli or 0) % each.tick_milli for each in instruments)
        actions = seed_actions(first_on, days)
        going_ex = next(each for each in actions if each.symbol == "600900.SH")
        assert 6 <= (going_ex.ex_on - first_on).days <= 13
        assert all(days.is_trading_day(each.ex_on) for each in actions)
        assert all(each.announced_on and each.announced_on < first_on for each in actions)
        assert {each.symbol for each in actions} <= set(by_symbol)
        members = {index for each in instruments for index in each.indices}
        assert members <= set(by_symbol)
        assert {e.underlying for e in instruments if e.underlying} <= set(by_symbol)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("贵州茅台", "GZMT"), ("*ST康佳A", "STKJA"), ("平安银行", "PAYH"), ("沪深300ETF", "HS300ETF")],
)
def test_names_are_found_by_their_initials(name: str, initials: str) -> None:
    """银行 is YH although 行 alone is often X; letters and digits stay."""
    assert pinyin_initials(name) == initials


@pytest.mark.parametrize(
    ("symbol", "board"),
    [
        *(("302132.SZ", "CHINEXT"), ("689009.SH", "STAR"), ("000001.SH", "INDEX")),
        *(("000001.SZ", "SZSE_MAIN"), ("920002.BJ", "BSE"), ("200725.SZ", "SZSE_B")),
        *(("508000.SH", "REIT"), ("118034.SH", "CONVERTIBLE"), ("899050.BJ", "INDEX")),
    ],
)
def test_code_ranges_say_the_board(symbol: str, board: str) -> None:
    """The same six digits differ by exchange; an unknown range is refused."""
    assert board_by_code(symbol) is Board(board)
    with pytest.raises(BadRow):
        board_by_code("777777.SH")


@pytest.mark.parametrize(
    ("code", "exchange"),
    [
        *(("600519", "SH"), ("000001", "SZ"), ("300750", "SZ"), ("920002", "BJ")),
        *(("835185", "BJ"), ("510050", "SH"), ("159915", "SZ"), ("113052", "SH")),
    ],
)
def test_a_bare_code_has_its_exchange(code: str, exchange: str) -> None:
    """Stocks and funds can be told by their code; indices must be written with the exchange."""
    assert guess_exchange(code) == exchange
