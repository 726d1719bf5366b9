"""Bars from TDX files: one .day, .lc1 or .lc5 file, or a whole vipdoc folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market.bars_file import period_of, read_bar_file, symbol_of
from h5app.market.bars_record import RECORD_BYTES
from h5app.market.importers.table_file import ImportFileUnusable, ImportReport

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.bars_file import BarFiles

SUFFIXES = frozenset({".day", ".lc1", ".lc5"})


def is_bar_source(path: Path) -> bool:
    """Whether a path is a TDX file or a folder of them (else it is a table)."""
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def import_bar_files(path: Path, files: BarFiles) -> ImportReport:
    """Store the bars of a TDX file, or of every one below a folder; torn and bad ones are said.

    Raises:
        ImportFileUnusable: No bar in it at all; nothing was stored.
    """
    report = ImportReport("通达信 K 线", path.name)
    found = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
    for each in found if path.is_dir() else [path]:
        _import_one(each, files, report)
    if report.stored + report.unchanged == 0:
        reason = report.first_bad[0] if report.first_bad else "没有 .day、.lc1 或 .lc5 文件"
        raise ImportFileUnusable(f"{path.name} 里没有可用的 K 线: {reason}")
    return report


def _import_one(path: Path, files: BarFiles, report: ImportReport) -> None:
    try:
        symbol = symbol_of(path)
        bars, check = read_bar_file(path, symbol)
    except AppError:
        _note(report, f"{path.name}: 文件名不是 sh600519.day 这样的名字, 略过")
        return
    except OSError as problem:
        raise ImportFileUnusable(f"读不到文件 {path}: {problem.strerror}") from problem
    report.read += check.good + check.bad
    report.bad += check.bad
    if check.bad:
        _note(report, f"{path.name}: {check.bad} 条记录不是 K 线, 已略过")
    if check.torn_bytes:
        report.bad += 1
        _note(
            report,
            f"{path.name}: 末尾多出 {check.torn_bytes} 字节, 不足一条记录 ({RECORD_BYTES} 字节), "
            "文件可能没有写完, 已略过",
        )
    changed = files.merge(symbol, period_of(path), bars)
    report.stored += changed
    report.unchanged += len(bars) - changed


def _note(report: ImportReport, text: str) -> None:
    report.first_bad.append(text)
