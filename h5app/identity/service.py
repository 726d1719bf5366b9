"""Identity: who is who, by what right, and until when."""

from collections.abc import Callable
from typing import NoReturn, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from h5app.identity.binding import Bindings
from h5app.identity.books import open_books
from h5app.identity.directory import Directory
from h5app.identity.hashes import KeyedHash
from h5app.identity.lockout import Attempt
from h5app.identity.model import (
    RISK_NOTICE_VERSION,
    STRANGER,
    BindAccount,
    Granted,
    KnownDevice,
    OpenSession,
    Origin,
    Purpose,
    SignedInOnNewDevice,
    Tier,
    Visitor,
    device_name,
)
from h5app.identity.one_time import CodeBook
from h5app.identity.passwords import Passwords, fund_account
from h5app.identity.policy import Settings
from h5app.identity.ports import Accounts, Holder, OneTimeCode
from h5app.identity.refusal import (
    BindingNeedsWeChat,
    BoundToAnother,
    NoticeNotAccepted,
    SnapshotUser,
)
from h5app.identity.trail import Step
from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database, DatabaseBusy, DatabaseUnavailable
from h5app.plumbing.log import get_logger
from h5app.plumbing.outbox import Outbox

QUIET_SECONDS = 10.0
"""After "last seen" could not be written it is left alone for so long: reading goes on."""

Result = TypeVar("Result")
log = get_logger(__name__)


class Identity:
    """Sessions, bindings and step-ups, by the wall clock."""

    def __init__(
        self,
        database: Database,
        *,
        wall: Clock,
        accounts: Accounts,
        codes: OneTimeCode,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._database = database
        self._wall = wall
        self._accounts = accounts
        self._gateway = codes
        self._outbox = outbox
        self.policy = settings.policy
        self.directory = Directory(database, wall)
        keyed = KeyedHash(settings.secret_key)
        self._books = open_books(database, wall, keyed, self.policy)
        self._codes = CodeBook(database, wall, keyed, self.policy, brand=settings.brand)
        self._passwords = Passwords(database, accounts, self._books)
        self._bindings = Bindings(self._books, outbox, wall, self.policy)
        self._quiet_until = 0.0

    # Requests

    def visitor(self, token: str) -> Visitor:
        """Return who a session token stands for: one read, and one write a minute at most."""
        with self._database.read() as connection:
            found = self._books.sessions.find(connection, token)
        if found is None:
            return STRANGER
        session_id = found.visitor.session_id
        assert session_id is not None, "a session without a number"
        if found.is_over:
            self._quietly(
                lambda connection: self._books.sessions.end(connection, session_id, "expired")
            )
            return STRANGER
        if found.is_seen_due:
            self._quietly(lambda connection: self._books.sessions.touch(connection, session_id))
        return found.visitor

    # Coming in

    def sign_in_openid(self, openid: str, origin: Origin) -> Granted:
        """Give a new session to an openid that WeChat named; a first one becomes a customer."""

        def enter(connection: Connection) -> Granted:
            known = self._books.customers.ensure_openid(connection, openid)
            who = Visitor(openid=openid, customer_id=known.customer_id, account_id=known.account_id)
            token, visitor = self._books.sessions.open(connection, who, origin, steps_up=None)
            self._books.note(connection, "sign_in_openid", visitor, origin)
            return Granted(
                token=token, lasts=self.policy.openid_lasts, visitor=visitor, look=known.look
            )

        return self._write(enter)

    def refuse_snapshot(self, origin: Origin) -> NoReturn:
        """Refuse WeChat's virtual user before it gets anything.

        Raises:
            SnapshotUser: Always.
        """
        with self._database.write() as connection:
            self._books.trail.note(
                connection, Step(action="sign_in_openid", result="snapshot"), origin
            )
        raise SnapshotUser

    def sign_in_direct(
        self, account: str, trade_password: str, code: str, origin: Origin
    ) -> Granted:
        """Give a stepped-up session for a fund account and its password.

        Raises:
            BadFundAccount, PasswordMissing: Not of the form.
            Locked, WrongPassword: As the password's check says.
            CodeRequired: The device is not known; a code was sent, ask again with it.
            CodeWrong, CodeExpired: The code is not right.
        """
        account_id = fund_account(account)
        is_known = self._passwords.is_known(account_id, origin, None)
        attempt = self._passwords.check(
            account_id, trade_password, origin, openid=None, is_known=is_known
        )
        self._ask_code(Purpose.SIGN_IN, attempt, code, origin.device_token)

        def enter(connection: Connection) -> Granted:
            self._books.lockouts.succeeded(connection, attempt)
            known = self._books.customers.ensure_account(connection, account_id)
            self._books.devices.know(connection, account_id, origin)
            who = Visitor(customer_id=known.customer_id, account_id=account_id)
            token, visitor = self._books.sessions.open(
                connection, who, origin, steps_up=self.policy.step_up_lasts
            )
            self._books.note(connection, "sign_in_direct", visitor, origin)
            if not is_known:
                self._outbox.publish(connection, self._new_device(visitor, origin))
            return Granted(
                token=token, lasts=self.policy.direct_lasts, visitor=visitor, look=known.look
            )

        return self._write(enter)

    def sign_out(self, visitor: Visitor, origin: Origin) -> None:
        """End the visitor's session; without one nothing happens."""
        session_id = visitor.session_id
        if session_id is None:
            return
        with self._database.write() as connection:
            self._books.sessions.end(connection, session_id, "signed_out")
            self._books.note(connection, "sign_out", visitor, origin)

    def step_up(self, visitor: Visitor, trade_password: str, origin: Origin) -> Granted:
        """Open private figures and trading for a time.

        The session gets a new token; the one before still names the customer for a moment, for
        requests on their way.

        Raises:
            PasswordMissing, Locked, WrongPassword: As the password's check says.
            SessionOver: The session ended meanwhile.
        """
        account_id, session_id = visitor.account, visitor.session_id
        assert session_id is not None, "a bound visitor without a session"
        attempt = self._passwords.check(
            account_id, trade_password, origin, openid=visitor.openid, is_known=True
        )

        def open_up(connection: Connection) -> Granted:
            self._books.lockouts.succeeded(connection, attempt)
            token, stepped = self._books.sessions.rotate(
                connection,
                session_id,
                self.policy.rotation_grace,
                {"stepped_up_until_us": self._books.sessions.stepped_up_us()},
            )
            self._books.note(connection, "step_up", stepped, origin)
            is_direct = stepped.openid is None
            lasts = self.policy.direct_lasts if is_direct else self.policy.openid_lasts
            return Granted(token=token, lasts=lasts, visitor=stepped)

        return self._write(open_up)

    def lock(self, visitor: Visitor, origin: Origin) -> None:
        """Close private figures and trading until the password is given again.

        The login stays; locking what is locked does nothing.
        """
        session_id = visitor.session_id
        if session_id is None or visitor.tier < Tier.STEPPED_UP:
            return
        with self._database.write() as connection:
            if self._books.sessions.lock(connection, session_id):
                self._books.note(connection, "lock", visitor, origin)

    # Binding

    def bind(self, visitor: Visitor, wish: BindAccount, origin: Origin) -> Granted:
        """Bind a fund account to the visitor's openid; the session becomes stepped up.

        Raises:
            BindingNeedsWeChat: The session has no openid.
            NoticeNotAccepted: The present wording of the risk notice was not accepted.
            BoundToAnother: The openid is bound to another account.
            AppError: What `sign_in_direct` raises.
        """
        openid, account_id = visitor.openid, fund_account(wish.fund_account)
        if openid is None:
            raise BindingNeedsWeChat
        if wish.accepted_notice != RISK_NOTICE_VERSION:
            raise NoticeNotAccepted
        self._refuse_second_account(openid, account_id)
        is_known = self._passwords.is_known(account_id, origin, openid)
        attempt = self._passwords.check(
            account_id, wish.trade_password, origin, openid=openid, is_known=is_known
        )
        self._ask_code(Purpose.BINDING, attempt, wish.code, openid)
        try:
            return self._write(
                lambda connection: self._bindings.bind(connection, visitor, attempt, origin)
            )
        except AppError:
            self._passwords.give_back(attempt)
            raise

    def unbind(self, visitor: Visitor, origin: Origin) -> Granted | None:
        """Undo the binding of the visitor's openid; outside of WeChat, of all the account's.

        The account's customer keeps what is its own; the openid goes on as a new customer. Returns
        the openid's session, which does not reach the account any more; a direct session stays.

        Raises:
            NothingBound: There is no binding.
        """
        return self._write(lambda connection: self._bindings.unbind(connection, visitor, origin))

    # What the customer sees of it

    def sessions(self, visitor: Visitor) -> list[OpenSession]:
        """Return where the customer is signed in."""
        with self._database.read() as connection:
            return self._books.sessions.open_sessions(connection, visitor.owner)

    def devices(self, visitor: Visitor) -> list[KnownDevice]:
        """Return the browsers that are known for the visitor's account."""
        if visitor.account_id is None:
            return []
        with self._database.read() as connection:
            return self._books.devices.of_account(connection, visitor.account_id)

    def revoke_session(self, visitor: Visitor, session_id: int, origin: Origin) -> None:
        """End one of the customer's sessions.

        Raises:
            SessionNotFound: The customer has no such session.
        """
        with self._database.write() as connection:
            self._books.sessions.revoke(connection, visitor.owner, session_id)
            self._books.note(connection, "revoke_session", visitor, origin)

    def revoke_other_sessions(self, visitor: Visitor, origin: Origin) -> int:
        """End all of the customer's sessions but this one; return how many."""
        assert visitor.session_id is not None, "a customer without a session"
        with self._database.write() as connection:
            ended = self._books.sessions.end_others(connection, visitor.owner, visitor.session_id)
            self._books.note(connection, "revoke_other_sessions", visitor, origin)
        return ended

    def forget_device(self, visitor: Visitor, device_id: int, origin: Origin) -> None:
        """Ask for a code again in a browser, and end its sessions.

        Raises:
            SessionNotFound: The account has no such device.
        """
        account_id = visitor.account
        with self._database.write() as connection:
            device_hash = self._books.devices.forget(connection, account_id, device_id)
            self._books.sessions.end_device(connection, account_id, device_hash)
            self._books.note(connection, "forget_device", visitor, origin)

    def holder(self, visitor: Visitor) -> Holder | None:
        """Return whose the visitor's account is; None without one."""
        return self._accounts.holder(visitor.account_id) if visitor.account_id else None

    def keep_look(self, customer_id: str, look: str) -> None:
        """Remember how a customer wants pages to look, for the next sign-in anywhere."""
        with self._database.write() as connection:
            self._books.customers.keep_look(connection, customer_id, look)

    # What the house does

    def unlock(self, account_id: str) -> None:
        """Forget wrong passwords against an account: what staff do for a customer on the phone."""
        with self._database.write() as connection:
            self._books.lockouts.unlock(connection, account_id)
            step = Step(action="unlock", account_id=account_id)
            self._books.trail.note(connection, step, Origin())

    def end_sessions(self, account_id: str) -> int:
        """End every session that reaches an account; return how many."""
        with self._database.write() as connection:
            ended = self._books.sessions.end_account(connection, account_id, "by_house")
            step = Step(action="end_sessions", account_id=account_id, detail=str(ended))
            self._books.trail.note(connection, step, Origin())
        return ended

    def forget_old(self) -> int:
        """Delete sessions, codes and counts that nobody asks about any more; return how many."""
        with self._database.write() as connection:
            return (
                self._books.sessions.forget_old(connection)
                + self._codes.forget_old(connection)
                + self._books.lockouts.forget_old(connection)
            )

    def _ask_code(self, purpose: Purpose, attempt: Attempt, code: str, asker: str) -> None:
        """Let nobody pass who is not known for the account and has no code."""
        if attempt.is_known or purpose not in self.policy.code_purposes:
            return
        account_id, digits = attempt.account_id, code.strip()
        try:
            if not digits:
                raise self._codes.demand(self._accounts, self._gateway, purpose, account_id, asker)
            self._codes.check(purpose, account_id, asker, digits)
        except AppError:
            self._passwords.give_back(attempt)
            raise

    def _refuse_second_account(self, openid: str, account_id: str) -> None:
        with self._database.read() as connection:
            own = self._books.customers.of_openid(connection, openid)
        if own is not None and own.account_id not in {None, account_id}:
            raise BoundToAnother

    def _new_device(self, visitor: Visitor, origin: Origin) -> SignedInOnNewDevice:
        return SignedInOnNewDevice(
            customer_id=visitor.owner,
            account_id=visitor.account,
            device=device_name(origin.user_agent),
            at=self._wall.now(),
        )

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction; once more when another one made the same row first."""
        try:
            return cast("Result", self._database.retry_write(work))
        except IntegrityError:
            return cast("Result", self._database.retry_write(work))

    def _quietly(self, work: Callable[[Connection], None]) -> None:
        """Write what may be lost: a database that cannot be written does not stop reading."""
        if self._wall.monotonic() < self._quiet_until:
            return
        try:
            with self._database.write_if_soon() as connection:
                work(connection)
        except (DatabaseBusy, DatabaseUnavailable) as refused:
            self._quiet_until = self._wall.monotonic() + QUIET_SECONDS
            log.warning("session_not_written", error_code=refused.code)
