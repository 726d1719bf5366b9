"""Accounts: opening them, who holds them, and money and shares that come from outside or leave."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from h5app.counter import store_accounts, store_ledger
from h5app.counter.fees import FeeProfile
from h5app.counter.instants import us_of
from h5app.counter.model import AccountHolder, CashMoved, NewAccount
from h5app.counter.movement import CashMovement, SharesMovement, withdrawable_fen
from h5app.counter.passwords import Passwords
from h5app.counter.posting import AVAILABLE, CASH, CUSTODIAN, SELLABLE, SHARE_POTS, Line, purse
from h5app.counter.refusal import (
    AccountDiffers,
    BadAmount,
    KeyReused,
    NoSuchAccount,
    NotEnoughCash,
    NotWithdrawable,
)
from h5app.counter.settling import repay_lines
from h5app.counter.store_ledger import CostChange, Entry, Posting
from h5app.kernel.clock import Clock
from h5app.kernel.money import AMOUNT_ABSOLUTE_MAX, amount_fen, fen_text
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox

PRICE_MILLI_MAX = 10**9
SHARES_MAX = 10**9


class Accounts:
    """The branch: opens accounts and moves what is not traded."""

    def __init__(
        self, database: Database, outbox: Outbox, clock: Clock, passwords: Passwords
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._passwords = passwords

    # ------------------------------------------------------------ who

    def open_account(self, new: NewAccount, profile: FeeProfile) -> str:
        """Open a fund account and return its id; the same holder again changes nothing.

        Raises:
            AccountDiffers: The number belongs to somebody else.
        """
        password_hash = self._passwords.hash(new.password)
        with self._database.write() as connection:
            if not store_accounts.insert(connection, new, password_hash):
                known = store_accounts.account(connection, new.fund_account)
                if known is None or (known.holder_name, known.phone) != (
                    new.holder_name,
                    new.phone,
                ):
                    raise AccountDiffers
                return new.fund_account
            store_accounts.add_profile(connection, new.fund_account, profile)
            body = {
                "risk_level": new.risk_level,
                "permissions": sorted(new.permissions),
                "opened_on": new.opened_on.isoformat(),
                "profile": profile.as_plain(),
            }
            self._journal(connection, "open", new.fund_account, body)
        return new.fund_account

    def agree_fees(self, account_id: str, profile: FeeProfile) -> None:
        """Put a new version of the contract in force; orders keep the version they came under.

        Raises:
            NoSuchAccount: There is none.
        """
        with self._database.write() as connection:
            self._lock(connection, account_id)
            store_accounts.add_profile(connection, account_id, profile)
            self._journal(connection, "fees", account_id, {"profile": profile.as_plain()})

    def verify_password(self, account_id: str, password: str) -> bool:
        """Say whether the trade password fits; takes as long for accounts that do not exist."""
        with self._database.read() as connection:
            row = store_accounts.account(connection, account_id)
        is_open = row is not None and row.status == "open"
        stored = row.password_hash if row is not None and is_open else None
        return self._passwords.is_right(stored, password)

    def holder(self, account_id: str) -> AccountHolder | None:
        """Return who stands behind an account; None when there is none."""
        with self._database.read() as connection:
            row = store_accounts.account(connection, account_id)
        if row is None or row.status != "open":
            return None
        return AccountHolder(
            account_id=row.account_id,
            fund_account=row.account_id,
            holder_name_masked=masked_name(row.holder_name),
            phone=row.phone,
        )

    # ------------------------------------------------------------ cash

    def move_cash(self, account_id: str, movement: CashMovement) -> None:
        """Book one movement of cash of today and tell of it; the same key again changes nothing.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            NotWithdrawable: More than may leave today.
            KeyReused: The key was used for another movement.
        """
        with self._database.write() as connection:
            self._lock(connection, account_id)
            if not self._book(connection, account_id, movement, is_history=False):
                return
            self._outbox.publish(
                connection,
                CashMoved(
                    account_id=account_id,
                    amount_fen=movement.signed_fen,
                    transfer_kind=movement.kind,
                    counterparty=movement.counterparty,
                    on=movement.on,
                    movement_key=movement.key,
                ),
            )

    def record_cash(self, account_id: str, movements: Sequence[CashMovement]) -> None:
        """Book movements of the past in one transaction; nobody is told of them.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            NotEnoughCash: More leaves than is there at that point; nothing is booked.
            KeyReused: A key was used for another movement.
        """
        with self._database.write() as connection:
            self._lock(connection, account_id)
            for movement in movements:
                self._book(connection, account_id, movement, is_history=True)

    def _book(
        self, connection: Connection, account_id: str, movement: CashMovement, *, is_history: bool
    ) -> bool:
        if not 0 < movement.amount_fen <= AMOUNT_ABSOLUTE_MAX:
            raise BadAmount
        line = movement.line
        name = f"cash:{account_id}:{movement.key}"
        if _is_repeat(connection, name, line):
            return False
        if not movement.is_incoming:
            self._check_leaving(connection, account_id, movement, is_history=is_history)
        now_us = us_of(self._clock.now())
        posting = Posting(
            transfer=name,
            account_id=account_id,
            on_day=movement.on.isoformat(),
            at_us=now_us,
            counterparty=movement.counterparty,
            memo=movement.memo,
        )
        store_ledger.post(connection, posting, [line])
        self._journal(connection, "cash", account_id, movement.as_plain())
        if movement.is_incoming:
            repay(connection, account_id, name, now_us, movement.on.isoformat())
        return True

    def _check_leaving(
        self, connection: Connection, account_id: str, movement: CashMovement, *, is_history: bool
    ) -> None:
        balances = store_ledger.balances(connection, account_id)
        available = balances.get((CASH, AVAILABLE), 0)
        if movement.amount_fen > available:
            short = fen_text(movement.amount_fen - available)
            raise NotEnoughCash(f"可用资金不足,还差¥{short}")
        if is_history or not movement.leaves_to_bank:
            return
        today = store_accounts.last_opened(connection)
        net = store_ledger.traded_net_fen(connection, account_id, today) if today else 0
        if movement.amount_fen > withdrawable_fen(balances, net):
            raise NotWithdrawable

    # ------------------------------------------------------------ shares

    def transfer_in(self, account_id: str, movement: SharesMovement) -> None:
        """Book shares that come from elsewhere, with what they cost; sellable at once.

        Raises:
            NoSuchAccount: There is none.
            BadAmount: Not positive, or beyond every limit.
            KeyReused: The key was used for another movement.
        """
        is_sane = 0 < movement.shares <= SHARES_MAX and 0 <= movement.cost_milli <= PRICE_MILLI_MAX
        if not is_sane:
            raise BadAmount
        with self._database.write() as connection:
            self._lock(connection, account_id)
            name = f"shares:{account_id}:{movement.key}"
            line = Line(movement.symbol, CUSTODIAN, SELLABLE, movement.shares, "transfer_in")
            if _is_repeat(connection, name, line):
                return
            balances = store_ledger.balances_of(connection, account_id, movement.symbol)
            had = purse(movement.symbol, balances).held(SHARE_POTS)
            now_us = us_of(self._clock.now())
            posting = Posting(
                transfer=name,
                account_id=account_id,
                on_day=movement.on.isoformat(),
                at_us=now_us,
            )
            store_ledger.post(connection, posting, [line])
            store_ledger.change_cost(
                connection, account_id, movement.symbol, cost_of(movement), begins=had == 0
            )
            self._journal(connection, "shares_in", account_id, movement.as_plain())

    # ------------------------------------------------------------ shared steps

    def _lock(self, connection: Connection, account_id: str) -> None:
        if not store_accounts.lock(connection, account_id):
            raise NoSuchAccount

    def _journal(
        self, connection: Connection, kind: str, account_id: str, body: dict[str, object]
    ) -> None:
        at_us = us_of(self._clock.now())
        entry = Entry(kind=kind, account_id=account_id, body=body, at_us=at_us)
        store_ledger.write(connection, entry)


def cost_of(movement: SharesMovement) -> CostChange:
    """Return what shares from elsewhere add to the figures of their position."""
    cost = amount_fen(movement.cost_milli, movement.shares)
    return CostChange(bought_fen=cost, bought_shares=movement.shares)


def repay(connection: Connection, account_id: str, cause: str, now_us: int, on_day: str) -> None:
    """Pay back out of what is available what the broker laid out for this account."""
    lines = repay_lines(store_ledger.balances(connection, account_id))
    if not lines:
        return
    posting = Posting(transfer=f"repay:{cause}", account_id=account_id, on_day=on_day, at_us=now_us)
    store_ledger.post(connection, posting, lines)
    entry = Entry(kind="repay", account_id=account_id, body={"cause": cause}, at_us=now_us)
    store_ledger.write(connection, entry)


def _is_repeat(connection: Connection, name: str, line: Line) -> bool:
    """Say whether a transfer was booked before.

    Raises:
        KeyReused: It was, with other contents.
    """
    known = store_ledger.transfer(connection, name)
    if known is None:
        return False
    if (known.kind, known.amount, known.unit) != (line.kind, line.amount, line.unit):
        raise KeyReused
    return True


def masked_name(name: str) -> str:
    """Return a name of which only the first sign is readable."""
    return name[:1] + "*" * max(1, len(name) - 1)


def day_text(on: date) -> str:
    """Return a day as the tables keep it."""
    return on.isoformat()
