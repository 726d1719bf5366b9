"""What tests of imports share: the day, small tables, the line that counts."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

TODAY = date(2026, 11, 24)
HEADER = "symbol,date,open,high,low,close,pre_close,volume_shares,amount_cny\n"
Take = Callable[..., tuple[int, list[str]]]


def table(tmp_path: Path, text: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    """A file with this text."""
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def counts(lines: list[str]) -> str:
    """The line that counts."""
    return next(line for line in lines if line.startswith("读入"))
