"""Wrong passwords: counted before the password is looked at, locked on the server.

A try is taken down first and given back when the password was right, so that fifty guesses at once
are not more than fifty guesses one after the other. Counted are the account, the openid or device,
the network address, and the pair of account and device. Somebody who is known for the account (its
bound openid, a device where a one-time code was given) is held up by the pair alone: a stranger
who guesses cannot lock the customer out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.identity.hashes import KeyedHash, token_hash
from h5app.identity.model import Origin
from h5app.identity.policy import Policy
from h5app.identity.refusal import Locked
from h5app.identity.store import attempt as attempt_table
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database

IPV6_NETWORK_BITS = 64
"""One customer's line gets a whole network of IPv6 addresses."""
ADDRESS_LOCK_DOUBLINGS_MAX = 11

Key = tuple[str, str]
"""Scope and hashed subject."""
AttemptRow = Row[int, datetime, datetime | None]
"""Failures, when they began, until when they lock."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try that was taken down."""

    account_id: str
    is_known: bool
    """Whether the origin is known for the account."""
    keys: tuple[Key, ...]
    """What it was counted under; a scope that was locked already is not counted on."""
    tries_left: int
    """How many wrong passwords are still free when this one is wrong."""


class Lockouts:
    """Counts and locks; the caller brings the transaction."""

    def __init__(self, database: Database, wall: Clock, keyed: KeyedHash, policy: Policy) -> None:
        self._wall = wall
        self._keyed = keyed
        self._policy = policy
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def begin(
        self,
        connection: Connection,
        account_id: str,
        origin: Origin,
        *,
        openid: str | None,
        is_known: bool,
    ) -> Attempt:
        """Take a try down.

        Raises:
            Locked: No try is left; nothing was counted.
        """
        keys = self._keys(account_id, origin, openid)
        blocking = {"pair"} if is_known else {"account", "source", "address"}
        rows = {key: self._row(connection, key) for key in keys}
        locked = {key: row.locked_until for key, row in rows.items() if self._is_locked(row)}
        self._refuse({key[0]: until for key, until in locked.items() if key[0] in blocking})
        left = {
            key: self._count(connection, key, row) for key, row in rows.items() if key not in locked
        }
        held = [free for (scope, _), free in left.items() if scope in blocking - {"address"}]
        return Attempt(
            account_id=account_id, is_known=is_known, keys=tuple(left), tries_left=max(0, min(held))
        )

    def give_back(self, connection: Connection, attempt: Attempt) -> None:
        """Undo one try: the password was right, or could not be checked."""
        for scope, subject in attempt.keys:
            self._lower(connection, (scope, subject), 1)

    def succeeded(self, connection: Connection, attempt: Attempt) -> None:
        """Forget the failures of this origin; those of others stand."""
        own = {key[0]: key for key in attempt.keys}
        pair = self._find(connection, own["pair"]) if "pair" in own else None
        if "account" in own:
            self._lower(connection, own["account"], pair.failures if pair else 1)
        if "address" in own:
            self._lower(connection, own["address"], 1)
        for scope in own.keys() & {"pair", "source"}:
            connection.execute(delete(attempt_table).where(_is(own[scope])))

    def unlock(self, connection: Connection, account_id: str) -> None:
        """Forget all failures against an account: what an operator does on the phone."""
        key = ("account", self._keyed.of("account", account_id))
        connection.execute(delete(attempt_table).where(_is(key)))

    def forget_old(self, connection: Connection) -> int:
        """Delete what no longer counts; return how many rows."""
        c, now = attempt_table.c, self._wall.now()
        return connection.execute(
            delete(attempt_table).where(
                c.started_at < now - self._policy.wrong_passwords_within,
                c.locked_until.is_(None) | (c.locked_until < now),
            )
        ).rowcount

    def sentence(self) -> str:
        """Return what a customer reads when the last free try was wrong."""
        return self._locked_sentence(self._wall.now() + self._policy.lock_lasts)

    def _keys(self, account_id: str, origin: Origin, openid: str | None) -> tuple[Key, ...]:
        source = openid or token_hash(origin.device_token)
        subjects = [
            ("account", (account_id,)),
            ("pair", (account_id, source)),
            ("source", (source,)),
        ]
        if self._policy.address_failures_max and origin.address:
            subjects.append(("address", (network_of(origin.address),)))
        return tuple((scope, self._keyed.of(scope, *parts)) for scope, parts in sorted(subjects))

    def _row(self, connection: Connection, key: Key) -> AttemptRow:
        """Return the key's row, locked; an old one begins anew."""
        now = self._wall.now()
        fresh = {"failures": 0, "started_at": now, "locked_until": None}
        connection.execute(
            self._insert(attempt_table)
            .values(scope=key[0], subject=key[1], **fresh)
            .on_conflict_do_nothing()
        )
        row = self._find(connection, key)
        assert row is not None, key[0]
        if not self._is_over(key, row, now):
            return row
        connection.execute(update(attempt_table).where(_is(key)).values(**fresh))
        row = self._find(connection, key)
        assert row is not None, key[0]
        return row

    def _is_over(self, key: Key, row: AttemptRow, now: datetime) -> bool:
        if self._is_locked(row):
            return False
        if row.locked_until is not None and key[0] != "address":
            return True
        return bool(row.started_at + self._policy.wrong_passwords_within <= now)

    def _is_locked(self, row: AttemptRow) -> bool:
        return row.locked_until is not None and bool(row.locked_until > self._wall.now())

    def _find(self, connection: Connection, key: Key) -> AttemptRow | None:
        c = attempt_table.c
        return connection.execute(
            select(c.failures, c.started_at, c.locked_until).where(_is(key)).with_for_update()
        ).first()

    def _refuse(self, until_by_scope: dict[str, datetime]) -> None:
        if not until_by_scope:
            return
        until = max(until_by_scope.values())
        is_only_address = until_by_scope.keys() == {"address"}
        sentence = _address_sentence(until) if is_only_address else self._locked_sentence(until)
        raise Locked(sentence, locked_until=until.isoformat(timespec="seconds"))

    def _count(self, connection: Connection, key: Key, row: AttemptRow) -> int:
        """Count one failure in advance; return how many more are free."""
        failures = int(row.failures) + 1
        free = self._most(key) - failures
        values: dict[str, object] = {"failures": failures}
        if free <= 0:
            values["locked_until"] = self._wall.now() + self._lock(key, -free)
        connection.execute(update(attempt_table).where(_is(key)).values(**values))
        return free

    def _lower(self, connection: Connection, key: Key, by: int) -> None:
        """Take failures back; what had not been locked before them is open again."""
        row = self._find(connection, key)
        if row is None:
            return
        failures = max(0, row.failures - by)
        values: dict[str, object] = {"failures": failures}
        if failures < self._most(key):
            values["locked_until"] = None
        elif key[0] == "address":
            values["locked_until"] = self._wall.now()
        connection.execute(update(attempt_table).where(_is(key)).values(**values))

    def _most(self, key: Key) -> int:
        if key[0] == "address":
            return self._policy.address_failures_max
        return self._policy.wrong_passwords_max

    def _lock(self, key: Key, doublings: int) -> timedelta:
        if key[0] != "address":
            return self._policy.lock_lasts
        lasts = self._policy.address_lock_first * (1 << min(doublings, ADDRESS_LOCK_DOUBLINGS_MAX))
        return min(lasts, self._policy.lock_lasts)

    def _locked_sentence(self, until: datetime) -> str:
        return (
            f"密码连续输错 {self._policy.wrong_passwords_max} 次,已锁定到 {until:%m月%d日 %H:%M},"
            "之后可以再试;如不是您本人操作,请致电客服"
        )


def _address_sentence(until: datetime) -> str:
    return f"当前网络输错密码的次数过多,请在 {until:%m月%d日 %H:%M:%S} 之后再试,或换一个网络"


def network_of(address: str) -> str:
    """Return what stands for a customer's line: the IPv4 address, or the /64 network of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, IPV6_NETWORK_BITS), strict=False))


def _is(key: Key) -> ColumnElement[bool]:
    return and_(attempt_table.c.scope == key[0], attempt_table.c.subject == key[1])
