"""Sheets of an XLSX file as tables of cells; formulas stay text, values keep their type."""

import io
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from h5app.wealth.bills.cell import Cell
from h5app.wealth.bills.refusal import BillDamaged, BillTooLarge

COLUMNS_MAX = 40
SHEETS_MAX = 5
_WORKBOOK = "xl/workbook.xml"


def is_workbook(names: Iterable[str]) -> bool:
    """Say whether these names of an archive are those of a workbook."""
    return _WORKBOOK in set(names)


def sheet_tables(data: bytes, rows_max: int) -> Iterator[list[list[Cell]]]:
    """Give the visible sheets as tables.

    Raises:
        BillDamaged: Not a workbook that can be read.
        BillTooLarge: More rows than are taken.
    """
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets[:SHEETS_MAX]:
            # The export states a wrong extent, by which the library would read one cell.
            sheet.reset_dimensions()
            yield _table(sheet.iter_rows(max_col=COLUMNS_MAX, values_only=True), rows_max)
        book.close()
    except (
        *(BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError),
        *(AttributeError, OSError, IndexError),
    ) as broken:
        raise BillDamaged from broken


def _table(rows: Iterable[tuple[Cell, ...]], rows_max: int) -> list[list[Cell]]:
    table: list[list[Cell]] = []
    for row in rows:
        table.append(list(row))
        if len(table) > rows_max:
            raise BillTooLarge
    return table
