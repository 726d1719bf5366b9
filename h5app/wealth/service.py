"""The wealth calendar: what comes due for a customer, and his word on it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from h5app.identity.model import CustomerBound, CustomersMerged, CustomerUnbound
from h5app.kernel.clock import Clock
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wealth import store, store_reminders
from h5app.wealth.bill_book import BillBook
from h5app.wealth.cash_flows import AllCashFlows, BillCashFlows
from h5app.wealth.customers import Customers
from h5app.wealth.day_watch import DayWatch
from h5app.wealth.feed import Feeds
from h5app.wealth.gathering import Outside, Span, gather
from h5app.wealth.kept_months import Months
from h5app.wealth.lead import Telling, tellings
from h5app.wealth.model import (
    LEAD_DAYS_MAX,
    LUNAR_REPEATS,
    NOTE_LENGTH_MAX,
    OWN_CLASSES,
    TITLE_LENGTH_MAX,
    EntryDraft,
    Mark,
    Occurrence,
    OccurrenceState,
    OwnEntry,
    Wishes,
)
from h5app.wealth.occurrences import in_order, of_closures
from h5app.wealth.ports import (
    Balances,
    BankSource,
    CashFlowSource,
    Followed,
    MarketEvents,
    NoBalances,
    NoCashFlows,
)
from h5app.wealth.refusal import BadEntry, BadMark, EntryNotFound, TooManyEntries
from h5app.wealth.reminding import Reminding
from h5app.wealth.stream_model import KeptStream, OwnWords, StreamWord
from h5app.wealth.streams import LearnedStreams

ENTRIES_MAX = 300
AMOUNT_FEN_MAX = 10**13
YEARS_BACK_MAX = 100
YEARS_AHEAD_MAX = 60
UPCOMING_DAYS = 400
UPCOMING_MAX = 3
HOURS = range(24)
OCCURRENCE_REACH = timedelta(days=62)


class WealthCalendar:
    """Own entries, occurrences of all sources, the customer's word, reminders.

    `market` is the market clock, which rules days and reminders; `wall` rules nothing here but is
    what the outbox stamps with.
    """

    def __init__(  # noqa: PLR0913 - one port each
        self,
        database: Database,
        outbox: Outbox,
        *,
        market: Clock,
        trading_days: TradingDays,
        cash_flows: CashFlowSource,
        market_events: MarketEvents,
        followed: Followed,
        bank: BankSource | None = None,
        balances: Balances | None = None,
        refresh_days: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._market = market
        self.trading_days = trading_days
        self._outside = Outside(market_events, followed)
        self.reminding = Reminding(database, outbox, market, trading_days, self._outside)
        bank = bank or NoCashFlows()
        sources = AllCashFlows(cash_flows, bank, BillCashFlows(database))
        self.streams = LearnedStreams(database, market, trading_days, sources, bank)
        self.customers = Customers(database, market, self.streams)
        self.day_watch = DayWatch(database, market, trading_days, refresh_days)
        self.balances: Balances = balances or NoBalances()
        self.bills = BillBook(database, market, self.customers.relearn)
        self.feeds = Feeds(database, market, trading_days, self._outside)
        self.months = Months(database, trading_days, self._outside, self.today)

    def today(self) -> date:
        """Return the present day of the market clock."""
        return self._market.now().date()

    # Own entries

    def add_entry(
        self, customer_id: str, draft: EntryDraft, once_key: str | None = None
    ) -> OwnEntry:
        """Keep an entry; a second call with the same `once_key` gives the first one.

        Raises:
            BadEntry: A field is empty or out of range.
            TooManyEntries: ENTRIES_MAX are kept already.
        """
        check_draft(draft, self.today())
        now = self._market.now()
        with self._database.write() as connection:
            if store.count_entries(connection, customer_id) >= ENTRIES_MAX:
                raise TooManyEntries
            entry_id = store.add_entry(connection, customer_id, draft, now, once_key)
            store_reminders.look_soon(connection, customer_id, now)
            return self._entry(connection, customer_id, entry_id)

    def change_entry(self, customer_id: str, entry_id: int, draft: EntryDraft) -> OwnEntry:
        """Give an entry another content.

        Raises:
            BadEntry: A field is empty or out of range.
            EntryNotFound: The customer has no such entry.
        """
        check_draft(draft, self.today())
        now = self._market.now()
        with self._database.write() as connection:
            kept = self._entry(connection, customer_id, entry_id)
            changed_at = kept.changed_at if _schedule(kept.draft) == _schedule(draft) else now
            store.change_entry(connection, entry_id, draft, changed_at, now)
            store_reminders.look_soon(connection, customer_id, now)
            return self._entry(connection, customer_id, entry_id)

    def delete_entry(self, customer_id: str, entry_id: int) -> OwnEntry:
        """Take an entry off the calendar; `restore_entry` brings it back.

        Raises:
            EntryNotFound: The customer has no such entry.
        """
        return self._set_deleted(customer_id, entry_id, self._market.now())

    def restore_entry(self, customer_id: str, entry_id: int) -> OwnEntry:
        """Bring a deleted entry back.

        Raises:
            EntryNotFound: The customer has no such entry.
        """
        return self._set_deleted(customer_id, entry_id, None)

    def entry(self, customer_id: str, entry_id: int) -> OwnEntry:
        """Return an entry of the customer, deleted or not.

        Raises:
            EntryNotFound: The customer has no such entry.
        """
        with self._database.read() as connection:
            return self._entry(connection, customer_id, entry_id)

    def _set_deleted(self, customer_id: str, entry_id: int, at: datetime | None) -> OwnEntry:
        with self._database.write() as connection:
            self._entry(connection, customer_id, entry_id)
            store.set_deleted(connection, entry_id, at, self._market.now())
            store_reminders.look_soon(connection, customer_id, self._market.now())
            return self._entry(connection, customer_id, entry_id)

    def _entry(self, connection: Connection, customer_id: str, entry_id: int) -> OwnEntry:
        found = store.entry(connection, customer_id, entry_id)
        if found is None:
            raise EntryNotFound
        return found

    # The calendar

    def occurrences(
        self, customer_id: str, first: date, last: date, account_id: str | None = None
    ) -> list[Occurrence]:
        """Return what falls due from `first` to `last`, done and skipped things too."""
        span = Span(first, last)
        whose = self._outside.whose(customer_id, account_id, span)
        with self._database.read() as connection:
            found = gather(connection, whose, span, self.trading_days)
        return in_order([*found, *of_closures(first, last, self.trading_days)])

    def occurrence(
        self, customer_id: str, ref: str, on: date, account_id: str | None = None
    ) -> Occurrence:
        """Return one occurrence by its entry and nominal day.

        Raises:
            EntryNotFound: The customer's calendar has no such occurrence.
        """
        around = self.occurrences(
            customer_id, on - OCCURRENCE_REACH, on + OCCURRENCE_REACH, account_id
        )
        found = next((each for each in around if each.key == (ref, on)), None)
        if found is None:
            raise EntryNotFound
        return found

    def upcoming(self, customer_id: str, ref: str, account_id: str | None) -> list[Occurrence]:
        """Return the next few occurrences of one entry from today on."""
        today = self.today()
        following = self.occurrences(
            customer_id, today, today + timedelta(days=UPCOMING_DAYS), account_id
        )
        return [each for each in following if each.ref == ref][:UPCOMING_MAX]

    # Customers

    def meet(self, customer_id: str, account_id: str | None = None) -> None:
        """Note that the customer uses the calendar, and which account is his own."""
        self.customers.meet(customer_id, account_id)

    def on_customer_bound(self, event: CustomerBound) -> None:
        """Learn from the account that was bound."""
        self.customers.bind(event)

    def on_customer_unbound(self, event: CustomerUnbound) -> None:
        """Leave the account alone; what was learned stays for the day it is bound again."""
        self.customers.leave_account(event)

    def on_customers_merged(self, event: CustomersMerged) -> None:
        """Move what the former customer kept to the one it became."""
        self.customers.merge(event)

    # The customer's word on one occurrence

    def mark_done(self, customer_id: str, ref: str, on: date) -> None:
        """Note that it is paid or done: its reminders are closed."""
        self._mark(customer_id, (ref, on), Mark(state=OccurrenceState.DONE))

    def skip(self, customer_id: str, ref: str, on: date) -> None:
        """Leave this one occurrence out."""
        self._mark(customer_id, (ref, on), Mark(state=OccurrenceState.SKIPPED))

    def snooze(self, customer_id: str, ref: str, on: date, until_on: date) -> None:
        """Tell it again on a later day, at the customer's hour.

        Raises:
            BadMark: The day is not after today.
        """
        if until_on <= self.today():
            raise BadMark
        self._mark(customer_id, (ref, on), Mark(snoozed_until=until_on))

    def unmark(self, customer_id: str, ref: str, on: date) -> None:
        """Take back what was said about this occurrence."""
        self._mark(customer_id, (ref, on), Mark())

    def _mark(self, customer_id: str, key: tuple[str, date], mark: Mark) -> None:
        now = self._market.now()
        with self._database.write() as connection:
            store.put_mark(connection, customer_id, key, mark, now)
            store_reminders.look_soon(connection, customer_id, now)

    # What is due by itself

    def run_due(self) -> int:
        """Learn and tell everything that is due by the market clock; return how many were told."""
        self.learn_due()
        return self.remind_due()

    def learn_due(self, seconds_max: float | None = None) -> int:
        """Learn from every bound account once a market day; return how many were learned from.

        With `seconds_max` it stops after so long and goes on at the next call.
        """
        self.day_watch.recompute()
        return self.streams.learn_due(seconds_max)

    def remind_due(self, seconds_max: float | None = None) -> int:
        """Tell every reminder that is due, once; return how many were told.

        With `seconds_max` it stops after so long and goes on at the next call.
        """
        return self.reminding.remind_due(seconds_max)

    def tellings(self, customer_id: str, occurrence: Occurrence) -> list[Telling]:
        """Return the reminders of an occurrence by the customer's preferences, told or not."""
        return tellings(occurrence, self.wishes(customer_id), self.trading_days)

    # Preferences

    def wishes(self, customer_id: str) -> Wishes:
        """Return the customer's preferences."""
        with self._database.read() as connection:
            return store_reminders.wishes(connection, customer_id)

    def wish(self, customer_id: str, wishes: Wishes) -> None:
        """Keep the customer's preferences.

        Raises:
            BadEntry: A lead or the hour is out of range.
        """
        leads = (days for days in wishes.lead_days.values() if days is not None)
        is_odd = wishes.hour not in HOURS or wishes.least_fen < 0
        if is_odd or any(not 0 <= days <= LEAD_DAYS_MAX for days in leads):
            raise BadEntry
        with self._database.write() as connection:
            store_reminders.put_wishes(connection, customer_id, wishes)
            store_reminders.look_soon(connection, customer_id, self._market.now())

    # The customer's word on learned streams

    def confirm_stream(self, customer_id: str, account_id: str, stream_id: int) -> KeptStream:
        """Remind of this stream from now on.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        return self._say(customer_id, account_id, stream_id, StreamWord.CONFIRMED)

    def dismiss_stream(self, customer_id: str, account_id: str, stream_id: int) -> KeptStream:
        """Never show this stream again, however often it is learned.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        return self._say(customer_id, account_id, stream_id, StreamWord.DISMISSED)

    def change_stream(
        self, customer_id: str, account_id: str, stream_id: int, own: OwnWords
    ) -> KeptStream:
        """Call a stream by another name or class, or tell it earlier or later; it is confirmed.

        Raises:
            BadEntry: A name, class or lead that no entry may have.
            EntryNotFound: The account has no such stream.
        """
        check_words(own)
        changed = self.streams.change(account_id, stream_id, own)
        with self._database.write() as connection:
            store_reminders.look_soon(connection, customer_id, self._market.now())
        return changed

    def unsay_stream(self, customer_id: str, account_id: str, stream_id: int) -> KeptStream:
        """Take back what was said about a stream.

        Raises:
            EntryNotFound: The account has no such stream.
        """
        return self._say(customer_id, account_id, stream_id, StreamWord.NONE)

    def _say(
        self, customer_id: str, account_id: str, stream_id: int, word: StreamWord
    ) -> KeptStream:
        said = self.streams.say(account_id, stream_id, word)
        with self._database.write() as connection:
            store_reminders.look_soon(connection, customer_id, self._market.now())
        return said


def check_words(own: OwnWords) -> None:
    """Check what a customer calls a learned stream.

    Raises:
        BadEntry: The name is too long, the class is none of his, or the lead out of range.
    """
    if own.title is not None and len(own.title) > TITLE_LENGTH_MAX:
        raise BadEntry(f"名称最多 {TITLE_LENGTH_MAX} 个字")
    if own.kind is not None and own.kind not in OWN_CLASSES:
        raise BadEntry("请选择类别")
    if own.lead_days is not None and not 0 <= own.lead_days <= LEAD_DAYS_MAX:
        raise BadEntry(f"提前天数为 0 到 {LEAD_DAYS_MAX}")


def _schedule(draft: EntryDraft) -> tuple[object, ...]:
    return draft.first_on, draft.repeat, draft.is_lunar, draft.holiday_rule


def check_draft(draft: EntryDraft, today: date) -> None:
    """Check an own entry.

    Raises:
        BadEntry: A field is empty or out of range; the text says which.
    """
    wrong = next((sentence for sentence, is_wrong in _faults(draft, today) if is_wrong), None)
    if wrong is not None:
        raise BadEntry(wrong)


def _faults(draft: EntryDraft, today: date) -> list[tuple[str, bool]]:
    years = draft.first_on.year - today.year
    amount, lead = draft.amount_fen, draft.lead_days
    return [
        ("请填写名称", not draft.title.strip()),
        (f"名称最多 {TITLE_LENGTH_MAX} 个字", len(draft.title) > TITLE_LENGTH_MAX),
        (f"备注最多 {NOTE_LENGTH_MAX} 个字", len(draft.note) > NOTE_LENGTH_MAX),
        ("请选择类别", draft.kind not in OWN_CLASSES),
        ("日期超出范围", not -YEARS_BACK_MAX <= years <= YEARS_AHEAD_MAX),
        ("结束日期早于开始日期", draft.until_on is not None and draft.until_on < draft.first_on),
        ("农历日程只能不重复、每月或每年", draft.is_lunar and draft.repeat not in LUNAR_REPEATS),
        ("金额应大于 0", amount is not None and not 0 < amount <= AMOUNT_FEN_MAX),
        (f"提前天数为 0 到 {LEAD_DAYS_MAX}", lead is not None and not 0 <= lead <= LEAD_DAYS_MAX),
    ]
