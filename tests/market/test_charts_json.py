"""What the charts ask: the lines of days before, candles further back, and ex days among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from h5app.kernel.clock import SHANGHAI
from h5app.market.bars import fold
from h5app.market.line_days import lines_of_bars, newest
from h5app.market.model import Adjustment, Bar, CorporateAction, EventState, Period
from h5app.market.seed import SEED_INDEX, SEED_MAIN
from h5app.market.shown_charts import BarsReply, LineReply, ex_marks
from tests.market.market_site import Site, opened_site
from tests.market.market_world import FIRST_ON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JSON = {"Accept": "application/json"}
BEFORE_ON = date(2026, 11, 23)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market at half past ten, with sixty days and the minutes of one day before."""
    folder = tmp_path_factory.mktemp("charts")
    with opened_site(folder, sqlite_template, "2026-11-24T10:30:03", days=60) as site:
        yield site


def read(site: Site, address: str, status: int = 200) -> Any:
    """Return a JSON answer."""
    answer = site.client.get(address, headers=JSON)
    assert answer.status_code == status, answer.text[:300]
    return answer.json


def line(site: Site, symbol: str, days: int) -> LineReply:
    """The line of so many days."""
    answer = site.client.get(f"/market/{symbol}/line?days={days}", headers=JSON)
    return msgspec.json.decode(answer.data, type=LineReply)


def bars(site: Site, query: str) -> BarsReply:
    """Candles of the share that every demo has."""
    answer = site.client.get(f"/market/{SEED_MAIN}/bars?{query}", headers=JSON)
    return msgspec.json.decode(answer.data, type=BarsReply)


def flat_bar(at: datetime, price_milli: int, volume_shares: int, turnover_fen: int) -> Bar:
    """A bar that never left one price."""
    price = price_milli
    return Bar(at, price, price, price, price, volume_shares, turnover_fen)


def minute(at: str, price_milli: int, volume_shares: int) -> Bar:
    """A minute at one price."""
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    turnover_fen = price_milli * volume_shares // 10
    return flat_bar(moment, price_milli, volume_shares, turnover_fen)


def day(on: date, price_milli: int = 10_000) -> Bar:
    """A day at one price."""
    return flat_bar(datetime.combine(on, time(15), SHANGHAI), price_milli, 100, 100_000)


def cash(on: date, title: str = "10派5元") -> CorporateAction:
    """A dividend."""
    return CorporateAction(symbol=SEED_MAIN, ex_on=on, cash_per_share=Decimal("0.5"), title=title)


def test_days_before_stand_in_front_of_today(site: Site) -> None:
    """Five days asked for, as many given as are stored; their base is the close before."""
    reply = line(site, SEED_MAIN, 5)
    stored = site.world.files.all(SEED_MAIN, Period.MINUTE_1)

    assert [one.day for one in reply.earlier] == [BEFORE_ON]
    assert reply.day == FIRST_ON
    assert [point[0] for point in reply.earlier[0].points] == list(range(1, 241))
    assert reply.earlier[0].points[-1][1] == stored[-1].close_milli
    closes = site.world.market.bars(SEED_MAIN, Period.DAY, Adjustment.FORWARD, 3)
    assert reply.earlier_close_milli == closes[0].close_milli
    assert reply.previous_close_milli == closes[1].close_milli


def test_one_day_is_today_alone(site: Site) -> None:
    """Nothing is read from the files that nobody asked for."""
    reply = line(site, SEED_MAIN, 1)

    assert (reply.earlier, reply.earlier_close_milli) == ([], None)


@pytest.mark.parametrize("days", ["0", "6", "x", "05"])
def test_a_line_is_of_one_to_five_days(site: Site, days: str) -> None:
    """Anything else is told."""
    refused = read(site, f"/market/{SEED_MAIN}/line?days={days}", status=422)

    assert refused["error"]["code"] == "market.no_such_line"


def test_the_average_is_turnover_over_volume_of_its_day() -> None:
    """Two minutes at 10.00 and 12.00 with 100 and 300 shares: 11.50; an index has none."""
    raw = [minute("2026-11-23T09:31", 10_000, 100), minute("2026-11-23T09:32", 12_000, 300)]

    own = lines_of_bars(raw, raw, is_index=False)[0].points
    index = lines_of_bars(raw, raw, is_index=True)[0].points

    assert [point.average_milli for point in own] == [10_000, 11_500]
    assert [point.average_milli for point in index] == [10_000, 12_000]


def test_days_before_an_ex_day_are_made_comparable() -> None:
    """Ten for ten: a day at 20.00 is drawn at 10.00, its average with it."""
    raw = [minute("2026-11-20T09:31", 20_000, 100), minute("2026-11-23T09:31", 10_000, 100)]
    adjusted = [minute("2026-11-20T09:31", 10_000, 100), raw[1]]

    first, second = lines_of_bars(raw, adjusted, is_index=False)

    assert (first.points[0].price_milli, first.points[0].average_milli) == (10_000, 10_000)
    assert newest([first, second], 1, before=second.on) == (first,)
    assert newest([first, second], 0, before=None) == ()


def test_five_minute_bars_serve_where_no_minutes_are(site: Site) -> None:
    """A user's own folder often holds nothing finer."""
    market, files = site.world.market, site.world.files
    minutes = files.all(SEED_INDEX, Period.MINUTE_1)
    files.merge(SEED_INDEX, Period.MINUTE_5, fold(minutes, Period.MINUTE_5))
    path = files.path(SEED_INDEX, Period.MINUTE_1)
    data = path.read_bytes()
    path.unlink()

    found = market.lines_before(SEED_INDEX, 4).days
    path.write_bytes(data)

    assert [one.on for one in found] == [BEFORE_ON]
    assert [point.minute for point in found[0].points] == list(range(5, 241, 5))


def test_candles_go_on_into_the_past(site: Site) -> None:
    """What ends before a stamp, without a gap and without a repetition."""
    newest_bars = bars(site, "count=10").bars
    older = bars(site, f"count=10&before={newest_bars[0][0]}").bars

    whole = bars(site, "count=20").bars
    assert older + newest_bars == whole
    assert bars(site, "count=10&before=1000").bars == []


@pytest.mark.parametrize("stamp", ["0", "-5", "x", "9999999999", "1.5"])
def test_a_stamp_that_is_none_is_refused(site: Site, stamp: str) -> None:
    """Never guessed."""
    refused = read(site, f"/market/{SEED_MAIN}/bars?before={stamp}", status=422)

    assert refused["error"]["code"] == "market.no_such_bars"


def test_every_period_has_candles(site: Site) -> None:
    """日 周 月 季 年 and minutes, each with the running one at its end."""
    quote = site.world.market.quote(SEED_MAIN)
    assert quote is not None
    for period in Period:
        found = bars(site, f"period={period}&count=3").bars
        assert found, period
        assert found[-1][4] == quote.last_milli, period


def test_an_ex_day_is_marked_on_its_candle(site: Site) -> None:
    """The candle of that day, of that week, and the first one of its minutes."""
    site.world.store.put_actions([cash(BEFORE_ON)])
    site.world.wall.sleep(3)
    site.world.loop.step(site.world.clock.now())

    by_day, by_week = bars(site, "count=5"), bars(site, "period=week&count=5")
    by_minute = bars(site, "period=60m&count=8")

    assert [(mark.kind, mark.title) for mark in by_day.marks] == [("XD", "10派5元")]
    assert datetime.fromtimestamp(by_day.marks[0].at, SHANGHAI).date() == BEFORE_ON
    assert by_week.marks[0].at == by_week.bars[-1][0]
    assert by_minute.marks[0].at == by_minute.bars[0][0]


def test_marks_are_only_of_what_is_shown_and_happened() -> None:
    """Cancelled ones, those without terms, and those outside the candles are none."""
    days = [day(date(2026, 11, 18) + timedelta(days=n)) for n in range(3)]
    inside = cash(date(2026, 11, 19))
    void = replace(inside, state=EventState.CANCELLED)
    empty = replace(inside, cash_per_share=Decimal(0))
    outside = [cash(date(2026, 11, 17)), cash(date(2026, 11, 21))]

    assert len(ex_marks(days, [inside])) == 1
    assert ex_marks(days, [void, empty, *outside]) == []
    assert ex_marks([], [inside]) == []
