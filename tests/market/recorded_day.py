"""A recorded day for tests, made from the simulated market: minutes, prints, a closing snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from h5app.market.bars_file import BarFiles
from h5app.market.feeds.replay_days import Records
from h5app.market.model import Period, Print, Side
from h5app.market.recorded import ClosingRow, RecordedDays
from tests.market.sample_market import DAY, rule_book, sample_instruments, simulated

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import CorporateAction, Instrument

YESTERDAY = date(2026, 11, 23)
BY_PRINTS, BY_MINUTES, BY_CLOSE, SUSPENDED = "600100.SH", "000001.SZ", "600101.SH", "600103.SH"
UNRECORDED, NO_REFERENCE = "600102.SH", "600104.SH"
INDEX = "000001.SH"


@dataclass(frozen=True)
class RecordedDay:
    """Where the records lie, and the instruments that they are of."""

    files: BarFiles
    recorded: RecordedDays

    def records(self, actions: tuple[CorporateAction, ...] = ()) -> Records:
        """The records, with what happened to the instruments."""
        return Records(self.files, self.recorded, rule_book(), actions)


def cast() -> list[Instrument]:
    """The instruments of the recorded day, the unrecorded one among them."""
    wanted = {BY_PRINTS, BY_MINUTES, BY_CLOSE, SUSPENDED, UNRECORDED, NO_REFERENCE, INDEX}
    return [one for one in sample_instruments() if one.symbol in wanted]


def record(folder: Path) -> RecordedDay:
    """Record DAY of the simulated market below a folder."""
    market = simulated()
    day = RecordedDay(BarFiles(folder / "history"), RecordedDays(folder / "recorded"))
    for symbol in (BY_PRINTS, BY_MINUTES, INDEX):
        bar = market.daily_bar(symbol, YESTERDAY)
        assert bar is not None
        day.files.merge(symbol, Period.DAY, [bar])
    for symbol in (BY_MINUTES, INDEX, NO_REFERENCE):
        day.files.merge(symbol, Period.MINUTE_1, market.minute_bars(symbol, DAY))
    day.recorded.put_prints(BY_PRINTS, DAY, prints_of(BY_PRINTS))
    day.recorded.put_snapshot(DAY, [_row(BY_CLOSE), _still_row(SUSPENDED)])
    return day


def prints_of(symbol: str) -> list[Print]:
    """Prints every half minute from the simulated market's own quotes, the auctions among them."""
    market = simulated()
    prints: list[Print] = []
    moment = datetime.fromisoformat(f"{DAY}T09:25:27+08:00")
    before = 0
    while moment <= datetime.fromisoformat(f"{DAY}T15:00:27+08:00"):
        quote = market.quote(symbol, moment)
        if quote and quote.last_milli and quote.volume_shares > before:
            is_call = quote.phase.is_call or moment.strftime("%H%M") in {"0925", "1500"}
            side = None if is_call else (Side.BUY if len(prints) % 2 else Side.SELL)
            prints.append(Print(moment, quote.last_milli, quote.volume_shares - before, side))
            before = quote.volume_shares
        moment += timedelta(seconds=30)
    return prints


def _row(symbol: str) -> ClosingRow:
    market = simulated()
    plan = market.plans.plan(symbol, DAY)
    assert plan is not None
    return ClosingRow(
        symbol=symbol,
        name="样本101",
        at=datetime.fromisoformat(f"{DAY}T15:36:00+08:00"),
        previous_close_milli=plan.reference_milli,
        open_milli=plan.open_milli,
        high_milli=plan.high_milli,
        low_milli=plan.low_milli,
        close_milli=plan.close_milli,
        volume_shares=plan.volume_shares,
    )


def _still_row(symbol: str) -> ClosingRow:
    return ClosingRow(
        symbol=symbol,
        name="ST停牌",
        at=datetime.fromisoformat(f"{DAY}T15:36:00+08:00"),
        previous_close_milli=8_000,
        open_milli=None,
        high_milli=None,
        low_milli=None,
        close_milli=None,
        volume_shares=0,
    )
