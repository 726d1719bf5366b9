"""The private calendar link: a token shown once, kept as a hash, rotated and revoked."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from h5app.kernel.clock import Clock
from h5app.kernel.trading_day import TradingDays
from h5app.plumbing.db import Database
from h5app.wealth import store_feeds
from h5app.wealth import store_reminders as reminders
from h5app.wealth.gathering import Outside, Span, gather
from h5app.wealth.ics import FeedEntry, FeedTerms, calendar_text
from h5app.wealth.lead import tellings
from h5app.wealth.model import EntryClass, Occurrence, Wishes
from h5app.wealth.occurrences import of_closures
from h5app.wealth.refusal import FeedNotFound
from h5app.wealth.store_feeds import FeedRow

TOKEN_BYTES = 16
DAYS_BACK = 31
DAYS_AHEAD = 366
DELETED_KEPT = timedelta(days=30)
"""So long a withdrawn entry is sent as cancelled; then it is left out."""
FETCH_NOTED_EVERY = timedelta(minutes=10)
NAME = "理财日历"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


class Feeds:
    """Calendar links and what is read through them."""

    def __init__(
        self, database: Database, market: Clock, trading_days: TradingDays, outside: Outside
    ) -> None:
        self._database = database
        self._market = market
        self._days = trading_days
        self._outside = outside

    def make(self, customer_id: str, *, shows_amounts: bool = False) -> str:
        """Give the customer a new link and return its token; the one before stops working.

        The token is not kept: this is the only moment at which it can be shown.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.write() as connection:
            store_feeds.put_feed(
                connection,
                customer_id,
                token_hash(token),
                self._market.now(),
                shows_amounts=shows_amounts,
            )
        return token

    def revoke(self, customer_id: str) -> None:
        """Take the customer's link away."""
        with self._database.write() as connection:
            store_feeds.remove_feed(connection, customer_id)

    def choose(self, customer_id: str, kinds_off: Iterable[EntryClass]) -> None:
        """Leave classes out of the customer's link."""
        off = frozenset(kind.value for kind in kinds_off)
        with self._database.write() as connection:
            store_feeds.set_kinds_off(connection, customer_id, off)

    def of(self, customer_id: str) -> FeedRow | None:
        """Return what is known of the customer's link; None when there is none."""
        with self._database.read() as connection:
            return store_feeds.feed(connection, customer_id)

    def text(self, token: str) -> str:
        """Return the calendar behind a link.

        Raises:
            FeedNotFound: Nobody's link, or one that was replaced.
        """
        feed = self._feed(token)
        now = self._market.now()
        today = now.date()
        span = Span(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))
        with self._database.read() as connection:
            account_id = reminders.account_of(connection, feed.customer_id)[1]
        whose = self._outside.whose(feed.customer_id, account_id, span)
        with self._database.read() as connection:
            wishes = reminders.wishes(connection, feed.customer_id)
            found = gather(connection, whose, span, self._days, now - DELETED_KEPT)
        found += of_closures(span.first, span.last, self._days)
        self._note_fetch(feed)
        return calendar_text(
            (self._entry(each, wishes) for each in found if each.kind.value not in feed.kinds_off),
            FeedTerms(
                name=NAME,
                salt=token_hash(feed.customer_id),
                stamp=now.replace(hour=0, minute=0, second=0, microsecond=0),
                shows_amounts=feed.shows_amounts,
            ),
        )

    def _feed(self, token: str) -> FeedRow:
        if not _TOKEN.fullmatch(token):
            raise FeedNotFound
        with self._database.read() as connection:
            feed = store_feeds.feed_of_token(connection, token_hash(token))
        if feed is None:
            raise FeedNotFound
        return feed

    def _entry(self, occurrence: Occurrence, wishes: Wishes) -> FeedEntry:
        told = tellings(occurrence, wishes, self._days)
        return FeedEntry(
            occurrence=occurrence, remind_on=min(each.at.date() for each in told) if told else None
        )

    def _note_fetch(self, feed: FeedRow) -> None:
        """Note that the link is in use; not at every fetch, so that reading writes little."""
        now = self._market.now()
        if feed.fetched_at is not None and now - feed.fetched_at < FETCH_NOTED_EVERY:
            return
        with self._database.write() as connection:
            store_feeds.set_fetched(connection, feed.customer_id, now)


def token_hash(text: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
