"""From the bytes of a file to tables of cells: CSV in two encodings, XLSX, ZIP with a password.

Nothing of a file is believed: sizes are bounded before and while it is unpacked, formulas stay
text, macros and links are never looked at, and no name inside an archive becomes a path.
"""

import codecs
import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pyzipper

from h5app.wealth.bills.cell import Cell
from h5app.wealth.bills.refusal import (
    BillDamaged,
    BillEncodingUnknown,
    BillLocked,
    BillPasswordWrong,
    BillTooLarge,
)
from h5app.wealth.bills.sheets import is_workbook, sheet_tables

UNPACKED_BYTES_MAX = 32 * 1024 * 1024
MEMBERS_MAX = 200
CANDIDATES_MAX = 5
ROWS_MAX = 50_000
PREAMBLE_ROWS_MAX = 200
_ENDINGS = (".csv", ".txt", ".xlsx")
_ENCRYPTED = 0x1
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_BROKEN = (
    *(pyzipper.BadZipFile, zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, OSError, NotImplementedError, UnicodeDecodeError, ValueError),
)
"""What the readers of archives say of bytes that are none."""

Table = list[list[Cell]]


def tables(data: bytes, password: str = "") -> Iterator[Table]:
    """Give the tables a file may be read as, likeliest first.

    Raises:
        BillTooLarge: More than is taken, packed or unpacked.
        BillDamaged: A container that breaks off.
        BillLocked: A password is needed.
        BillPasswordWrong: The password is another one.
        BillEncodingUnknown: Text of no known encoding.
    """
    if data.startswith(_ZIP):
        yield from _archive_tables(data, password)
    elif data.startswith(_OLD_EXCEL):
        raise BillDamaged("不支持旧版 .xls,请上传导出的 CSV 或 XLSX 原文件")
    else:
        yield from _text_tables(data)


def _archive_tables(data: bytes, password: str) -> Iterator[Table]:
    try:
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_sizes(members)
            if is_workbook(member.filename for member in members):
                yield from sheet_tables(data, ROWS_MAX + PREAMBLE_ROWS_MAX)
                return
            for member in _candidates(members):
                inner = _unpacked(archive, member, password)
                if inner.startswith(_ZIP):
                    yield from _workbook_tables(inner)
                else:
                    yield from _text_tables(inner)
    except _BROKEN as broken:
        raise BillDamaged from broken


def _workbook_tables(data: bytes) -> Iterator[Table]:
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    _check_sizes(members)
    if is_workbook(member.filename for member in members):
        yield from sheet_tables(data, ROWS_MAX + PREAMBLE_ROWS_MAX)


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    is_bomb = sum(member.file_size for member in members) > UNPACKED_BYTES_MAX
    if is_bomb or len(members) > MEMBERS_MAX:
        raise BillTooLarge


def _candidates(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    named = [member for member in members if member.filename.lower().endswith(_ENDINGS)]
    return named[:CANDIDATES_MAX]


def _unpacked(archive: pyzipper.AESZipFile, member: zipfile.ZipInfo, password: str) -> bytes:
    """Return a member's bytes; its header bounds what the library unpacks."""
    is_locked = bool(member.flag_bits & _ENCRYPTED)
    if is_locked and not password:
        raise BillLocked
    try:
        unpacked: bytes = archive.read(member, pwd=password.encode() if is_locked else None)
    except (RuntimeError, *_BROKEN) as wrong:
        if is_locked:
            raise BillPasswordWrong from wrong
        raise BillDamaged from wrong
    return unpacked


def _text_tables(data: bytes) -> Iterator[Table]:
    """Give the text as CSV; without its tabs, which some exports strew in; and as TSV."""
    text = decoded(data)
    yield _csv_table(text, ",")
    if "\t" in text:
        yield _csv_table(text.replace("\t", ""), ",")
        yield _csv_table(text, "\t")


def decoded(data: bytes) -> str:
    """Return the text of a file; a character cut in two at its end is left out.

    Raises:
        BillEncodingUnknown: Neither UTF-8 nor GB18030, nor UTF-16 with its mark.
    """
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, final=False)
        except UnicodeDecodeError:
            continue
        return text
    raise BillEncodingUnknown


def _csv_table(text: str, delimiter: str) -> Table:
    rows: Table = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > ROWS_MAX + PREAMBLE_ROWS_MAX:
                raise BillTooLarge
    except csv.Error as broken:
        raise BillDamaged from broken
    return rows
