"""`python -m h5app predict`: accounts in, dated payments out, one JSON object per line."""

import sys
from datetime import date

import msgspec

from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth.learning.cadence import CadenceFitter
from h5app.wealth.learning.forecast import Occurrence, occurrences
from h5app.wealth.learning.grid import DayGrid, is_weekday
from h5app.wealth.learning.payment import Payment
from h5app.wealth.learning.stream import StreamFinder

_REGION = "CN"
import os

_EMIT = float(os.environ.get("EMIT", "0.32"))
_PUSH = 0.93
_LEAD_DAYS = 5


class TransactionLine(msgspec.Struct):
    date: str
    amount: float
    channel: str = ""
    counterparty: str = ""
    memo: str = ""


class AccountLine(msgspec.Struct):
    account_id: str
    cutoff: str
    transactions: list[TransactionLine]
    horizon_days: int = 35
    region: str = _REGION


class Predictor:
    def __init__(self, days: TradingDays) -> None:
        weekdays = DayGrid(is_weekday, is_weekday)
        chinese = DayGrid(
            days.is_working_day, lambda on: is_weekday(on) and days.is_working_day(on)
        )
        self._grids = {True: chinese, False: weekdays}
        self._fitters = {
            is_chinese: CadenceFitter(grid, has_holiday_table=is_chinese)
            for is_chinese, grid in self._grids.items()
        }

    def predict(self, account: AccountLine) -> list[tuple[Occurrence, float, float]]:
        is_chinese = account.region == _REGION
        grid = self._grids[is_chinese]
        cutoff = date.fromisoformat(account.cutoff).toordinal()
        payments = [
            Payment(
                date.fromisoformat(t.date).toordinal(),
                round(t.amount * 100),
                t.channel,
                t.counterparty,
                t.memo,
            )
            for t in account.transactions
        ]
        found = []
        for stream in StreamFinder(self._fitters[is_chinese]).find(payments, cutoff):
            for occurrence in occurrences(grid, stream, cutoff, account.horizon_days):
                near = stream.regular * occurrence.near * occurrence.amount.hit
                around = stream.regular * occurrence.around * occurrence.amount.hit
                found.append((occurrence, near, around))
        return found


def _line(account: AccountLine, found) -> dict:
    out = []
    cutoff = date.fromisoformat(account.cutoff).toordinal()
    for o, near, around in found:
        if near < _EMIT:
            continue
        sign = 1 if o.stream.key.is_income else -1
        out.append(
            dict(
                date=date.fromordinal(o.on).isoformat(),
                amount=sign * o.amount.amount_fen / 100,
                confidence=round(around, 4),
                remind_on=date.fromordinal(max(cutoff + 1, o.earliest - 5)).isoformat(),
                push=around >= _PUSH,
            )
        )
    return dict(account_id=account.account_id, cutoff=account.cutoff, predictions=out)


def main() -> int:
    predictor = Predictor(load_trading_days())
    decode = msgspec.json.Decoder(AccountLine).decode
    for line in sys.stdin.buffer:
        if line.strip():
            account = decode(line)
            sys.stdout.buffer.write(
                msgspec.json.encode(_line(account, predictor.predict(account))) + b"\n"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
