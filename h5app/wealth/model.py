"""Words of the calendar: classes of entries, entries, occurrences, and facts. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from h5app.kernel.event import Event

LEAD_DAYS_DEFAULT = 5
LEAD_DAYS_MAX = 15
REMIND_HOUR_DEFAULT = 9
TITLE_LENGTH_MAX = 20
NOTE_LENGTH_MAX = 120


class EntryClass(StrEnum):
    """What kind of thing comes due."""

    REPAYMENT = "repayment"
    BILL = "bill"
    TRANSFER = "transfer"
    BANK_TRANSFER = "bank_transfer"
    INVESTMENT = "investment"
    MATURITY = "maturity"
    INCOME = "income"
    EX_RIGHT = "ex_right"
    RECORD = "record"
    DIVIDEND = "dividend"
    SUBSCRIPTION = "subscription"
    ALLOTMENT = "allotment"
    LISTING = "listing"
    BOND = "bond"
    REPORT = "report"
    UNLOCK = "unlock"
    CLOSURE = "closure"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The class's name on Chinese screens."""
        return _WORDS[self].label

    @property
    def colour(self) -> str:
        """The group that decides the colour of its mark: pay, loan, invest, income, market, own."""
        return _WORDS[self].colour

    @property
    def lead_days_default(self) -> int | None:
        """Days before the date at which it is told unless the customer says otherwise."""
        return _WORDS[self].lead_days

    @property
    def needs_trading_day(self) -> bool:
        """Whether the customer can only act on a trading day, so that the reminder moves to one."""
        return self in {EntryClass.BANK_TRANSFER, EntryClass.ALLOTMENT}

    @property
    def moves_money(self) -> bool:
        """Whether the customer must have money ready on that day."""
        return _WORDS[self].colour in {"pay", "loan", "invest"}

    @property
    def is_told_on_the_day(self) -> bool:
        """Whether it is told once more on the day itself: an unpaid allotment has consequences."""
        return self is EntryClass.ALLOTMENT


class _Words(NamedTuple):
    label: str
    colour: str
    lead_days: int | None


_C = EntryClass
_WORDS = {
    _C.REPAYMENT: _Words("还款", "loan", LEAD_DAYS_DEFAULT),
    _C.BILL: _Words("缴费", "pay", LEAD_DAYS_DEFAULT),
    _C.TRANSFER: _Words("转账", "pay", LEAD_DAYS_DEFAULT),
    _C.BANK_TRANSFER: _Words("银证转账", "pay", LEAD_DAYS_DEFAULT),
    _C.INVESTMENT: _Words("定投", "invest", LEAD_DAYS_DEFAULT),
    _C.MATURITY: _Words("理财到期", "income", LEAD_DAYS_DEFAULT),
    _C.INCOME: _Words("入账", "income", None),
    _C.EX_RIGHT: _Words("除权除息", "market", LEAD_DAYS_DEFAULT),
    _C.RECORD: _Words("股权登记", "market", None),
    _C.DIVIDEND: _Words("红利到账", "income", None),
    _C.SUBSCRIPTION: _Words("新股申购", "market", LEAD_DAYS_DEFAULT),
    _C.ALLOTMENT: _Words("中签缴款", "pay", LEAD_DAYS_DEFAULT),
    _C.LISTING: _Words("新股上市", "market", LEAD_DAYS_DEFAULT),
    _C.BOND: _Words("转债", "market", LEAD_DAYS_DEFAULT),
    _C.REPORT: _Words("财报", "market", None),
    _C.UNLOCK: _Words("解禁", "market", None),
    _C.CLOSURE: _Words("休市", "market", None),
    _C.OTHER: _Words("其他", "own", LEAD_DAYS_DEFAULT),
}

OWN_CLASSES = (
    _C.REPAYMENT,
    _C.BILL,
    _C.TRANSFER,
    _C.BANK_TRANSFER,
    _C.INVESTMENT,
    _C.MATURITY,
    _C.INCOME,
    _C.OTHER,
)
"""Classes a customer may give to an entry of his own."""


class Repeat(StrEnum):
    """How often an own entry comes round."""

    NEVER = "never"
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"
    MONTH_END = "month_end"
    TWO_MONTHS = "two_months"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def label(self) -> str:
        """The words on Chinese screens."""
        return _REPEAT_LABELS[self]


_REPEAT_LABELS = {
    Repeat.NEVER: "不重复",
    Repeat.WEEK: "每周",
    Repeat.TWO_WEEKS: "每两周",
    Repeat.MONTH: "每月",
    Repeat.MONTH_END: "每月最后一天",
    Repeat.TWO_MONTHS: "每两个月",
    Repeat.QUARTER: "每季度",
    Repeat.HALF_YEAR: "每半年",
    Repeat.YEAR: "每年",
}
LUNAR_REPEATS = (Repeat.NEVER, Repeat.MONTH, Repeat.YEAR)
"""Repeats that make sense by the lunar calendar."""


class HolidayRule(StrEnum):
    """What happens to a date that is no working day of the banks."""

    KEEP = "keep"
    EARLIER = "earlier"
    LATER = "later"

    @property
    def label(self) -> str:
        """The words on Chinese screens."""
        return {"keep": "不调整", "earlier": "提前到工作日", "later": "顺延到工作日"}[self.value]


@dataclass(frozen=True, kw_only=True)
class EntryDraft:
    """What a customer writes down."""

    title: str
    kind: EntryClass
    first_on: date
    repeat: Repeat = Repeat.NEVER
    is_lunar: bool = False
    holiday_rule: HolidayRule = HolidayRule.KEEP
    amount_fen: int | None = None
    lead_days: int | None = None
    """None follows the customer's preference of the class."""
    note: str = ""
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class OwnEntry:
    """An entry as it is kept."""

    entry_id: int
    customer_id: str
    draft: EntryDraft
    sequence: int
    changed_at: datetime
    """Market time of the last change of its dates."""
    deleted_at: datetime | None = None
    touched_at: datetime | None = None
    """Market time of the last change of anything."""

    @property
    def ref(self) -> str:
        """The name under which reminders, marks and pages know it."""
        return f"own-{self.entry_id}"


class Certainty(StrEnum):
    """How sure it is that something comes."""

    CERTAIN = "certain"
    PREDICTED = "predicted"
    POSSIBLE = "possible"

    @property
    def label(self) -> str:
        """The words on Chinese screens."""
        return {"certain": "确定", "predicted": "预计", "possible": "可能"}[self.value]


class OccurrenceState(StrEnum):
    """What became of one occurrence."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The customer's word on one occurrence."""

    state: OccurrenceState = OccurrenceState.OPEN
    snoozed_until: date | None = None
    sequence: int = 0
    """Rises with every word; a subscribed calendar takes the higher one."""
    at: datetime | None = field(default=None, compare=False)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was said, or what was said was taken back."""
        return self.state is OccurrenceState.OPEN and self.snoozed_until is None


NO_MARK = Mark()


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One thing on one day of one customer's calendar."""

    ref: str
    kind: EntryClass
    title: str
    nominal_on: date
    """Its identity: the day before any holiday rule moved it."""
    due_on: date
    earliest_on: date
    """The earliest plausible day; reminders count from here."""
    certainty: Certainty = Certainty.CERTAIN
    mark: Mark = NO_MARK
    amount_low_fen: int | None = None
    amount_high_fen: int | None = None
    lead_days: int | None = None
    """The entry's own lead; None follows the preference of the class."""
    known_at: datetime | None = None
    """Market moment since when this date is known; a reminder is never older than it."""
    security_name: str = ""
    symbol: str = ""
    note: str = ""
    until_on: date | None = None
    """The last day, where it lasts longer than one."""
    sequence: int = 0
    changed_at: datetime | None = None
    """Market time since when it stands as it does; None where nobody noted it."""
    source: str = ""
    """Who told it, where that is somebody else."""
    is_cancelled: bool = False
    """Withdrawn after it was shown; a subscribed calendar must be told so."""

    @property
    def key(self) -> tuple[str, date]:
        """What tells it apart from every other occurrence of the customer."""
        return self.ref, self.nominal_on

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its day."""
        return self.mark.state is OccurrenceState.OPEN and not self.is_cancelled

    @property
    def is_moved(self) -> bool:
        """Whether a holiday moved it away from its nominal day.

        Where the institution names the day itself, the nominal day is only the name under which
        the payment was first expected.
        """
        is_ordered = self.is_learned and self.certainty is Certainty.CERTAIN
        return self.due_on != self.nominal_on and not is_ordered

    @property
    def is_own(self) -> bool:
        """Whether the customer wrote it down."""
        return self.ref.startswith("own-")

    @property
    def is_learned(self) -> bool:
        """Whether it was learned from the cash ledger."""
        return self.ref.startswith("stream-")

    def days_left(self, today: date) -> int:
        """Return calendar days from `today` to the due day."""
        return (self.due_on - today).days


class Sensitivity(StrEnum):
    """How much the customer wants to be told of."""

    OWN = "own"
    CERTAIN = "certain"
    NORMAL = "normal"
    MORE = "more"

    @property
    def label(self) -> str:
        """The words on Chinese screens."""
        return _SENSITIVITY_LABELS[self]


_SENSITIVITY_LABELS = {
    Sensitivity.OWN: "只提醒自己添加的",
    Sensitivity.CERTAIN: "只提醒确定的",
    Sensitivity.NORMAL: "标准",
    Sensitivity.MORE: "多提醒(包括可能的)",
}


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """A customer's preferences of the calendar."""

    lead_days: dict[EntryClass, int | None] = field(default_factory=dict)
    """Per class; None is off. A class that is not there has its default."""
    hour: int = REMIND_HOUR_DEFAULT
    is_digest: bool = False
    """Whether what is due at the same hour is told in one message."""
    sensitivity: Sensitivity = Sensitivity.NORMAL
    least_fen: int = 0
    """What is known to cost less is not told."""

    def wants(self, occurrence: Occurrence) -> bool:
        """Say whether the customer wants to be told of something at all."""
        amount = occurrence.amount_high_fen
        if amount is not None and amount < self.least_fen:
            return False
        if self.sensitivity is Sensitivity.OWN:
            return occurrence.is_own
        return occurrence.certainty in _TOLD_BY_SENSITIVITY[self.sensitivity]

    def lead_of(self, kind: EntryClass) -> int | None:
        """Return the lead of a class in calendar days, None when it is not told."""
        return self.lead_days.get(kind, kind.lead_days_default)


_TOLD_BY_SENSITIVITY = {
    Sensitivity.CERTAIN: {Certainty.CERTAIN},
    Sensitivity.NORMAL: {Certainty.CERTAIN, Certainty.PREDICTED},
    Sensitivity.MORE: {Certainty.CERTAIN, Certainty.PREDICTED, Certainty.POSSIBLE},
}


@dataclass(frozen=True, kw_only=True)
class ReminderDue(Event):
    """Something comes due and the customer is to be told, once per `reminder_key`."""

    customer_id: str
    reminder_key: str
    """Names entry, occurrence and lead; the same key is told once."""
    title: str
    class_label: str
    due_on: date
    days_left: int
    entry_ref: str
    occurrence_on: date
    """With `entry_ref`, the page: /wealth/entries/<entry_ref>?on=<occurrence_on>."""
    security_name: str = ""
    """Private: known to its owner only; empty where no security is concerned."""
    amount_fen: int | None = None
    """Private; the upper end where only a range is known."""


@dataclass(frozen=True, kw_only=True)
class RemindersGathered(Event):
    """Several things come due and the customer wants them in one message, once per key."""

    customer_id: str
    digest_key: str
    count: int
    class_labels: str
    """Which kinds of things, as 还款、缴费."""
    due_on: date
    """The nearest of their days."""
    days_left: int
    titles: str
    """Private: what they are called, with day and amount where it is known."""
