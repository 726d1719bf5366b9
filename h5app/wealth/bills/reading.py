"""Reads one bill file: what kind it is, its rows with their keys, and what does not add up."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from h5app.kernel.money import fen_text
from h5app.wealth.bills.alipay import read_app_row, read_ledger_row, read_web_row
from h5app.wealth.bills.cell import Cell, Unreadable
from h5app.wealth.bills.layout import (
    ALIPAY_APP,
    ALIPAY_LEDGER,
    ALIPAY_WEB,
    WECHAT,
    Cells,
    Found,
    by_name,
    find_header,
    is_data,
)
from h5app.wealth.bills.model import BillFile, BillRow, Effect, Origin, sum_of
from h5app.wealth.bills.opening import ROWS_MAX, Table, tables
from h5app.wealth.bills.refusal import (
    BillForeign,
    BillTooLarge,
    BillTruncated,
    NotABill,
)
from h5app.wealth.bills.stated import Stated, stated_in
from h5app.wealth.bills.wechat import read_row

FILE_BYTES_MAX = 6 * 1024 * 1024
KEY_LENGTH = 32
_READERS: dict[str, tuple[Origin, Callable[[Cells], BillRow]]] = {
    WECHAT.name: (Origin.WECHAT, read_row),
    ALIPAY_APP.name: (Origin.ALIPAY, read_app_row),
    ALIPAY_WEB.name: (Origin.ALIPAY, read_web_row),
    ALIPAY_LEDGER.name: (Origin.ALIPAY, read_ledger_row),
}
_FOREIGN_HEADERS = ("金额(美元)", "金额(港元)", "金额(港币)", "金额(外币)", "金额（美元）")


def read_bill(data: bytes, password: str = "") -> BillFile:
    """Return what a file holds, or refuse the whole of it.

    Raises:
        NotABill: Not an export of WeChat Pay or Alipay, or one without a single row.
        BillTooLarge: More bytes or rows than are taken.
        BillDamaged: Its container cannot be read.
        BillTruncated: Fewer rows than it states.
        BillEncodingUnknown: Text of no known encoding.
        BillLocked: It needs a password.
        BillPasswordWrong: The password is another one.
        BillForeign: Amounts of another currency.
        BillResaved: Order numbers rounded by a spreadsheet.
    """
    if len(data) > FILE_BYTES_MAX:
        raise BillTooLarge
    if not data:
        raise NotABill("文件是空的,请上传微信支付或支付宝导出的账单")
    for table in tables(data, password):
        found = find_header(table)
        if found is not None:
            return _read(found)
        _refuse_foreign(table)
    raise NotABill


def _refuse_foreign(table: Table) -> None:
    if any(cell in _FOREIGN_HEADERS for row in table for cell in row if isinstance(cell, str)):
        raise BillForeign


def _read(found: Found) -> BillFile:
    origin, reader = _READERS[found.layout.name]
    stated = stated_in([*found.before, *found.after, *_footers(found.rows)])
    rows: list[BillRow] = []
    unreadable: list[int] = []
    for number, cells in enumerate(found.rows, start=1):
        if not is_data(cells):
            continue
        try:
            rows.append(reader(by_name(found, cells)))
        except Unreadable:
            unreadable.append(number)
    _check(len(rows), len(unreadable), stated)
    known_until = stated.known_until or max(row.on for row in rows)
    return BillFile(
        origin=origin,
        layout=found.layout.name,
        rows=tuple(keyed(rows)),
        known_until=max(known_until, date(2000, 1, 1)),
        unreadable=tuple(unreadable),
        notes=tuple(_notes(found, rows, len(unreadable), stated)),
    )


def _footers(rows: Sequence[Sequence[Cell]]) -> list[Sequence[Cell]]:
    return [row for row in rows if not is_data(row)]


def _check(count: int, unreadable: int, stated: Stated) -> None:
    if count > ROWS_MAX:
        raise BillTooLarge
    if stated.count is not None and count + unreadable < stated.count:
        there = f"说明里有 {stated.count} 笔,只找到 {count + unreadable} 笔"
        raise BillTruncated(f"文件不完整:{there},请重新下载后再上传")
    if not count:
        raise NotABill("文件里没有可以识别的流水,请检查导出的时间段" if not unreadable else None)


def _notes(found: Found, rows: Sequence[BillRow], unreadable: int, stated: Stated) -> list[str]:
    notes = []
    if stated.count is None:
        notes += [] if stated.sums_fen else ["文件里没有写明笔数,无法核对是否完整"]
    elif len(rows) + unreadable > stated.count:
        notes.append(f"文件说明里是 {stated.count} 笔,实际多于这个数")
    went, said = sum_of(rows, Effect.OUT), stated.sums_fen.get("支出")
    is_checked = found.layout is WECHAT and not unreadable
    if is_checked and said is not None and abs(went - said) > _family(rows):
        notes.append(f"支出合计与文件说明不一致:文件写 {fen_text(said)},逐笔相加 {fen_text(went)}")
    return notes


def _family(rows: Iterable[BillRow]) -> int:
    """Return what stands under 支出 without being the customer's own, unit fen."""
    return sum_of(rows, Effect.NOTHING)


def keyed(rows: Iterable[BillRow]) -> list[BillRow]:
    """Return the rows by time, each with the name it has in every export that holds it.

    Without an order number the name is made of what the row says; where names repeat inside of one
    file, moment, amount and at last an ordinal tell them apart.
    """
    taken: dict[str, int] = {}
    named = []
    for row in sorted(rows, key=lambda each: (each.at, each.key, each.amount_fen, each.item)):
        name = row.key or f"{row.effect}|{row.at}|{row.amount_fen}|{row.counterparty}|{row.item}"
        if row.key and name in taken:
            name = f"{name}|{row.at}|{row.amount_fen}"
        count = taken.get(name, 0)
        taken[name] = count + 1
        if row.key:
            taken.setdefault(row.key, 1)
        full = f"{name}|{count}" if count else name
        digest = hashlib.sha256(full.encode()).hexdigest()[:KEY_LENGTH]
        named.append(replace(row, key=digest))
    return named
