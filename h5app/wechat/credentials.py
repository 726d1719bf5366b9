"""One access token and one JS ticket for the whole house, refreshed by one process at a time."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database
from h5app.plumbing.http import HttpClient, RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.store import credential
from h5app.wechat.transport import Gateway, WeChatRefused, WeChatSilent

EARLY = timedelta(seconds=240)
"""A credential with less life left is refreshed; below the platform's own five minutes."""
LAST_MOMENT = timedelta(seconds=5)
"""A credential with less life left is not used any more."""
CLAIM = timedelta(seconds=20)
"""A refresher that died gives way after so long; longer than a fetch with its time-outs."""
PAUSE_AFTER_FAILURE = timedelta(seconds=1)
WAIT_SECONDS_MAX = 12.0
LOOK_AGAIN_SECONDS = 0.03

log = get_logger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What the platform gave: the value and its life in seconds."""

    value: str
    expires_in: int


Fetch = Callable[[str], Fetched]
"""Fetches a fresh value; is given the one the platform refused, or an empty text."""


@dataclass(frozen=True)
class _Row:
    value: str
    expires_at: datetime | None
    version: int


class Credential:
    """One shared value: read by everybody, refreshed by whoever gets the claim."""

    def __init__(self, database: Database, wall: Clock, account: Account, kind: str) -> None:
        self._database = database
        self._wall = wall
        self._app_id = account.app_id
        self._kind = kind
        self._fetch: Fetch = _no_fetch

    def fetched_by(self, fetch: Fetch) -> "Credential":
        """Say how a fresh value is had; returns itself."""
        self._fetch = fetch
        return self

    def value(self) -> str:
        """Return a value that is good now, refreshed first when its end is near.

        Raises:
            WeChatSilent: The platform gave none in time.
            WeChatRefused: The platform refused to give one.
        """
        row = self._row()
        if row and self._life(row) > EARLY:
            return row.value
        return self._refreshed(row, failed="")

    def renewed(self, failed: str) -> str:
        """Return another value than the one the platform refused.

        Raises:
            WeChatSilent: The platform gave none in time.
            WeChatRefused: The platform refused to give one.
        """
        row = self._row()
        if row and row.value != failed and self._life(row) > LAST_MOMENT:
            return row.value
        return self._refreshed(row, failed=failed)

    def _refreshed(self, row: _Row | None, *, failed: str) -> str:
        deadline = self._wall.monotonic() + WAIT_SECONDS_MAX
        while self._wall.monotonic() < deadline:
            version = row.version if row else 0
            claimant = self._claim(version)
            if claimant:
                return self._fetch_and_store(row, claimant, failed)
            if row and row.value != failed and self._life(row) > LAST_MOMENT:
                return row.value
            self._wall.sleep(LOOK_AGAIN_SECONDS)
            row = self._row()
            is_fresh = row is not None and (row.version > version or self._life(row) > EARLY)
            if row and is_fresh and row.value != failed:
                return row.value
        raise WeChatSilent

    def _fetch_and_store(self, row: _Row | None, claimant: str, failed: str) -> str:
        try:
            fetched = self._fetch(failed)
        except (WeChatSilent, WeChatRefused) as wrong:
            self._release(claimant)
            log.warning("wechat_credential_not_fetched", kind=self._kind, error_code=wrong.code)
            if row and row.value != failed and self._life(row) > LAST_MOMENT:
                return row.value
            raise
        self._store(claimant, fetched)
        return fetched.value

    def _life(self, row: _Row) -> timedelta:
        if row.expires_at is None or not row.value:
            return timedelta(0)
        return row.expires_at - self._wall.now()

    def _row(self) -> _Row | None:
        c = credential.c
        with self._database.read() as connection:
            found = connection.execute(
                select(c.value, c.expires_at, c.version).where(*self._mine())
            ).first()
        return _Row(found.value, found.expires_at, found.version) if found else None

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (credential.c.app_id == self._app_id, credential.c.kind == self._kind)

    def _claim(self, version: int) -> str:
        """Return a name of our own when the refresh is ours to do, else an empty text."""
        claimant, now, c = secrets.token_hex(8), self._wall.now(), credential.c
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        with self._database.write() as connection:
            connection.execute(
                insert(credential)
                .values(app_id=self._app_id, kind=self._kind)
                .on_conflict_do_nothing()
            )
            changed = connection.execute(
                update(credential)
                .where(*self._mine(), c.version == version)
                .where(or_(c.claimed_until.is_(None), c.claimed_until < now))
                .values(claimed_by=claimant, claimed_until=now + CLAIM)
            )
        return claimant if changed.rowcount else ""

    def _store(self, claimant: str, fetched: Fetched) -> None:
        c = credential.c
        with self._database.write() as connection:
            connection.execute(
                update(credential)
                .where(*self._mine(), c.claimed_by == claimant)
                .values(
                    value=fetched.value,
                    expires_at=self._wall.now() + timedelta(seconds=fetched.expires_in),
                    version=c.version + 1,
                    claimed_by="",
                    claimed_until=None,
                )
            )

    def _release(self, claimant: str) -> None:
        """Give the claim back after a pause, so that those who wait do not storm the platform."""
        with self._database.write() as connection:
            connection.execute(
                update(credential)
                .where(*self._mine(), credential.c.claimed_by == claimant)
                .values(claimed_by="", claimed_until=self._wall.now() + PAUSE_AFTER_FAILURE)
            )


def _no_fetch(_failed: str) -> Fetched:
    raise AssertionError("a credential that nobody told how to fetch")


class Credentials:
    """The account's access token and JS ticket."""

    def __init__(self, database: Database, wall: Clock, account: Account) -> None:
        self._account = account
        self._http = HttpClient(account.api_base)
        token = Credential(database, wall, account, "access_token")
        self.access_token = token.fetched_by(self._fetch_token)
        self.js_ticket = Credential(database, wall, account, "jsapi_ticket")

    def tickets_from(self, gateway: Gateway) -> None:
        """Say through which client the JS ticket is fetched; it needs the token itself."""
        self.js_ticket.fetched_by(lambda _failed: _fetch_ticket(gateway))

    def _fetch_token(self, failed: str) -> Fetched:
        """Return the platform's stable token; forced only when it gives the refused one again."""
        fetched = self._stable_token({})
        return self._stable_token({"force_refresh": True}) if fetched.value == failed else fetched

    def _stable_token(self, more: dict[str, bool]) -> Fetched:
        wish = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
        }
        try:
            reply = self._http.post("/cgi-bin/stable_token", json=wish | more).json()
        except (RemoteSilent, RemoteRefused, ValueError) as wrong:
            raise WeChatSilent from wrong
        return _fetched(reply, "access_token")


def _fetch_ticket(gateway: Gateway) -> Fetched:
    return _fetched(gateway.get_json("/cgi-bin/ticket/getticket", type="jsapi"), "ticket")


def _fetched(reply: object, name: str) -> Fetched:
    """Return the credential of an answer, believed only when it is whole."""
    if not isinstance(reply, dict):
        raise WeChatSilent
    if reply.get("errcode"):
        raise WeChatRefused(int(reply["errcode"]), str(reply.get("errmsg", "")))
    value, expires_in = reply.get(name), reply.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(expires_in, int):
        raise WeChatSilent
    return Fetched(value, expires_in)
