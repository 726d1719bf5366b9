"""Small adapters between rooms: one room's port filled by another's service. No rule lives here."""

from collections.abc import Collection, Sequence
from datetime import date

from flask import Response

from h5app.counter.model import CashEntry
from h5app.counter.service import EmbeddedCounter
from h5app.identity.directory import Directory
from h5app.identity.ports import Holder
from h5app.identity.refusal import SnapshotUser
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.market.board import BoardReader
from h5app.market.events import EventKind
from h5app.market.model import EventState
from h5app.market.service import Market
from h5app.market.shown import KeptHead, QuoteRows
from h5app.market.stream import QuoteStream
from h5app.plumbing import worker_life
from h5app.plumbing.config import Config
from h5app.plumbing.format import change_ratio, price
from h5app.wealth.bank_feed import BankFeed
from h5app.wealth.model import EntryClass
from h5app.wealth.ports import CashFlow, MarketEvent
from h5app.wechat.bound_menu import BoundMenu
from h5app.wechat.model import Answer, Card, Followed, Link, Question

OUTSIDE_KINDS = frozenset({"deposit", "withdrawal", "purchase"})
"""Cash that came from or went to somebody else; trades and their fees are not among them."""
CLASS_BY_EVENT = {
    EventKind.RECORD: EntryClass.RECORD,
    EventKind.EX_RIGHT: EntryClass.EX_RIGHT,
    EventKind.DIVIDEND: EntryClass.DIVIDEND,
    EventKind.LISTING: EntryClass.LISTING,
}
POSITION_WORDS = frozenset({"持仓", "我的持仓", "资产", "余额", "我的成交", "成交"})
CHAT_CANDIDATES_MAX = 3


def quote_stream(market: Market, reader: BoardReader, wall: Clock) -> QuoteStream:
    """Return this worker's streams of quotes; they end when the worker is told to stop."""
    rows = QuoteRows(reader)
    head = KeptHead(market, rows, wall)
    return QuoteStream(rows, wall, head=head, is_alive=worker_life.is_alive)


class CounterAccounts:
    """identity.ports.Accounts over the counter."""

    def __init__(self, counter: EmbeddedCounter) -> None:
        self._counter = counter

    def verify_password(self, account_id: str, password: str) -> bool:
        """Ask the counter."""
        return self._counter.verify_password(account_id, password)

    def holder(self, account_id: str) -> Holder | None:
        """Return the masked name and the phone."""
        found = self._counter.holder(account_id)
        if found is None:
            return None
        return Holder(masked_name=found.holder_name_masked, phone=found.phone)


class SessionsByOpenid:
    """wechat.ports.OpenidSignIn over identity."""

    def __init__(self, identity: Identity, sessions: Sessions) -> None:
        self._identity = identity
        self._sessions = sessions

    def sign_in_openid(self, openid: str, response: Response) -> None:
        """Start a session; identity puts its cookie on the answer of this request."""
        del response
        granted = self._identity.sign_in_openid(openid, self._sessions.origin())
        self._sessions.keep(granted)

    def note_snapshot(self) -> None:
        """Write the virtual user that was turned away into the trail."""
        try:
            self._identity.refuse_snapshot(self._sessions.origin())
        except SnapshotUser:
            return


class CustomerAddresses:
    """notify.ports.AddressBook: every way of WeChat reaches an openid, the inbox the customer."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def address(self, customer_id: str, channel_name: str) -> str | None:
        """Return where a customer is reached by a channel."""
        if channel_name.startswith("wechat"):
            return self._directory.openid_of(customer_id)
        return customer_id


class BoundFollowers:
    """Gives the menu of bound customers back to those among them who follow again."""

    def __init__(self, directory: Directory, menu: BoundMenu) -> None:
        self._directory = directory
        self._menu = menu

    def on_followed(self, fact: Followed) -> None:
        """Ask identity whether the follower is bound."""
        if self._directory.account_of_openid(fact.openid):
            self._menu.on_followed(fact.openid)


class CounterCashFlows:
    """wealth.ports.CashFlowSource over the counter's cash ledger."""

    def __init__(self, counter: EmbeddedCounter) -> None:
        self._counter = counter

    def flows(self, account_id: str, since: date) -> Sequence[CashFlow]:
        """Return what came from or went to somebody outside."""
        entries = self._counter.cash_entries(account_id, since)
        return [_flow(entry) for entry in entries if entry.kind in OUTSIDE_KINDS]


def _flow(entry: CashEntry) -> CashFlow:
    return CashFlow(
        reference=f"ledger-{entry.entry_id}",
        on=entry.on,
        amount_fen=entry.amount_fen,
        counterparty=entry.counterparty,
        memo=entry.memo,
        channel="transfer_in" if entry.amount_fen > 0 else "transfer_out",
    )


class CounterCash:
    """wealth.ports.Balances over the counter."""

    def __init__(self, counter: EmbeddedCounter) -> None:
        self._counter = counter

    def available_fen(self, account_id: str) -> int | None:
        """Return the cash that may be used; None where the counter refuses to say."""
        try:
            return self._counter.balances(account_id).available_fen
        except AppError:
            return None


def bank_feed(config: Config) -> BankFeed | None:
    """Return the bank's feed of movements; None where none is set up."""
    if not config.bank_feed_url:
        return None
    return BankFeed(config.bank_feed_url, config.bank_feed_token)


class MarketCalendar:
    """wealth.ports.MarketEvents over the market's events."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def events(self, symbols: Collection[str], first: date, last: date) -> Sequence[MarketEvent]:
        """Return the market's events in the calendar's words."""
        if not symbols:
            return []
        return [
            MarketEvent(
                event_id=event.event_id,
                symbol=event.symbol,
                short_name=event.short_name,
                kind=CLASS_BY_EVENT[event.kind],
                on=event.on,
                title=event.title,
                is_confirmed=event.state is EventState.CONFIRMED,
                is_cancelled=event.state is EventState.CANCELLED,
                source=event.source,
                fetched_at=event.fetched_at,
            )
            for event in self._market.events(symbols, first, last)
        ]


class HeldAndWatched:
    """wealth.ports.Followed: positions of the counter, watchlist of the market."""

    def __init__(self, counter: EmbeddedCounter, market: Market) -> None:
        self._counter = counter
        self._market = market

    def symbols(self, customer_id: str, account_id: str | None) -> Collection[str]:
        """Return what a customer holds and watches."""
        watched = set(self._market.watched(customer_id))
        if account_id is None:
            return watched
        held = self._counter.positions(account_id)
        return watched | {position.symbol for position in held if position.quantity_shares}


class ChatAnswers:
    """wechat.ports.AnswerPort: quotes by code, name or pinyin; a way to what is private."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def __call__(self, question: Question) -> Answer | None:
        """Answer a sentence; None where the channel's own suggestions are better."""
        words = question.words.strip()
        if not words or question.place:
            return None
        if words in POSITION_WORDS:
            link = Link(label="查看我的持仓", path="/go/positions")
            return Answer(words="持仓与成交只在验证身份后的页面里显示:", links=(link,))
        return self._quote(words)

    def _quote(self, words: str) -> Answer | None:
        try:
            found = self._market.search(words, CHAT_CANDIDATES_MAX)
        except AppError:
            return None
        if not found:
            return None
        if len(found) == 1 or words in {found[0].code, found[0].short_name, found[0].symbol}:
            return Answer(card=self._card(found[0].symbol))
        links = tuple(Link(label=one.short_name, path=f"/market/{one.symbol}") for one in found)
        return Answer(words="您要找的是:", links=links)

    def _card(self, symbol: str) -> Card:
        instrument = self._market.existing(symbol)
        quote = self._market.quote(symbol)
        label = self._market.feed_label()
        if quote is None or quote.last_milli is None:
            shown, at = "暂无最新价", ""
        else:
            ratio = change_ratio(quote.last_milli, quote.previous_close_milli)
            shown = f"{price(quote.last_milli, instrument.price_decimals)} {ratio}"
            at = f"{quote.at:%m-%d %H:%M:%S}"
        return Card(
            title=f"{instrument.short_name} {instrument.code}",
            description=f"{shown}\n{at} {label}".strip(),
            path=f"/market/{symbol}",
        )
