"""Instruments: from the product's own seed, and from lists of others (CSV)."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING

from pypinyin import Style, lazy_pinyin

from h5app.market.importers.table_file import (
    BadRow,
    Cells,
    ImportReport,
    TableFile,
    parsed,
    to_milli,
)
from h5app.market.model import (
    SIMULATED_SOURCE_LABEL,
    Board,
    CorporateAction,
    Fundamentals,
    Instrument,
    ListingStatus,
    Product,
)
from h5app.market.rules import product_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from h5app.kernel.trading_day import TradingDays
    from h5app.market.rules import DayRules
    from h5app.market.store import MarketStore

NAME_LENGTH_MAX = 32
_NAMES = {
    "ts_code": "symbol",
    "代码": "code",
    "证券代码": "code",
    "股票代码": "code",
    "名称": "name",
    "证券简称": "name",
    "股票简称": "name",
    "交易所": "exchange",
    "market": "board",
    "板块": "board",
    "上市日期": "list_date",
    "listed_on": "list_date",
    "总股本": "shares_outstanding",
    "流通股": "shares_float",
}
_BOARD_WORDS = {
    **dict.fromkeys(("MAIN", "主板"), None),
    **dict.fromkeys(("STAR", "科创板"), Board.STAR),
    **dict.fromkeys(("CHINEXT", "创业板"), Board.CHINEXT),
    **dict.fromkeys(("BSE", "北交所"), Board.BSE),
}
_PREFIXES: tuple[tuple[str, tuple[str, ...], Board], ...] = (
    ("SH", ("688", "689"), Board.STAR),
    ("SH", ("900",), Board.SSE_B),
    ("SH", ("508",), Board.REIT),
    ("SH", ("588",), Board.ETF_20PCT),
    ("SH", ("5",), Board.ETF),
    ("SH", ("11",), Board.CONVERTIBLE),
    ("SH", ("000",), Board.INDEX),
    ("SH", ("6",), Board.SSE_MAIN),
    ("SZ", ("30",), Board.CHINEXT),
    ("SZ", ("39",), Board.INDEX),
    ("SZ", ("20",), Board.SZSE_B),
    ("SZ", ("180", "181"), Board.REIT),
    ("SZ", ("15", "16", "18"), Board.ETF),
    ("SZ", ("12",), Board.CONVERTIBLE),
    ("SZ", ("00",), Board.SZSE_MAIN),
    ("BJ", ("899",), Board.INDEX),
    ("BJ", ("",), Board.BSE),
)
_CURRENCIES = {Board.SSE_B: "USD", Board.SZSE_B: "HKD"}
_LATIN_OFTEN_WRITTEN_WIDE = str.maketrans({chr(0xFF21 + n): chr(0x41 + n) for n in range(26)})
_INDEX_TICK_MILLI = 10
_HAND_SHARES = 100
"""One 手 on the screen where orders step by single shares."""


def pinyin_initials(name: str) -> str:
    """Upper-case initials by which a name is searched: 贵州茅台 is GZMT, *ST康佳A is STKJA."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
    return "".join(letter for letter in "".join(letters) if letter.isalnum()).upper()


def board_by_code(symbol: str) -> Board:
    """Board that a symbol's code range belongs to.

    Raises:
        BadRow: No range that is known.
    """
    code, _, exchange = symbol.partition(".")
    for where, prefixes, board in _PREFIXES:
        if where == exchange and code.startswith(prefixes):
            return board
    raise BadRow(f"不认识的代码段: {symbol}")


def make_instrument(
    symbol: str,
    name: str,
    board: Board,
    rules: DayRules,
    product: Product | None = None,
) -> Instrument:
    """An instrument with what its board and the rules of the day say about it."""
    short_name = name.translate(_LATIN_OFTEN_WRITTEN_WIDE).replace(" ", "")
    product = product or product_of(board)
    lot = rules.lot_of(board)
    return Instrument(
        symbol=symbol,
        name=short_name,
        short_name=short_name,
        pinyin=pinyin_initials(short_name),
        board=board,
        product=product,
        lot_shares=lot.step_shares if lot and lot.step_shares > 1 else _HAND_SHARES,
        tick_milli=rules.tick_milli(board) or _INDEX_TICK_MILLI,
        is_st=short_name.startswith(("ST", "*ST", "SST", "S*ST")),
        listed_on=None,
        is_t0=rules.is_t0(product),
        currency=_CURRENCIES.get(board, "CNY"),
    )


def import_instruments(path: Path, store: MarketStore, rules: DayRules) -> ImportReport:
    """Add the instruments of a list; what is known of one beyond the list's columns is kept.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("证券", path.name)
    table = TableFile(path, _NAMES, needed=("symbol|code", "name"))
    known = {each.symbol: each for each in store.instruments()}
    changed: dict[str, Instrument] = {}
    for _, made in parsed(table, report, lambda cells: _listed(cells, rules)):
        merged = _merged(known.get(made.symbol), made)
        if merged == known.get(made.symbol):
            report.unchanged += 1
        else:
            changed[made.symbol] = merged
    store.put_instruments(changed.values())
    report.stored = len(changed)
    return report


def listed_instruments(path: Path, rules: DayRules) -> dict[str, Instrument]:
    """Return the instruments of a list by symbol without storing them; none without the file.

    Raises:
        ImportFileUnusable: The file is there, but no such list.
    """
    if not path.exists():
        return {}
    report = ImportReport("证券", path.name)
    table = TableFile(path, _NAMES, needed=("symbol|code", "name"))
    made = parsed(table, report, lambda cells: _listed(cells, rules))
    return {one.symbol: one for _, one in made}


def seed_instruments(
    first_on: date, trading_days: TradingDays, rules: DayRules
) -> list[Instrument]:
    """The product's own list; the new listings lie relative to the demo's first day."""
    rows = _seed_rows("seed_instruments.csv")
    return [_seeded(row, first_on, trading_days, rules) for row in rows]


def seed_actions(first_on: date, trading_days: TradingDays) -> list[CorporateAction]:
    """Simulated distributions, so many calendar days from the demo's first day, on trading days."""
    return [_seeded_action(row, first_on, trading_days) for row in _seed_rows("seed_actions.csv")]


def _listed(cells: Cells, rules: DayRules) -> Instrument:
    symbol, name = cells.symbol(), cells.text("name")
    if len(name) > NAME_LENGTH_MAX:
        raise BadRow(f"名称过长: {name[:20]}")
    word = cells.values.get("board", "").upper()
    if word in Board.__members__ and word not in _BOARD_WORDS:
        board = Board(word)
    else:
        board = _BOARD_WORDS.get(word) or board_by_code(symbol)
    fundamentals = Fundamentals(
        shares_outstanding=_count_or_none(cells, "shares_outstanding"),
        shares_float=_count_or_none(cells, "shares_float"),
        eps_milli=_milli_or_none(cells, "eps"),
    )
    return replace(
        make_instrument(symbol, name, board, rules),
        listed_on=cells.day_or_none("list_date"),
        old_code=cells.values.get("old_code") or None,
        fundamentals=fundamentals,
    )


def _merged(known: Instrument | None, made: Instrument) -> Instrument:
    if known is None:
        return made
    own = known.fundamentals
    given = made.fundamentals
    fundamentals = replace(
        own,
        shares_outstanding=given.shares_outstanding or own.shares_outstanding,
        shares_float=given.shares_float or own.shares_float,
        eps_milli=own.eps_milli if given.eps_milli is None else given.eps_milli,
    )
    return replace(
        known,
        name=made.name,
        short_name=made.short_name,
        pinyin=made.pinyin,
        is_st=made.is_st,
        listed_on=made.listed_on or known.listed_on,
        old_code=made.old_code or known.old_code,
        fundamentals=fundamentals,
    )


def _count_or_none(cells: Cells, name: str) -> int | None:
    return cells.count(name) if cells.values.get(name) else None


def _milli_or_none(cells: Cells, name: str) -> int | None:
    value = cells.decimal_or_none(name)
    return None if value is None else to_milli(value)


def _seed_rows(name: str) -> list[dict[str, str]]:
    text = resources.files("h5app.market").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _seeded(
    row: Mapping[str, str], first_on: date, trading_days: TradingDays, rules: DayRules
) -> Instrument:
    board, product = Board(row["board"]), Product(row["product"])
    base = make_instrument(row["symbol"], row["short_name"], board, rules, product)
    return replace(
        base,
        listed_on=_seed_listing(row, first_on, trading_days),
        status=ListingStatus(row["status"]),
        is_margin=row["is_margin"] == "1",
        is_connect=row["is_connect"] == "1",
        tags=tuple(row["tags"].split()),
        indices=tuple(row["indices"].split()),
        old_code=row["old_code"] or None,
        underlying=row["underlying"] or None,
        reference_milli=to_milli(Decimal(row["reference_price"])),
        fundamentals=Fundamentals(
            shares_outstanding=int(row["shares_outstanding"] or 0) or None,
            shares_float=int(row["shares_float"] or 0) or None,
            eps_milli=_seed_milli(row["eps"]),
            eps_ttm_milli=_seed_milli(row["eps_ttm"]),
            eps_forward_milli=_seed_milli(row["eps_forward"]),
            net_assets_per_share_milli=_seed_milli(row["net_assets_per_share"]),
        ),
    )


def _seed_listing(row: Mapping[str, str], first_on: date, trading_days: TradingDays) -> date:
    if not row["demo_listed_days"]:
        return date.fromisoformat(row["listed_on"])
    opening = trading_days.trading_day_on_or_after(first_on)
    return trading_days.add(opening, -int(row["demo_listed_days"]))


def _seed_milli(text: str) -> int | None:
    return to_milli(Decimal(text)) if text else None


def _seeded_action(
    row: Mapping[str, str], first_on: date, trading_days: TradingDays
) -> CorporateAction:
    ex_on = trading_days.trading_day_on_or_after(first_on + timedelta(days=int(row["ex_in_days"])))
    record_on = trading_days.previous_trading_day(ex_on)
    known_on = trading_days.previous_trading_day(first_on)
    return CorporateAction(
        symbol=row["symbol"],
        ex_on=ex_on,
        cash_per_share=Decimal(row["cash_per_share"]),
        bonus_per_share=Decimal(row["bonus_per_share"]),
        rights_per_share=Decimal(row["rights_per_share"]),
        rights_price=Decimal(row["rights_price"]),
        record_on=record_on,
        pay_on=ex_on,
        announced_on=min(trading_days.add(record_on, -5), known_on),
        title=f"{row['title']} (模拟)",
        source=SIMULATED_SOURCE_LABEL,
    )
