"""The console's people: added by a command, let in by password and dynamic code."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.ops.hashing import Hashing
from h5app.ops.model import Credentials, Operator
from h5app.ops.refusal import (
    BadOperatorName,
    OperatorExists,
    OperatorLocked,
    OperatorUnknown,
    WeakPassword,
    WrongCredentials,
)
from h5app.ops.store import attempt, operator, session, trail
from h5app.ops.totp import Seal, enrolment_uri, matching_step, new_secret
from h5app.plumbing.db import Database, DatabaseBusy, DatabaseUnavailable
from h5app.plumbing.log import get_logger

PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 128
TRIES_MAX = 5
TRIES_PER_ADDRESS_MAX = 20
LOCK_LASTS = timedelta(minutes=15)
IDLE_MAX = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)
_NAME = re.compile(r"[a-z0-9._-]{2,32}")

log = get_logger(__name__)


class Operators:
    """Keeps operators and their sessions, by the wall clock."""

    def __init__(
        self,
        database: Database,
        wall: Clock,
        *,
        secret_key: str = "",
        brand: str = "h5app",
        hashing: Hashing | None = None,
    ) -> None:
        self._database = database
        self._wall = wall
        self._brand = brand
        self._hashing = hashing or Hashing()
        self._seal = Seal(secret_key) if secret_key else None
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def add(self, name: str, password: str) -> None:
        """Add an operator.

        Raises:
            BadOperatorName: Not 2 to 32 small letters, digits, dots, dashes.
            WeakPassword: Shorter than 12 characters, or too simple.
            OperatorExists: The name is taken.
        """
        if not _NAME.fullmatch(name):
            raise BadOperatorName
        _check_strength(name, password)
        hashed, now = self._hashing.hash(password), self._wall.now()
        with self._database.write() as connection:
            added = connection.execute(
                self._insert(operator)
                .values(name=name, password_hash=hashed, added_at=now)
                .on_conflict_do_nothing()
                .returning(operator.c.name)
            ).scalar_one_or_none()
            if added is None:
                raise OperatorExists
            self._note(connection, name, "add", "ok")

    def enrol(self, name: str) -> str:
        """Ask the operator for dynamic codes from now on; return the otpauth:// address.

        Raises:
            OperatorUnknown: There is no such operator.
        """
        assert self._seal is not None, "dynamic codes need the secret key"
        secret = new_secret()
        with self._database.write() as connection:
            changed = connection.execute(
                update(operator)
                .where(operator.c.name == name)
                .values(totp_sealed=self._seal.close(secret, name), totp_step=0)
            )
            if not changed.rowcount:
                raise OperatorUnknown
            self._note(connection, name, "enrol", "ok")
        return enrolment_uri(secret, name, self._brand)

    def enter(self, given: Credentials) -> str:
        """Let an operator in; return the token of the session.

        A try is counted before the password is looked at.

        Raises:
            OperatorLocked: Too many wrong tries from this address.
            WrongCredentials: Name, password or dynamic code is wrong.
        """
        self._take_down_try(given)
        with self._database.read() as connection:
            row = connection.execute(select(operator).where(operator.c.name == given.name)).first()
        is_right = self._hashing.is_right(
            row.password_hash if row else None, given.password[:PASSWORD_LENGTH_MAX]
        )
        if row is None or not is_right:
            self._refuse(given)
        return self._let_in(given)

    def operator(self, token: str) -> Operator | None:
        """Return whose session a token is; None when it is over or never was."""
        now = self._wall.now()
        with self._database.read() as connection:
            row = connection.execute(
                select(session).where(
                    session.c.token_hash == _hashed(token), session.c.ended_at.is_(None)
                )
            ).first()
        if row is None or now >= row.began_at + SESSION_LASTS or now >= row.seen_at + IDLE_MAX:
            return None
        if now >= row.seen_at + SEEN_EVERY:
            self._touch(row.id, now)
        return Operator(name=row.name, session_id=row.id)

    def leave(self, who: Operator) -> None:
        """End an operator's session."""
        with self._database.write() as connection:
            connection.execute(
                update(session)
                .where(session.c.id == who.session_id, session.c.ended_at.is_(None))
                .values(ended_at=self._wall.now())
            )
            self._note(connection, who.name, "leave", "ok")

    def unlock(self) -> int:
        """Forget all wrong tries; return how many subjects were counted."""
        with self._database.write() as connection:
            return connection.execute(delete(attempt)).rowcount

    def _touch(self, session_id: int, now: datetime) -> None:
        """Write that the session was used; staff look on when nothing can be written."""
        try:
            with self._database.write() as connection:
                connection.execute(
                    update(session).where(session.c.id == session_id).values(seen_at=now)
                )
        except (DatabaseBusy, DatabaseUnavailable) as refused:
            log.warning("session_not_written", error_code=refused.code)

    def _let_in(self, given: Credentials) -> str:
        token, now = secrets.token_urlsafe(32), self._wall.now()
        with self._database.write() as connection:
            if not self._takes_dynamic_code(connection, given):
                token = ""
            else:
                connection.execute(delete(attempt).where(attempt.c.subject == _pair(given)))
                connection.execute(
                    session.insert().values(
                        token_hash=_hashed(token), name=given.name, began_at=now, seen_at=now
                    )
                )
                self._note(connection, given.name, "enter", "ok", given.address)
        if not token:
            self._refuse(given)
        return token

    def _takes_dynamic_code(self, connection: Connection, given: Credentials) -> bool:
        """Use the dynamic code up; an operator without dynamic codes needs none."""
        row = connection.execute(
            select(operator.c.totp_sealed, operator.c.totp_step)
            .where(operator.c.name == given.name)
            .with_for_update()
        ).one()
        if row.totp_sealed is None:
            return True
        secret = self._seal.open(row.totp_sealed, given.name) if self._seal else None
        if secret is None:
            log.error("totp_cannot_be_opened", operator=given.name)
            return False
        step = matching_step(secret, given.dynamic_code, self._wall.now(), row.totp_step)
        if step is None:
            return False
        connection.execute(
            update(operator).where(operator.c.name == given.name).values(totp_step=step)
        )
        return True

    def _take_down_try(self, given: Credentials) -> None:
        with self._database.write() as connection:
            for subject, most in (
                (_pair(given), TRIES_MAX),
                (f"address {given.address}", TRIES_PER_ADDRESS_MAX),
            ):
                if self._failures(connection, subject) >= most:
                    raise OperatorLocked
                connection.execute(
                    update(attempt)
                    .where(attempt.c.subject == subject)
                    .values(failures=attempt.c.failures + 1)
                )

    def _failures(self, connection: Connection, subject: str) -> int:
        """Return what counts against a subject; its row is there and locked afterwards."""
        now = self._wall.now()
        fresh: dict[str, int | datetime] = {"failures": 0, "started_at": now}
        connection.execute(
            self._insert(attempt).values(subject=subject, **fresh).on_conflict_do_nothing()
        )
        row = connection.execute(
            select(attempt).where(attempt.c.subject == subject).with_for_update()
        ).one()
        if row.started_at + LOCK_LASTS > now:
            return int(row.failures)
        connection.execute(update(attempt).where(attempt.c.subject == subject).values(**fresh))
        return 0

    def _refuse(self, given: Credentials) -> NoReturn:
        with self._database.write() as connection:
            self._note(connection, given.name[:32], "enter", "wrong_credentials", given.address)
        raise WrongCredentials

    def _note(
        self, connection: Connection, name: str, action: str, result: str, address: str = ""
    ) -> None:
        connection.execute(
            trail.insert().values(
                at=self._wall.now(), name=name, action=action, result=result, address=address
            )
        )
        log.info("ops_step", operator=name, action=action, result=result)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _pair(given: Credentials) -> str:
    name = given.name if _NAME.fullmatch(given.name) else "?"
    return f"name {name} from {given.address}"


def _check_strength(name: str, password: str) -> None:
    is_long_enough = PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX
    if not is_long_enough or len(set(password)) == 1 or name in password.lower():
        raise WeakPassword
