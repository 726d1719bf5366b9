"""Tickets: what a customer needs before an order, and what was typed so far."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import cast

import msgspec

from h5app.counter.model import Balances, Position, Side
from h5app.kernel.clock import Clock
from h5app.kernel.money import amount_fen
from h5app.market.model import Instrument, OrderKind, Phase, Quote
from h5app.plumbing.db import Database
from h5app.trading import store
from h5app.trading.model import PlaceOrder, price_text
from h5app.trading.objection import Objection, OrderFacts, objections_of
from h5app.trading.ports import Counter, Prices
from h5app.trading.refusal import BadSymbol, TicketNotFound
from h5app.trading.store import OrderKey
from h5app.trading.ticket import (
    FRACTIONS,
    Estimate,
    Steps,
    TicketFacts,
    TicketWarning,
    estimate,
    fraction_of,
    maximum_to_buy,
    maximum_to_sell,
    suggested_price_milli,
    warnings_of,
)

TICKET_KEPT = timedelta(days=1)
FIELD_CHARACTERS_MAX = 32
_ID_BYTES = 18


@dataclass(frozen=True, kw_only=True)
class TypedTicket:
    """A ticket as it was typed, right or wrong; all fields are texts."""

    client_order_id: str
    symbol: str
    side: str
    kind: str = str(OrderKind.LIMIT)
    price: str = ""
    quantity: str = ""

    def as_fields(self) -> dict[str, object]:
        """Return the fields as an order's parser reads them."""
        return cast("dict[str, object]", asdict(self))


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The market's side of a ticket: what may be ordered, and at what prices, right now."""

    instrument: Instrument
    quote: Quote | None
    phase: Phase
    steps: Steps
    kinds: tuple[OrderKind, ...]
    """Kinds that may be chosen now; the limit order always stands first."""
    protected: frozenset[OrderKind] = frozenset()
    """Market kinds that must carry a protection price."""

    @property
    def limits_milli(self) -> tuple[int | None, int | None]:
        """涨停 and 跌停; None where the day has none."""
        if self.quote is None:
            return None, None
        return self.quote.limit_up_milli, self.quote.limit_down_milli

    @property
    def last_milli(self) -> int | None:
        """现价; None without a trade today."""
        return self.quote.last_milli if self.quote else None

    def suggested_milli(self, side: Side) -> int | None:
        """Return the price that a ticket opens with; None without a quote."""
        return suggested_price_milli(self.quote, side) if self.quote else None

    def worst_milli(self, order: PlaceOrder) -> int:
        """Return the price cash is held for: the order's, or the day's limit for market kinds."""
        if order.price_milli:
            return order.price_milli
        up, _down = self.limits_milli
        return up or self.last_milli or 0


@dataclass(frozen=True, kw_only=True)
class Means:
    """The customer's side of a ticket: cash and shares. Private (L2)."""

    balances: Balances
    position: Position | None

    @property
    def sellable_shares(self) -> int:
        """可卖."""
        return self.position.sellable_shares if self.position else 0


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many the customer could buy or sell. Private (L2)."""

    means: Means
    maximum_shares: int | None
    """可买 (fees included) or 可卖; None where a buy has no price to count with."""
    fractions: tuple[int, ...] = ()
    """全仓, 1/2, 1/3 and 1/4 of it; empty without a maximum."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What an order would come to, and what to warn of."""

    estimate: Estimate
    maximum_shares: int
    warnings: tuple[TicketWarning, ...]
    objections: tuple[Objection, ...]
    """What the counter would refuse the order for, as far as can be seen from here."""
    means: Means


class Tickets:
    """Opens, keeps and estimates tickets; places nothing."""

    def __init__(self, database: Database, counter: Counter, prices: Prices, wall: Clock) -> None:
        self._database = database
        self._counter = counter
        self._prices = prices
        self._wall = wall

    def new(self, symbol: str, side: Side, price: str = "") -> TypedTicket:
        """Return an empty ticket with a client_order_id of its own."""
        return TypedTicket(
            client_order_id=new_client_order_id(),
            symbol=symbol,
            side=side,
            price=price[:FIELD_CHARACTERS_MAX],
        )

    def terms(self, symbol: str) -> Terms:
        """Return what the market says of a ticket for this symbol.

        Raises:
            BadSymbol: No such security, or one that is only looked at (an index).
        """
        instrument = self._prices.instrument(symbol)
        if instrument is None:
            raise BadSymbol
        rules = self._prices.rules.on(self._prices.today())
        lot = rules.lot(instrument)
        if lot is None:
            raise BadSymbol
        phase = self._prices.phase(symbol)
        steps = Steps(minimum_shares=lot.minimum_shares, step_shares=lot.step_shares)
        maximum = rules.maximum_shares(instrument)
        if maximum is not None:
            steps = replace(steps, maximum_shares=maximum)
        now = rules.order_kinds_now(instrument, phase)
        others = tuple(kind for kind in now if kind is not OrderKind.LIMIT)
        return Terms(
            instrument=instrument,
            quote=self._prices.quote(symbol),
            phase=phase,
            steps=steps,
            kinds=(OrderKind.LIMIT, *others),
            protected=frozenset(
                kind for kind in others if rules.needs_protection_price(instrument, kind)
            ),
        )

    def means(self, account_id: str, symbol: str) -> Means:
        """Return the cash and the shares that the account could use."""
        held = self._counter.positions(account_id)
        position = next((one for one in held if one.symbol == symbol), None)
        return Means(balances=self._counter.balances(account_id), position=position)

    def maximum(
        self, account_id: str, terms: Terms, side: Side, price_milli: int, means: Means
    ) -> int:
        """Return 可买 (fees included) or 可卖, whole shares."""
        if side == "sell":
            return maximum_to_sell(means.sellable_shares, terms.steps)
        schedule = self._counter.fee_schedule(account_id, terms.instrument.symbol, side)
        return maximum_to_buy(
            means.balances.available_fen,
            price_milli,
            terms.steps,
            lambda amount: schedule(amount).total_fen,
        )

    def reach(self, account_id: str, terms: Terms, side: Side, price_milli: int | None) -> Reach:
        """Return 可买 or 可卖 with its fractions, at the price typed or else at the day's limit."""
        means = self.means(account_id, terms.instrument.symbol)
        up, _down = terms.limits_milli
        counted = price_milli or up or terms.last_milli or 0
        if side == "buy" and not counted:
            return Reach(means=means, maximum_shares=None)
        maximum = self.maximum(account_id, terms, side, counted, means)
        return Reach(
            means=means,
            maximum_shares=maximum,
            fractions=tuple(fraction_of(maximum, parts, terms.steps) for parts in FRACTIONS),
        )

    def amount_fen(self, order: PlaceOrder) -> int:
        """Return what an order comes to at most, without fees; 0 where no price is known."""
        quote = self._prices.quote(order.symbol)
        shown = (quote.limit_up_milli or quote.last_milli) if quote else None
        return amount_fen(order.price_milli or shown or 0, order.quantity_shares)

    def figures(self, account_id: str, order: PlaceOrder) -> Estimate:
        """Return amount and fees alone: they say nothing of what the account holds.

        Raises:
            BadSymbol: No such security.
        """
        return self._figures(account_id, order, self.terms(order.symbol).worst_milli(order))

    def _figures(self, account_id: str, order: PlaceOrder, price_milli: int) -> Estimate:
        schedule = self._counter.fee_schedule(account_id, order.symbol, order.side)
        return estimate(order.side, price_milli, order.quantity_shares, schedule)

    def outlook(self, account_id: str, order: PlaceOrder) -> Outlook:
        """Return amount, fees, maximum and warnings of an order that is not placed yet.

        Raises:
            BadSymbol: No such security.
        """
        terms = self.terms(order.symbol)
        means = self.means(account_id, order.symbol)
        price_milli = terms.worst_milli(order)
        figures = self._figures(account_id, order, price_milli)
        facts = _ticket_facts(order, terms, means, figures.settled_fen)
        rules = self._prices.rules.on(self._prices.today())
        return Outlook(
            estimate=figures,
            maximum_shares=self.maximum(account_id, terms, order.side, price_milli, means),
            warnings=tuple(warnings_of(facts, self._switched_off(account_id))),
            objections=tuple(
                objections_of(_order_facts(order, terms, means, figures.settled_fen), rules)
            ),
            means=means,
        )

    def _switched_off(self, account_id: str) -> list[str]:
        with self._database.read() as connection:
            choices = store.settings_of(connection, account_id)
        return [name for name, value in choices.items() if value == "off"]

    def is_placed(self, account_id: str, client_order_id: str) -> bool:
        """Whether an order with this id was sent, whatever became of it."""
        with self._database.read() as connection:
            key = OrderKey(account_id, client_order_id)
            return store.find_entry(connection, key) is not None

    def fresh(self, account_id: str, typed: TypedTicket) -> TypedTicket:
        """Return the ticket with an id of its own: a new one where an order has the old one."""
        if not self.is_placed(account_id, typed.client_order_id):
            return typed
        return replace(typed, client_order_id=new_client_order_id())

    def again(self, account_id: str, client_order_id: str) -> TypedTicket:
        """Return a new ticket with the content of an order that was sent before.

        Raises:
            TicketNotFound: This account sent no such order.
        """
        with self._database.read() as connection:
            entry = store.find_entry(connection, OrderKey(account_id, client_order_id))
        if entry is None:
            raise TicketNotFound
        return replace(typed_order(entry.order), client_order_id=new_client_order_id())

    def keep(self, account_id: str, typed: TypedTicket) -> None:
        """Keep what was typed, so that it is still there after a step-up or a way back."""
        text = msgspec.json.encode(typed).decode()
        key = OrderKey(account_id, typed.client_order_id)
        with self._database.write() as connection:
            store.keep_ticket(connection, key, text, self._wall.now())

    def kept(self, account_id: str, client_order_id: str) -> TypedTicket:
        """Return a kept ticket.

        Raises:
            TicketNotFound: Never kept by this account, or too long ago.
        """
        with self._database.read() as connection:
            text = store.kept_ticket(connection, OrderKey(account_id, client_order_id))
        if text is None:
            raise TicketNotFound
        return msgspec.json.decode(text, type=TypedTicket)

    def forget_old(self) -> int:
        """Delete tickets nobody came back for; return how many."""
        with self._database.write() as connection:
            return store.forget_tickets(connection, self._wall.now() - TICKET_KEPT)


def typed_order(order: PlaceOrder) -> TypedTicket:
    """Return the ticket that says the same as an order."""
    return TypedTicket(
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        kind=str(order.kind),
        price=price_text(order.price_milli or None) or "",
        quantity=str(order.quantity_shares),
    )


def new_client_order_id() -> str:
    """Return an id that nobody can guess and no other ticket has."""
    return secrets.token_urlsafe(_ID_BYTES)


def _ticket_facts(order: PlaceOrder, terms: Terms, means: Means, settled_fen: int) -> TicketFacts:
    return TicketFacts(
        instrument=terms.instrument,
        phase=terms.phase,
        last_milli=terms.last_milli,
        side=order.side,
        kind=order.kind,
        price_milli=order.price_milli,
        settled_fen=settled_fen,
        available_fen=means.balances.available_fen,
    )


def _order_facts(order: PlaceOrder, terms: Terms, means: Means, settled_fen: int) -> OrderFacts:
    up, down = terms.limits_milli
    return OrderFacts(
        order=order,
        instrument=terms.instrument,
        phase=terms.phase,
        limit_up_milli=up,
        limit_down_milli=down,
        sellable_shares=means.sellable_shares,
        settled_fen=settled_fen,
        available_fen=means.balances.available_fen,
    )
