"""`python -m h5app predict`: accounts in, dated payments out, one JSON object per line.

No database, no configuration, no network. A region other than CN knows weekends only.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, BinaryIO

import msgspec

from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth.learning.cadence import CadenceFitter
from h5app.wealth.learning.forecast import Occurrence, occurrences
from h5app.wealth.learning.grid import DayGrid, is_weekday
from h5app.wealth.learning.payment import Payment
from h5app.wealth.learning.priors import STATED, Beliefs
from h5app.wealth.learning.stream import Stream, StreamFinder
from h5app.wealth.refusal import BadAccountLine

CHINA = "CN"
EMIT_CHANCE_MIN = 0.34
"""A payment is named from this mean of two chances on: within a day, and within three days, both
with its amount within 5 %. The first decides what is worth writing down, the second whether a
reminder sent for it is a false one."""
PUSH_CHANCE_MIN = 0.75
"""It would be pushed when it comes within three days with this chance..."""
PUSH_COUNT_MIN = 3
"""...and was paid so often: one or two payments are a candidate, never pushed."""
LEAD_DAYS = 5
HORIZON_DAYS_MAX = 3660
"""Ten years: further away no working day can be told from another."""
FEN = 100


class TransactionLine(msgspec.Struct):
    """One past transaction; a negative amount (unit: yuan) leaves the account."""

    date: str
    amount: float
    channel: str = ""
    counterparty: str = ""
    memo: str = ""


class AccountLine(msgspec.Struct):
    """One account up to its cut-off day."""

    account_id: str
    cutoff: str
    transactions: list[TransactionLine]
    horizon_days: Annotated[int, msgspec.Meta(ge=0, le=HORIZON_DAYS_MAX)] = 35
    region: str = CHINA


class PredictionLine(msgspec.Struct):
    """One payment that is expected; `amount` (unit: yuan) carries its sign."""

    date: str
    amount: float
    confidence: float
    remind_on: str
    push: bool


class PredictionsLine(msgspec.Struct):
    """What is expected of one account."""

    account_id: str
    cutoff: str
    predictions: list[PredictionLine]


class Predictor:
    """Predicts account after account; keeps what does not depend on the account."""

    def __init__(self, days: TradingDays, beliefs: Beliefs = STATED) -> None:
        def is_session(on: date) -> bool:
            return is_weekday(on) and days.is_working_day(on)

        china = DayGrid(days.is_working_day, is_session)
        weekdays = DayGrid(is_weekday, is_weekday)
        self._grids = {True: china, False: weekdays}
        self._finders = {
            is_china: StreamFinder(CadenceFitter(grid, has_holiday_table=is_china, beliefs=beliefs))
            for is_china, grid in self._grids.items()
        }

    def predict(self, account: AccountLine) -> PredictionsLine:
        """Return the payments expected in the days after the account's cut-off."""
        cutoff = date.fromisoformat(account.cutoff).toordinal()
        found = [
            _prediction(occurrence, cutoff)
            for occurrence in self.expected(account)
            if name_chance(occurrence) >= EMIT_CHANCE_MIN
        ]
        return PredictionsLine(account.account_id, account.cutoff, found)

    def streams(self, account: AccountLine) -> list[Stream]:
        """Return what is known of the account on the evening of its cut-off day."""
        cutoff = date.fromisoformat(account.cutoff).toordinal()
        finder = self._finders[account.region == CHINA]
        return finder.find(map(_payment, account.transactions), cutoff)

    def expected(self, account: AccountLine) -> Iterator[Occurrence]:
        """Give whatever is thinkable in the window, however unlikely."""
        cutoff = date.fromisoformat(account.cutoff).toordinal()
        grid = self._grids[account.region == CHINA]
        for stream in self.streams(account):
            yield from occurrences(grid, stream, cutoff, account.horizon_days)


def _payment(line: TransactionLine) -> Payment:
    on = date.fromisoformat(line.date).toordinal()
    return Payment(on, round(line.amount * FEN), line.channel, line.counterparty, line.memo)


def name_chance(occurrence: Occurrence) -> float:
    """Return what decides whether a payment is named; the day counts twice, near and around."""
    return _chance(occurrence, (occurrence.near + occurrence.around) / 2)


def push_chance(occurrence: Occurrence) -> float:
    """Return the chance that it comes within three days and costs what is said."""
    return _chance(occurrence, occurrence.around)


def _chance(occurrence: Occurrence, of_day: float) -> float:
    return occurrence.stream.regular * of_day * occurrence.amount.hit


def _prediction(occurrence: Occurrence, cutoff: int) -> PredictionLine:
    chance = push_chance(occurrence)
    sign = 1 if occurrence.stream.key.is_income else -1
    remind = max(cutoff + 1, occurrence.earliest - LEAD_DAYS)
    return PredictionLine(
        date=date.fromordinal(occurrence.on).isoformat(),
        amount=sign * occurrence.amount.amount_fen / FEN,
        confidence=round(chance, 4),
        remind_on=date.fromordinal(remind).isoformat(),
        push=chance >= PUSH_CHANCE_MIN and len(occurrence.stream.payments) >= PUSH_COUNT_MIN,
    )


def predictions(lines: Iterable[bytes], predictor: Predictor) -> Iterator[bytes]:
    """Give the line of predictions for every line of an account; empty lines are left out.

    Raises:
        BadAccountLine: A line is no account, or a date in it is none.
    """
    decode = msgspec.json.Decoder(AccountLine).decode
    encode = msgspec.json.Encoder().encode
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = predictor.predict(decode(line))
        except (ValueError, OverflowError) as wrong:
            text = f"第 {number} 行不是账户 ({wrong}),请改正这一行后重新运行"
            raise BadAccountLine(text, line=number) from wrong
        yield encode(found)


def main(source: Iterable[bytes] | None = None, target: BinaryIO | None = None) -> int:
    """Read accounts from `source` (standard input) and write predictions to `target`.

    Returns the exit status: 1 where a line is no account; the lines before it are answered.
    """
    into = target or sys.stdout.buffer
    status = 0
    try:
        for line in predictions(source or sys.stdin.buffer, Predictor(load_trading_days())):
            into.write(line + b"\n")
    except BadAccountLine as refused:
        sys.stderr.write(f"{refused.message}\n")
        status = 1
    into.flush()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
