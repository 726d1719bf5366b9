"""Corporate actions and trading days from CSV."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from h5app.market.importers.table_file import (
    BadRow,
    Cells,
    ImportFileUnusable,
    ImportReport,
    TableFile,
    parsed,
)
from h5app.market.model import CorporateAction, EventState

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from h5app.market.store import MarketStore

TRADING_DAYS_FILE = "trading_days.txt"
DAYS_OF_A_YEAR_MIN = 200
_ACTION_NAMES = {
    "ts_code": "symbol",
    "ex_day": "ex_date",
    "exchange_reference_pre_close": "reference",
    "stk_div": "bonus_per_share",
    "cash_div": "cash_per_share",
    "div_proc": "state",
    "record_date": "record_on",
    "pay_date": "pay_on",
    "ann_date": "announced_on",
}
_STATES = {
    **dict.fromkeys(("预案", "股东提议", "股东大会通过", "provisional"), EventState.PROVISIONAL),
    **dict.fromkeys(("停止实施", "未通过", "取消", "cancelled"), EventState.CANCELLED),
}
SOURCE_LENGTH_MAX = 40
_TEN = Decimal(10)


def import_actions(
    path: Path,
    store: MarketStore,
    *,
    until: date | None = None,
    fetched_at: datetime | None = None,
) -> ImportReport:
    """Add distributions and rights issues: terms per 10 shares, per share, or a reference alone.

    What goes ex after `until` is left out: on a recorded day nobody knew of it yet. `fetched_at` is
    the wall moment noted beside what is new.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("除权除息", path.name)
    table = TableFile(path, _ACTION_NAMES, needed=("symbol|code", "ex_date"))
    known = {(each.symbol, each.ex_on): each for each in store.actions()}
    told = [action for _, action in parsed(table, report, _action_or_none)]
    actions = [action for action in told if action is not None]
    timely = [action for action in actions if until is None or action.ex_on <= until]
    fresh: dict[tuple[str, date], CorporateAction] = {}
    for action in timely:
        key = (action.symbol, action.ex_on)
        named = replace(action, source=path.name[:SOURCE_LENGTH_MAX], fetched_at=fetched_at)
        if _says_the_same(named, known.get(key)) or _is_poorer(named, known.get(key)):
            report.unchanged += 1
        else:
            fresh[key] = named
    store.put_actions(fresh.values())
    report.stored = len(fresh)
    if len(timely) < len(actions):
        report.notes.append(f"另有 {len(actions) - len(timely)} 行在此日之后, 略过")
    if len(actions) < len(told):
        report.notes.append(f"另有 {len(told) - len(actions)} 行只有股本变动, 无权息, 略过")
    return report


def import_trading_days(path: Path, home: Path) -> ImportReport:
    """Write the trading days of whole years to the operator's calendar below `home`.

    Years with too few days to be whole are left to the product's own table. Days of other years
    that were imported before stay.

    Raises:
        ImportFileUnusable: Not such a file; nothing was stored.
    """
    report = ImportReport("交易日", path.name)
    table = TableFile(
        path, {"trade_date": "date", "cal_date": "date", "日期": "date"}, needed=("date",)
    )
    days = {day for _, day in parsed(table, report, lambda cells: cells.day("date"))}
    by_year: dict[int, set[date]] = {}
    for day in days:
        by_year.setdefault(day.year, set()).add(day)
    whole = {day for own in by_year.values() if len(own) >= DAYS_OF_A_YEAR_MIN for day in own}
    short = sorted(year for year, own in by_year.items() if len(own) < DAYS_OF_A_YEAR_MIN)
    if not whole:
        raise ImportFileUnusable(f"{path.name} 里没有一个完整年份的交易日")
    if short:
        report.notes.append(f"不完整的年份略过: {' '.join(map(str, short))}")
    target = home / TRADING_DAYS_FILE
    before = _days_of(target)
    replaced_years = {day.year for day in whole}
    kept = {day for day in before if day.year not in replaced_years}
    after = kept | whole
    report.stored, report.unchanged = len(whole - before), len(whole & before)
    if after != before:
        home.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_text(
            "".join(f"{day.isoformat()}\n" for day in sorted(after)), encoding="utf-8"
        )
        beside.replace(target)
    return report


def _days_of(path: Path) -> set[date]:
    if not path.exists():
        return set()
    try:
        return {date.fromisoformat(line) for line in path.read_text("utf-8").split()}
    except ValueError as problem:
        raise ImportFileUnusable(f"{path} 已损坏, 请删除后重新导入") from problem


def _action_or_none(cells: Cells) -> CorporateAction | None:
    """The action of a row; None where only share counts changed."""
    cash = _terms(cells, "cash")
    bonus = _terms(cells, "bonus") + _per_ten(cells, "capitalisation")
    rights = _terms(cells, "rights")
    reference = cells.milli_or_none("reference")
    if reference is None and not (cash or bonus or rights):
        return None
    return CorporateAction(
        symbol=cells.symbol(),
        ex_on=cells.day("ex_date"),
        cash_per_share=cash,
        bonus_per_share=bonus,
        rights_per_share=rights,
        rights_price=_amount(cells, "rights_price"),
        record_on=cells.day_or_none("record_on"),
        pay_on=cells.day_or_none("pay_on"),
        announced_on=cells.day_or_none("announced_on"),
        title=_title(cash=cash, bonus=bonus, rights=rights),
        reference_milli=reference,
        state=_STATES.get(cells.values.get("state", ""), EventState.CONFIRMED),
    )


def _terms(cells: Cells, name: str) -> Decimal:
    return _per_ten(cells, name) or _amount(cells, f"{name}_per_share")


def _per_ten(cells: Cells, name: str) -> Decimal:
    return _amount(cells, f"{name}_per10") / _TEN


def _amount(cells: Cells, name: str) -> Decimal:
    value = cells.decimal_or_none(name) or Decimal(0)
    if value < 0:
        raise BadRow(f"{name} 为负: {value}")
    return value.normalize()


def _title(*, cash: Decimal, bonus: Decimal, rights: Decimal) -> str:
    parts = [
        f"{word}{format((value * _TEN).normalize(), 'f')}{unit}"
        for word, value, unit in (("送转", bonus, "股"), ("配", rights, "股"), ("派", cash, "元"))
        if value
    ]
    return "每10股" + "".join(parts) if parts else "除权除息 (交易所参考价)"


def _says_the_same(action: CorporateAction, known: CorporateAction | None) -> bool:
    """Whether the same thing is known already, from whatever source."""
    return known is not None and replace(action, source=known.source) == known


def _is_poorer(action: CorporateAction, known: CorporateAction | None) -> bool:
    """Whether a bare reference price would replace terms that say the same ex day."""
    if known is None:
        return False
    has_terms = known.cash_per_share or known.bonus_per_share or known.rights_per_share
    is_bare = not (action.cash_per_share or action.bonus_per_share or action.rights_per_share)
    return bool(has_terms) and is_bare
