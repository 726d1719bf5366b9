"""From an account's cash flows to streams with their expected payments. Pure."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from h5app.kernel.trading_day import TradingDays
from h5app.wealth.learning.cadence import CadenceFitter
from h5app.wealth.learning.counterparty import Telling, telling
from h5app.wealth.learning.forecast import Occurrence, occurrences
from h5app.wealth.learning.grid import DayGrid, is_weekday
from h5app.wealth.learning.payment import CadenceKind, Payment
from h5app.wealth.learning.stream import Stream, StreamFinder
from h5app.wealth.model import EntryClass
from h5app.wealth.ports import BankOrder, CashFlow
from h5app.wealth.stream_model import Forecast, Matched, StreamFacts, StreamStatus, pack

LEARNER_VERSION = 5
"""Rises when the learner would say something else of the same payments."""
HORIZON_DAYS = 186
STALE_DAYS_MAX = 120
"""What a source that ended earlier than this many days ago does not tell counts as silence."""
SURE_COUNT_MIN = 3
"""One or two payments are never told of by themselves."""
SURE_CHANCE_MIN = 850
CANDIDATE_CHANCE_MIN = 300
"""Per mille."""
REGULAR_MIN = 0.05
"""Below this nothing is forecast: what comes without rhythm is most of a ledger."""
PER_MILLE = 1000
TITLE_LENGTH_MAX = 20
_SPEAKING = {Telling.PLAN, Telling.BILL, Telling.INCOME}
"""Texts that say by themselves that it will come again; others need two payments to be asked of."""
_BANK_TRANSFER = "银证"
_LOAN = re.compile(r"贷|还款|信用卡|花呗|白条|月供|按揭|分期|loan|mortgage", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LearnedStream:
    """A stream as one learning sees it."""

    facts: StreamFacts
    payee: str
    """The other party without its noise; empty where the source names none."""
    payments: tuple[Matched, ...]
    forecasts: tuple[Forecast, ...]
    known_until: date
    """The last day its source tells of: silence afterwards says nothing."""
    tolerance_days: int
    """How far a payment, or a better date, may lie from an expected one and still be the same."""


class Learner:
    """Learns from one account after another; keeps what does not depend on the account."""

    def __init__(self, days: TradingDays) -> None:
        self._grid = DayGrid(
            days.is_working_day, lambda on: is_weekday(on) and days.is_trading_day(on)
        )
        self._finder = StreamFinder(CadenceFitter(self._grid, has_holiday_table=True))

    def learn(self, flows: Iterable[CashFlow], cutoff: date) -> list[LearnedStream]:
        """Return the streams known on the evening of the cut-off day, in a fixed order.

        Flows of sources that know until different days are learned apart: what one of them cannot
        have seen yet is no silence.
        """
        by_day: dict[date, list[Payment]] = defaultdict(list)
        for flow in flows:
            by_day[_known_until(flow, cutoff)].append(_payment(flow))
        return [
            self._learned(stream, known_until, cutoff)
            for known_until in sorted(by_day)
            for stream in self._finder.find(by_day[known_until], known_until.toordinal())
        ]

    def _learned(self, stream: Stream, known_until: date, cutoff: date) -> LearnedStream:
        is_regular = stream.regular >= REGULAR_MIN
        horizon = HORIZON_DAYS + (cutoff - known_until).days
        known = known_until.toordinal()
        expected = occurrences(self._grid, stream, known, horizon) if is_regular else []
        forecasts = tuple(_forecast(stream, each) for each in expected)
        return LearnedStream(
            facts=_facts(stream, forecasts),
            payee=stream.key.payee,
            payments=tuple(_matched(payment) for payment in stream.payments),
            forecasts=forecasts,
            known_until=known_until,
            tolerance_days=_tolerance(stream),
        )


def _known_until(flow: CashFlow, cutoff: date) -> date:
    """Return until when a flow's source counts as known: a very old one as if it were younger."""
    if flow.known_until is None:
        return cutoff
    return min(cutoff, max(flow.known_until, cutoff - timedelta(days=STALE_DAYS_MAX)))


def ledger_mark(
    flows: Iterable[CashFlow], orders: Iterable[BankOrder], days: TradingDays, today: date
) -> str:
    """Return a digest of everything the learning depends on, in whatever order it came."""
    digest = hashlib.sha256(f"{LEARNER_VERSION} {_tables(days, today)}".encode())
    for flow in sorted(flows, key=lambda each: (each.on, each.reference)):
        digest.update(repr(flow).encode())
    for order in sorted(orders, key=lambda each: each.reference):
        digest.update(repr(order).encode())
    return digest.hexdigest()


def tables_mark(days: TradingDays, today: date) -> str:
    """Return a digest of what is known of the holidays around today."""
    return hashlib.sha256(repr(_tables(days, today)).encode()).hexdigest()


def _tables(days: TradingDays, today: date) -> list[tuple[int, bool, int]]:
    """Return what is known of the holidays of this year and the next; it changes in November."""
    return [
        (year, days.is_published(year), hash_of_holidays(days, year))
        for year in (today.year, today.year + 1)
    ]


def hash_of_holidays(days: TradingDays, year: int) -> int:
    """Return a number that changes with a year's holidays and make-up days."""
    announced = days.announced.get(year)
    if announced is None:
        return 0
    named = sorted(announced.holiday_name_by_day) + sorted(announced.make_up_days)
    digest = hashlib.sha256(repr(named).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _payment(flow: CashFlow) -> Payment:
    return Payment(
        flow.on.toordinal(),
        flow.amount_fen,
        flow.channel,
        flow.counterparty,
        flow.memo,
        flow.reference,
    )


def _matched(payment: Payment) -> Matched:
    return Matched(
        reference=payment.reference,
        on=date.fromordinal(payment.on),
        amount_fen=abs(payment.amount_fen),
    )


def _forecast(stream: Stream, expected: Occurrence) -> Forecast:
    return Forecast(
        nominal_on=date.fromordinal(expected.nominal),
        due_on=date.fromordinal(expected.on),
        earliest_on=date.fromordinal(expected.earliest),
        low_fen=expected.amount.low_fen,
        high_fen=expected.amount.high_fen,
        chance=round(stream.regular * expected.around * PER_MILLE),
    )


def _facts(stream: Stream, forecasts: Sequence[Forecast]) -> StreamFacts:
    hypotheses = stream.posterior.hypotheses
    chance = forecasts[0].chance if forecasts else 0
    kind = _kind(stream)
    return StreamFacts(
        is_income=stream.key.is_income,
        title=_title(stream, kind),
        kind=kind,
        status=_status(stream, chance),
        cadence=pack(hypotheses[0].cadence) if hypotheses else "",
        count=len(stream.payments),
        chance=chance,
    )


def _status(stream: Stream, chance: int) -> StreamStatus:
    if chance < CANDIDATE_CHANCE_MIN:
        return StreamStatus.ENDED
    count = len(stream.payments)
    if count >= SURE_COUNT_MIN:
        return StreamStatus.SURE if chance >= SURE_CHANCE_MIN else StreamStatus.CANDIDATE
    is_worth_asking = count > 1 or _says(stream) in _SPEAKING
    return StreamStatus.CANDIDATE if is_worth_asking else StreamStatus.ENDED


def _says(stream: Stream) -> Telling:
    """Return what the text alone tells; for the learner all income is likely to come again."""
    return telling(stream.key.payee, stream.payments[-1].memo)


def _kind(stream: Stream) -> EntryClass:
    if stream.key.is_income:
        return EntryClass.INCOME
    if _BANK_TRANSFER in stream.key.payee:
        return EntryClass.BANK_TRANSFER
    if stream.telling is Telling.PLAN:
        return EntryClass.INVESTMENT
    if stream.telling is Telling.BILL:
        texts = f"{stream.key.payee} {stream.payments[-1].memo}"
        return EntryClass.REPAYMENT if _LOAN.search(texts) else EntryClass.BILL
    return EntryClass.TRANSFER


def _title(stream: Stream, kind: EntryClass) -> str:
    text = stream.key.payee or stream.payments[-1].memo or kind.label
    return text[:TITLE_LENGTH_MAX]


def _tolerance(stream: Stream) -> int:
    """Return the days within which a payment is that of an expected day: a third of the gap."""
    if not stream.posterior.hypotheses:
        return 2
    cadence = stream.posterior.hypotheses[0].cadence
    if cadence.kind is CadenceKind.WEEK:
        return 2 if cadence.stride == 1 else 4
    return 5 if cadence.kind is CadenceKind.HALF_MONTH else 10
