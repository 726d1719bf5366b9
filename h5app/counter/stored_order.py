"""One order as the books hold it, and the report that others get of it. Pure."""

from dataclasses import dataclass
from datetime import date

from h5app.counter.fees import FeeProfile, Trade, charge
from h5app.counter.instants import moment_of
from h5app.counter.model import FeeLines, OrderReport, OrderState, Side
from h5app.kernel.money import amount_fen


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """A row of the table of orders; the fields stand in the order of ORDER_COLUMNS."""

    order_id: int
    account_id: str
    client_order_id: str
    symbol: str
    board: str
    side: Side
    kind: str
    price_milli: int
    quantity_shares: int
    trading_day: str
    turnaround: int
    fee_version: int
    fee_ceiling_fen: int
    placed_us: int
    state: OrderState
    reason: str
    filled_shares: int
    busted_shares: int
    filled_amount_fen: int
    fees_fen: int
    frozen_fen: int
    frozen_shares: int
    updated_us: int

    @property
    def working_shares(self) -> int:
        """Shares that the venue may still fill; busted ones do not come back."""
        return self.quantity_shares - self.filled_shares - self.busted_shares

    @property
    def is_buy(self) -> bool:
        """Whether cash is frozen for it, and not shares."""
        return self.side == "buy"

    @property
    def on(self) -> date:
        """The trading day it is meant for."""
        return date.fromisoformat(self.trading_day)

    @property
    def trade(self) -> Trade:
        """What its fees depend on."""
        return Trade(board=self.board, exchange=self.symbol[-2:], side=self.side, on=self.on)

    def fees_for(self, profile: FeeProfile, amount: int) -> FeeLines:
        """Return its fees in whole fen once fills amount to so many fen in all."""
        return charge(profile, self.trade, amount)

    def wanted_frozen_fen(self) -> int:
        """Return what must be frozen while it is open: the rest at its limit, and fees to come."""
        if not self.is_buy or self.state.is_final:
            return 0
        rest = amount_fen(self.price_milli, self.working_shares)
        return rest + max(0, self.fee_ceiling_fen - self.fees_fen)

    def report(self) -> OrderReport:
        """Return what others may know of it."""
        return OrderReport(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            account_id=self.account_id,
            symbol=self.symbol,
            side=self.side,
            kind=self.kind,
            price_milli=self.price_milli,
            quantity_shares=self.quantity_shares,
            filled_shares=self.filled_shares,
            filled_amount_fen=self.filled_amount_fen,
            state=self.state,
            reason=self.reason,
            frozen_fen=self.frozen_fen,
            fees_fen=self.fees_fen,
            placed_at=moment_of(self.placed_us),
            updated_at=moment_of(self.updated_us),
            trading_day=self.on,
        )


ORDER_COLUMNS = tuple(StoredOrder.__dataclass_fields__)
"""Names of the columns, in the order of the fields."""
