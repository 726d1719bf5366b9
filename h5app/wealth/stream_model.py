"""Words of learned streams: what is kept of a regular payment, and how it is said. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from h5app.wealth.learning.payment import Cadence, CadenceKind, PostingRule
from h5app.wealth.model import EntryClass, Repeat


class StreamStatus(StrEnum):
    """What the learner thinks of a stream."""

    CANDIDATE = "candidate"
    """Too few payments or too unsure: the customer is asked, nobody is told."""
    SURE = "sure"
    ENDED = "ended"


class StreamWord(StrEnum):
    """What the customer said of a stream; it always wins."""

    NONE = "none"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class ForecastState(StrEnum):
    """What became of an expected payment."""

    OPEN = "open"
    PAID = "paid"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    """No longer expected; kept so that a subscribed calendar can be told."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """One payment of a stream."""

    reference: str
    on: date
    amount_fen: int
    """Unsigned."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One expected payment of a stream."""

    nominal_on: date
    due_on: date
    earliest_on: date
    low_fen: int
    high_fen: int
    chance: int
    """Per mille that it comes within three days of `due_on`."""
    state: ForecastState = ForecastState.OPEN
    paid_on: date | None = None
    paid_reference: str = ""
    sequence: int = 0
    changed_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class StreamFacts:
    """What was learned of a stream at one learning."""

    is_income: bool
    title: str
    kind: EntryClass
    status: StreamStatus
    cadence: str
    count: int
    chance: int
    """Per mille that it goes on as said."""
    order_reference: str = ""
    """The institution's order whose payments these are; empty: learned."""

    @property
    def is_ordered(self) -> bool:
        """Whether the institution itself says what comes."""
        return bool(self.order_reference)


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """What the customer calls a stream; None follows what was learned, or the class's lead."""

    title: str | None = None
    kind: EntryClass | None = None
    lead_days: int | None = None
    sequence: int = field(default=0, compare=False)
    """Rises with every word."""


@dataclass(frozen=True, kw_only=True)
class KeptStream:
    """A stream as it is kept."""

    stream_id: int
    account_id: str
    facts: StreamFacts
    word: StreamWord
    known_at: datetime
    """Market moment since when it may be told."""
    own: OwnWords = OwnWords()

    @property
    def title(self) -> str:
        """What it is called: the customer's name for it, else the payee."""
        return self.own.title or self.facts.title

    @property
    def kind(self) -> EntryClass:
        """Its class: the customer's, else the learned one."""
        return self.own.kind or self.facts.kind

    @property
    def ref(self) -> str:
        """The name under which reminders, marks and pages know it."""
        return f"stream-{self.stream_id}"

    @property
    def is_shown(self) -> bool:
        """Whether its payments stand in the calendar."""
        if self.word is StreamWord.NONE:
            return self.facts.status is StreamStatus.SURE
        return self.word is StreamWord.CONFIRMED

    @property
    def is_candidate(self) -> bool:
        """Whether the customer is asked about it."""
        return self.word is StreamWord.NONE and self.facts.status is StreamStatus.CANDIDATE


def pack(cadence: Cadence) -> str:
    """Return a cadence as text of a column."""
    parts = (cadence.kind, cadence.phase, cadence.stride, cadence.residue, cadence.rule)
    return ":".join(map(str, (*parts, int(cadence.is_by_hand))))


def unpack(text: str) -> Cadence | None:
    """Return the cadence of such a text; None where none was learned."""
    if not text:
        return None
    kind, phase, stride, residue, rule, by_hand = text.split(":")
    return Cadence(
        CadenceKind(kind),
        int(phase),
        int(stride),
        int(residue),
        PostingRule(rule),
        by_hand == "1",
    )


_EVERY_MONTHS = {1: "每月", 2: "每两个月", 3: "每季度", 6: "每半年", 12: "每年"}
_EVERY_WEEKS = {1: "每周", 2: "每两周", 4: "每四周"}
_WEEKDAYS = ("日", "一", "二", "三", "四", "五", "六")
_LAST_PHASE = 30
_RULE_WORDS = {
    PostingRule.EXACT: "",
    PostingRule.NEXT: ",遇节假日顺延",
    PostingRule.PREVIOUS: ",遇节假日提前",
    PostingRule.TRADING: ",遇休市顺延到交易日",
}


def rhythm(cadence: Cadence | None) -> str:
    """Return how often it comes, as 每月."""
    if cadence is None:
        return "定期"
    if cadence.kind is CadenceKind.WEEK:
        return _EVERY_WEEKS.get(cadence.stride, "定期")
    if cadence.kind is CadenceKind.HALF_MONTH:
        return "每半个月"
    return _EVERY_MONTHS.get(cadence.stride, "定期")


def cadence_text(cadence: Cadence | None) -> str:
    """Return when it comes, as 每月10日前后,遇节假日顺延."""
    if cadence is None:
        return "间隔还不确定"
    return f"{day_text(cadence)}{_RULE_WORDS[cadence.rule]}"


def day_text(cadence: Cadence | None) -> str:
    """Return when it comes without what holidays do to it, as 每月10日前后."""
    if cadence is None:
        return "间隔还不确定"
    about = "前后" if cadence.is_by_hand else ""
    return f"{rhythm(cadence)}{_day_words(cadence)}{about}"


def _day_words(cadence: Cadence) -> str:
    if cadence.kind is CadenceKind.WEEK:
        return f"周{_WEEKDAYS[cadence.phase]}"
    if cadence.kind is CadenceKind.WORKDAY:
        return f"第{cadence.phase + 1}个工作日"
    if cadence.kind is CadenceKind.HALF_MONTH:
        return f"{cadence.phase + 1}日和{cadence.phase + 16}日"
    return "最后一天" if cadence.phase == _LAST_PHASE else f"{cadence.phase + 1}日"


_REPEAT_OF_MONTHS = {
    1: Repeat.MONTH,
    2: Repeat.TWO_MONTHS,
    3: Repeat.QUARTER,
    6: Repeat.HALF_YEAR,
    12: Repeat.YEAR,
}
_REPEAT_OF_WEEKS = {1: Repeat.WEEK, 2: Repeat.TWO_WEEKS}


def repeat_of(cadence: Cadence | None) -> Repeat:
    """Return the repeat of an own entry that comes nearest to a learned rhythm."""
    if cadence is None or cadence.kind is CadenceKind.HALF_MONTH:
        return Repeat.MONTH
    if cadence.kind is CadenceKind.WEEK:
        return _REPEAT_OF_WEEKS.get(cadence.stride, Repeat.MONTH)
    if cadence.kind is CadenceKind.MONTH and cadence.phase == _LAST_PHASE and cadence.stride == 1:
        return Repeat.MONTH_END
    return _REPEAT_OF_MONTHS.get(cadence.stride, Repeat.MONTH)
