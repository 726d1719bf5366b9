"""Kept months: never another's, never stale, whoever wrote and in whatever process."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.identity.model import Tier, Visitor
from h5app.kernel.clock import FrozenClock
from h5app.kernel.trading_day import AnnouncedYear, TradingDays
from h5app.plumbing.config import Config
from h5app.plumbing.web import create_base
from h5app.wealth.gathering import Span
from h5app.wealth.kept_months import DrawnMonth, KeptMonths, Stamp
from h5app.wealth.model import EntryClass, EntryDraft, Wishes
from h5app.wealth.ports import MarketEvent
from h5app.wealth.service import WealthCalendar
from h5app.wealth.stream_model import OwnWords
from h5app.wealth.views import blueprint
from h5app.wealth.views_shell import TOKEN_PLACE
from tests.wealth.conftest import Room, make_room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, FakeVisitors
from tests.wealth.ledgers import demo_ledger, flow

TODAY = date(2026, 11, 24)
RENT = EntryDraft(
    title="房租", kind=EntryClass.BILL, first_on=date(2026, 11, 26), amount_fen=342_000
)
DIVIDEND = MarketEvent(
    event_id="e-1",
    symbol="600000.SH",
    short_name="某银行",
    kind=EntryClass.DIVIDEND,
    on=date(2026, 11, 27),
    title="每10股派7.33元",
)
TOKEN = re.compile(r'csrf.token" (?:value|content)="([^"]+)"')


def browser(room: Room, visitors: FakeVisitors, home: Path) -> FlaskClient:
    """Return a browser on a process's pages; forms are checked."""
    app = create_base(Config(home=home, base_url="http://127.0.0.1"))
    gate.install(app, visitors)
    app.register_blueprint(blueprint(room.calendar))
    return app.test_client()


def page(client: FlaskClient, path: str = "/wealth/") -> str:
    """Return a page that must be there."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


@pytest.fixture
def learned(room: Room, visitors: FakeVisitors) -> Room:
    """A customer with a learned account, on either database; the process that reads."""
    flows = demo_ledger(TODAY, room.calendar.trading_days)
    flows += [
        flow(f"x{day}", date(2026, month, day), -2000, "某保险", "保费")
        for month, day in ((10, 10), (11, 11))
    ]
    room.flows.by_account[ACCOUNT] = flows
    visitors.bound(Tier.STEPPED_UP)
    room.calendar.meet(CUSTOMER, ACCOUNT)
    return room


@pytest.fixture
def other(learned: Room, trading_days: TradingDays, market_clock: FrozenClock) -> WealthCalendar:
    """Another process on the same database: it writes and shares no memory."""
    return make_room(learned.database, trading_days, market_clock).calendar


@pytest.fixture
def client(learned: Room, visitors: FakeVisitors, tmp_path: Path) -> FlaskClient:
    """The customer's browser."""
    return browser(learned, visitors, tmp_path)


def streams(calendar: WealthCalendar, *, is_shown: bool) -> Iterator[int]:
    """Yield the learned streams that are shown, or those that are asked about."""
    for each in calendar.streams.all(ACCOUNT):
        if each.is_shown if is_shown else each.is_candidate:
            yield each.stream_id


def test_an_unchanged_month_is_the_same_page(client: FlaskClient, learned: Room) -> None:
    """A kept month reads as the drawn one does, and is not kept twice."""
    first = page(client)
    kept = len(learned.calendar.months.kept)
    again = page(client)

    assert TOKEN.sub("", first) == TOKEN.sub("", again)
    assert kept == len(learned.calendar.months.kept) == 1


Act = Callable[[WealthCalendar], object]
WRITES: dict[str, Act] = {
    "entry": lambda other: other.add_entry(CUSTOMER, replace(RENT, title="物业费")),
    "changed": lambda other: other.change_entry(CUSTOMER, 1, replace(RENT, title="新房租")),
    "amount": lambda other: other.change_entry(CUSTOMER, 1, replace(RENT, amount_fen=1)),
    "done": lambda other: other.mark_done(CUSTOMER, "own-1", RENT.first_on),
    "skipped": lambda other: other.skip(CUSTOMER, "own-1", RENT.first_on),
    "deleted": lambda other: other.delete_entry(CUSTOMER, 1),
    "renamed": lambda other: other.change_stream(
        CUSTOMER, ACCOUNT, next(streams(other, is_shown=True)), OwnWords(title="我的房贷")
    ),
    "dismissed": lambda other: other.dismiss_stream(
        CUSTOMER, ACCOUNT, next(streams(other, is_shown=True))
    ),
    "answered": lambda other: other.dismiss_stream(
        CUSTOMER, ACCOUNT, next(streams(other, is_shown=False))
    ),
}


def test_a_write_of_another_process_is_seen_at_once(
    client: FlaskClient, other: WealthCalendar
) -> None:
    """Two processes on one database: the next page after any write shows it."""
    other.add_entry(CUSTOMER, RENT)
    seen = [page(client)]
    for write in WRITES.values():
        write(other)
        seen += [page(client), page(client)]
    texts = [TOKEN.sub("", text) for text in seen]

    assert all(texts[at - 1] == texts[at] for at in range(2, len(texts), 2))
    assert [name for at, name in enumerate(WRITES) if texts[2 * at] == texts[2 * at + 1]] == []


def test_what_is_learned_elsewhere_is_seen_at_once(
    client: FlaskClient, learned: Room, other: WealthCalendar
) -> None:
    """The night's learning runs in the jobs process; marks that are taken back are seen, too."""
    before = page(client)
    other.streams.learn(ACCOUNT)  # It knows no ledger: every stream ends.
    after = page(client)
    other.add_entry(CUSTOMER, RENT)
    plain = page(client)
    other.mark_done(CUSTOMER, "own-1", RENT.first_on)
    done = page(client)
    other.unmark(CUSTOMER, "own-1", RENT.first_on)

    assert TOKEN.sub("", before) != TOKEN.sub("", after)
    assert TOKEN.sub("", plain) == TOKEN.sub("", page(client))
    assert "已完成" in done
    assert learned.calendar.months.kept


def test_every_row_the_page_is_drawn_from_is_in_its_stamp(
    learned: Room, other: WealthCalendar
) -> None:
    """A preference changes the stamp as well; what another customer writes does not."""
    months, span = learned.calendar.months, _span()
    first = months.stamp(CUSTOMER, ACCOUNT, span)
    other.add_entry("c-2", RENT)
    others_write = months.stamp(CUSTOMER, ACCOUNT, span)
    other.wish(CUSTOMER, Wishes(hour=7))

    assert first == others_write
    assert months.stamp(CUSTOMER, ACCOUNT, span) != first


def test_no_month_is_shown_to_another(
    client: FlaskClient, other: WealthCalendar, visitors: FakeVisitors
) -> None:
    """Another customer of the same process gets his own, though all else is the same."""
    other.add_entry(CUSTOMER, RENT)
    mine = [page(client), page(client)][-1]
    visitors.visitor = Visitor(tier=Tier.FOLLOWER, customer_id="c-2", openid="o-2")
    his = [page(client), page(client)][-1]

    assert "房租" in mine
    assert "房租" not in his
    assert "row-" not in his


def test_amounts_are_masked_again_when_the_password_lapsed(
    client: FlaskClient, other: WealthCalendar, visitors: FakeVisitors
) -> None:
    """The open and the masked month are kept apart."""
    other.add_entry(CUSTOMER, RENT)
    opened = [page(client), page(client)][-1]
    visitors.bound()
    masked = [page(client), page(client)][-1]
    visitors.follower()
    unbound = [page(client), page(client)][-1]

    assert "3,420.00" in opened
    assert "3,420.00" not in masked
    assert "row-stream-" in masked
    assert "row-stream-" not in unbound


def test_a_kept_month_has_the_token_of_who_looks(
    learned: Room, client: FlaskClient, visitors: FakeVisitors, tmp_path: Path
) -> None:
    """Two browsers of one customer share the month and no form token."""
    second = browser(learned, visitors, tmp_path)
    mine, his = TOKEN.findall(page(client)), TOKEN.findall(page(second))
    again = TOKEN.findall(page(client))

    assert mine
    assert set(mine).isdisjoint(his)
    assert TOKEN_PLACE not in page(second)
    assert len(set(again)) == 1
    answer = client.post("/wealth/feed/revocation", data={"csrf_token": again[0]})
    assert answer.status_code == 303


def test_the_balance_is_never_kept(
    client: FlaskClient, learned: Room, other: WealthCalendar
) -> None:
    """What is missing is held against the balance of this moment."""
    other.add_entry(CUSTOMER, RENT)
    learned.balances.by_account[ACCOUNT] = 10**9
    enough = [page(client), page(client)][-1]
    learned.balances.by_account[ACCOUNT] = 0

    assert "还差" not in enough
    assert "还差" in page(client)


def test_an_event_of_the_market_and_a_new_day_are_seen(
    client: FlaskClient, learned: Room, other: WealthCalendar
) -> None:
    """The market's events and the market's day are part of what a month was drawn from."""
    other.add_entry(CUSTOMER, RENT)
    before = page(client)
    learned.followed.watched[CUSTOMER] = {DIVIDEND.symbol}
    learned.events.known.append(DIVIDEND)
    event = page(client)
    learned.events.known[0] = replace(DIVIDEND, is_cancelled=True)
    cancelled = page(client)
    learned.at("2026-11-25T09:30:00")

    assert DIVIDEND.short_name not in before
    assert DIVIDEND.short_name in event
    assert DIVIDEND.short_name not in cancelled
    assert "还有2天" in cancelled
    assert "还有1天" in page(client) or "明天" in page(client)


def test_another_table_of_holidays_is_seen(
    client: FlaskClient, learned: Room, trading_days: TradingDays
) -> None:
    """A holiday that is announced stands in the month at the next look."""
    announced = cast("dict[int, AnnouncedYear]", trading_days.announced)
    kept = announced[2026]
    before = page(client)
    named = {**kept.holiday_name_by_day, date(2026, 11, 25): "特别假日"}
    announced[2026] = AnnouncedYear(holiday_name_by_day=named, make_up_days=kept.make_up_days)
    try:
        after = page(client)
    finally:
        announced[2026] = kept

    assert "特别假日" not in before
    assert "特别假日" in after
    assert "特别假日" not in page(client)
    assert learned.calendar.months.kept


def test_no_more_is_kept_than_agreed() -> None:
    """The least lately seen months go first, by count and by memory."""
    stamp = Stamp(is_met=True, rows=b"", events=(), days=0, today=TODAY)
    small = DrawnMonth(head="x", tail="y", soon=None)
    by_count, by_size = KeptMonths(count_max=2), KeptMonths(bytes_max=3 * small.size)
    for slot in ("a", "b"):
        by_count.put(slot, stamp, small)
    assert by_count.find("a", stamp)
    by_count.put("c", stamp, small)
    for number in range(20):
        by_size.put(number, stamp, small)
        by_size.put(number, stamp, small)

    assert by_count.find("b", stamp) is None
    assert by_count.find("a", stamp)
    assert by_count.find("a", replace(stamp, days=1)) is None
    assert len(by_size) == 3


def test_what_changed_while_it_was_drawn_is_not_kept(learned: Room, other: WealthCalendar) -> None:
    """A write between reading and keeping leaves nothing behind that is out of date."""
    months, span = learned.calendar.months, _span()

    def draw() -> DrawnMonth:
        other.add_entry(CUSTOMER, RENT)
        return DrawnMonth(head="", tail="", soon=None)

    months.month("slot", lambda: months.stamp(CUSTOMER, ACCOUNT, span), draw)

    assert len(months.kept) == 0


def _span() -> Span:
    return Span(date(2026, 11, 1), date(2026, 12, 31))
