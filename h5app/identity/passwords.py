"""The way a trade password is checked: taken down, asked of the counter, answered alike for all."""

import re

from h5app.identity.books import Books
from h5app.identity.lockout import Attempt
from h5app.identity.model import Origin
from h5app.identity.ports import Accounts
from h5app.identity.refusal import BadFundAccount, Locked, PasswordMissing, WrongPassword
from h5app.identity.trail import Step
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database

PASSWORD_LENGTH_MAX = 64
_FUND_ACCOUNT = re.compile(r"[0-9]{6,20}")


class Passwords:
    """Checks trade passwords and keeps none; its transactions end before the counter is asked."""

    def __init__(self, database: Database, accounts: Accounts, books: Books) -> None:
        self._database = database
        self._accounts = accounts
        self._books = books

    def is_known(self, account_id: str, origin: Origin, openid: str | None) -> bool:
        """Say whether the openid is bound to the account, or the browser gave a code for it."""
        with self._database.read() as connection:
            if openid is None:
                return self._books.devices.is_known(connection, account_id, origin)
            owner = self._books.customers.of_openid(connection, openid)
            return owner is not None and owner.account_id == account_id

    def check(
        self, account_id: str, password: str, origin: Origin, *, openid: str | None, is_known: bool
    ) -> Attempt:
        """Return the attempt when the password is right; the caller ends it.

        Raises:
            PasswordMissing: Nothing that could be a password was given.
            Locked: No try is left.
            WrongPassword: The account or the password is wrong.
        """
        if not 1 <= len(password) <= PASSWORD_LENGTH_MAX:
            raise PasswordMissing
        attempt = self._begin(account_id, origin, openid=openid, is_known=is_known)
        try:
            is_right = self._accounts.verify_password(account_id, password)
        except AppError:
            self.give_back(attempt)
            raise
        if is_right:
            return attempt
        self._note(account_id, "wrong_password", origin)
        raise self._wrong(attempt)

    def give_back(self, attempt: Attempt) -> None:
        """Undo the try: the password was right, but something else was missing."""
        with self._database.write() as connection:
            self._books.lockouts.give_back(connection, attempt)

    def _begin(
        self, account_id: str, origin: Origin, *, openid: str | None, is_known: bool
    ) -> Attempt:
        try:
            with self._database.write() as connection:
                return self._books.lockouts.begin(
                    connection, account_id, origin, openid=openid, is_known=is_known
                )
        except Locked:
            self._note(account_id, "locked", origin)
            raise

    def _wrong(self, attempt: Attempt) -> WrongPassword:
        if attempt.tries_left:
            return WrongPassword(
                f"资金账号或交易密码不正确,还可以试 {attempt.tries_left} 次",
                tries_left=attempt.tries_left,
            )
        return WrongPassword(self._books.lockouts.sentence(), tries_left=0)

    def _note(self, account_id: str, result: str, origin: Origin) -> None:
        step = Step(action="password", result=result, account_id=account_id)
        with self._database.write() as connection:
            self._books.trail.note(connection, step, origin)


def fund_account(text: str) -> str:
    """Return a fund account as it was typed, without blanks.

    Raises:
        BadFundAccount: Not 6 to 20 digits.
    """
    digits = "".join(text.split())
    if not _FUND_ACCOUNT.fullmatch(digits):
        raise BadFundAccount
    return digits
