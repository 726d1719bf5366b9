"""Sessions as rows: opened, found with one read, rotated, ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, select, update

from h5app.identity.hashes import new_token, token_hash
from h5app.identity.model import OpenSession, Origin, Tier, Visitor, device_name
from h5app.identity.policy import Policy, microseconds
from h5app.identity.refusal import SessionNotFound, SessionOver
from h5app.identity.store import (
    ADDRESS_LENGTH_MAX,
    END_SESSION,
    FIND_SESSION,
    LOCK_SESSION,
    TOUCH_SESSION,
    USER_AGENT_LENGTH_MAX,
    session,
)
from h5app.kernel.clock import SHANGHAI, Clock

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a token led to."""

    visitor: Visitor
    is_over: bool
    """Past its idle or absolute time, but not written down as ended yet."""
    is_seen_due: bool
    """Whether "last seen" is old enough to be written again."""


class SessionBook:
    """Keeps sessions; the caller brings the transaction."""

    def __init__(self, wall: Clock, policy: Policy) -> None:
        self._wall = wall
        self._policy = policy

    def find(self, connection: Connection, token: str) -> Found | None:
        """Return who a token stands for; None for a token that is unknown or ended."""
        hashed = token_hash(token)
        row = FIND_SESSION.run(connection, hash=hashed).first()
        if row is None or row.ended_us is not None:
            return None
        now = self._now_us()
        is_current = row.token_hash == hashed
        if not is_current and now >= row.previous_until_us:
            return None
        is_over = now >= row.expires_us or now >= row.seen_us + row.idle_us
        return Found(
            visitor=_visitor(row, stepped_us=row.stepped_up_until_us if is_current else 0, now=now),
            is_over=is_over,
            is_seen_due=now >= row.seen_us + microseconds(self._policy.seen_every),
        )

    def touch(self, connection: Connection, session_id: int) -> None:
        """Write that the session was used now, unless another request just did."""
        now = self._now_us()
        before = now - microseconds(self._policy.seen_every)
        TOUCH_SESSION.run(connection, now=now, id=session_id, before=before)

    def lock(self, connection: Connection, session_id: int) -> bool:
        """Close what the trade password opened; return whether anything was open."""
        return bool(LOCK_SESSION.run(connection, now=self._now_us(), id=session_id).rowcount)

    def end(self, connection: Connection, session_id: int, why: str) -> None:
        """End one session; ending it twice does no harm."""
        END_SESSION.run(connection, now=self._now_us(), id=session_id, why=why)

    def open(
        self, connection: Connection, who: Visitor, origin: Origin, *, steps_up: timedelta | None
    ) -> tuple[str, Visitor]:
        """Open a session for a customer; return its token and the visitor it makes.

        The session that the request came with ends; the customer's oldest beyond the house's
        number end, too.
        """
        assert who.customer_id is not None, "a session without a customer"
        self.end_token(connection, origin.session_token, "replaced")
        now, token, policy = self._now_us(), new_token(), self._policy
        is_direct = who.openid is None
        lasts = policy.direct_lasts if is_direct else policy.openid_lasts
        idle = policy.direct_idle if is_direct else policy.openid_idle
        stepped_us = now + microseconds(steps_up) if steps_up else 0
        session_id = connection.execute(
            session.insert()
            .values(
                token_hash=token_hash(token),
                customer_id=who.customer_id,
                openid=who.openid,
                account_id=who.account_id,
                stepped_up_until_us=stepped_us,
                created_us=now,
                seen_us=now,
                idle_us=microseconds(idle),
                expires_us=now + microseconds(lasts),
                user_agent=origin.user_agent[:USER_AGENT_LENGTH_MAX],
                address=origin.address[:ADDRESS_LENGTH_MAX],
                device_hash=token_hash(origin.device_token) if origin.device_token else "",
            )
            .returning(session.c.id)
        ).scalar_one()
        self._end_surplus(connection, who.customer_id)
        return token, self._as_visitor(connection, session_id)

    def rotate(
        self, connection: Connection, session_id: int, grace: timedelta, changes: Mapping[str, Any]
    ) -> tuple[str, Visitor]:
        """Give a live session a new token and other columns; return token and visitor.

        Raises:
            SessionOver: It ended meanwhile.
        """
        token, now = new_token(), self._now_us()
        values: dict[str, Any] = {"token_hash": token_hash(token), "seen_us": now, **changes}
        values["previous_token_hash"] = session.c.token_hash if grace else None
        values["previous_until_us"] = now + microseconds(grace)
        changed = connection.execute(
            update(session)
            .where(session.c.id == session_id, session.c.ended_us.is_(None))
            .values(**values)
        )
        if not changed.rowcount:
            raise SessionOver
        return token, self._as_visitor(connection, session_id)

    def stepped_up_us(self) -> int:
        """Return until when a password given now counts."""
        return self._now_us() + microseconds(self._policy.step_up_lasts)

    def move_openid(
        self, connection: Connection, openid: str, customer_id: str, account_id: str
    ) -> None:
        """Let every live session of an openid reach the account that it was bound to."""
        connection.execute(
            update(session)
            .where(session.c.openid == openid, session.c.ended_us.is_(None))
            .values(customer_id=customer_id, account_id=account_id)
        )

    def end_token(self, connection: Connection, token: str, why: str) -> None:
        """End the session of a token, if there is one."""
        if token:
            self._end_where(connection, why, session.c.token_hash == token_hash(token))

    def end_openid(
        self, connection: Connection, openid: str, why: str, *, but: int | None = None
    ) -> None:
        """End an openid's sessions, except one."""
        self._end_where(connection, why, session.c.openid == openid, session.c.id != (but or 0))

    def end_others(self, connection: Connection, customer_id: str, session_id: int) -> int:
        """End a customer's sessions except one; return how many."""
        return self._end_where(
            connection,
            "revoked",
            session.c.customer_id == customer_id,
            session.c.id != session_id,
        ).rowcount

    def end_device(self, connection: Connection, account_id: str, device_hash: str) -> None:
        """End the account's direct sessions of one device."""
        self._end_where(
            connection,
            "device_forgotten",
            session.c.account_id == account_id,
            session.c.device_hash == device_hash,
            session.c.openid.is_(None),
        )

    def end_account(self, connection: Connection, account_id: str, why: str) -> int:
        """End every session that reaches an account; return how many."""
        return self._end_where(connection, why, session.c.account_id == account_id).rowcount

    def revoke(self, connection: Connection, customer_id: str, session_id: int) -> None:
        """End one session of a customer.

        Raises:
            SessionNotFound: The customer has no such open session.
        """
        ended = self._end_where(
            connection,
            "revoked",
            session.c.id == session_id,
            session.c.customer_id == customer_id,
        )
        if not ended.rowcount:
            raise SessionNotFound

    def open_sessions(self, connection: Connection, customer_id: str) -> list[OpenSession]:
        """Return where a customer is signed in, the session used last standing first."""
        c, now = session.c, self._now_us()
        rows = connection.execute(
            select(session)
            .where(c.customer_id == customer_id, c.ended_us.is_(None))
            .where(c.expires_us > now, c.seen_us + c.idle_us > now)
            .order_by(c.seen_us.desc())
        )
        return [
            OpenSession(
                session_id=row.id,
                device=device_name(row.user_agent),
                is_wechat=row.openid is not None,
                began_at=_moment(row.created_us),
                seen_at=_moment(row.seen_us),
            )
            for row in rows
        ]

    def forget_old(self, connection: Connection) -> int:
        """Delete sessions that ended long ago; return how many."""
        limit = self._now_us() - microseconds(self._policy.ended_kept)
        return connection.execute(delete(session).where(session.c.expires_us < limit)).rowcount

    def _as_visitor(self, connection: Connection, session_id: int) -> Visitor:
        row = connection.execute(select(session).where(session.c.id == session_id)).one()
        return _visitor(row, stepped_us=row.stepped_up_until_us, now=self._now_us())

    def _end_surplus(self, connection: Connection, customer_id: str) -> None:
        c = session.c
        kept = (
            select(c.id)
            .where(c.customer_id == customer_id, c.ended_us.is_(None))
            .order_by(c.id.desc())
            .limit(self._policy.sessions_per_customer_max)
        )
        ids = [row.id for row in connection.execute(kept)]
        self._end_where(connection, "too_many", c.customer_id == customer_id, c.id < min(ids))

    def _end_where(
        self,
        connection: Connection,
        why: str,
        *conditions: Any,  # noqa: ANN401 - SQL expressions
    ) -> CursorResult[Any]:
        return connection.execute(
            update(session)
            .where(session.c.ended_us.is_(None), *conditions)
            .values(ended_us=self._now_us(), ended_why=why)
        )

    def _now_us(self) -> int:
        return microseconds(self._wall.now() - _BEGINNING)


def _moment(us: int) -> datetime:
    return (_BEGINNING + timedelta(microseconds=us)).astimezone(SHANGHAI)


def _visitor(row: Any, *, stepped_us: int, now: int) -> Visitor:  # noqa: ANN401 - a row of session
    tier = Tier.FOLLOWER
    if row.account_id is not None:
        tier = Tier.STEPPED_UP if stepped_us > now else Tier.BOUND
    return Visitor(
        tier=tier,
        session_id=row.id,
        openid=row.openid,
        customer_id=row.customer_id,
        account_id=row.account_id,
        stepped_up_until=_moment(stepped_us) if tier is Tier.STEPPED_UP else None,
    )
