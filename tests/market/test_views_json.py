"""The market as scripts ask it: quotes, line, bars, search, the own list."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from h5app.identity.gate import tier_of
from h5app.market.seed import SEED_INDEX, SEED_MAIN, SEED_SEALED_UP, SEED_SUSPENDED
from h5app.market.shown import QuotesReply, SearchReply
from h5app.market.shown_charts import BarsReply, LineReply
from h5app.plumbing.api import operation_of
from tests.market.market_site import FOLLOWER, Site, opened_site
from tests.market.market_world import FIRST_ON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-11-24T10:30:03"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market at NOW, one for all tests that only look at it."""
    with opened_site(tmp_path_factory.mktemp("site"), sqlite_template, NOW, days=30) as site:
        yield site


@pytest.fixture
def own_site(tmp_path: Path, sqlite_template: Path) -> Iterator[Site]:
    """A market that the test may move; it stands in the night before the first day's opening."""
    with opened_site(tmp_path, sqlite_template, "2026-11-24T08:30:00") as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    """A visitor's script at half past ten of the first day."""
    shared_site.source.visitor = FOLLOWER.__class__()
    shared_site.world.loop.step(shared_site.world.clock.now())
    return shared_site


def read(site: Site, address: str, status: int = 200) -> Any:
    """Return a JSON answer."""
    answer = site.client.get(address, headers=JSON)
    assert answer.status_code == status, answer.text[:300]
    return answer.json


def test_quotes_are_raw_figures_with_the_market_s_head(site: Site) -> None:
    """Integers in their units, the market clock, sequence and staleness; unknown ones are named."""
    answer = site.client.get(f"/market/quotes?symbols={SEED_MAIN},{SEED_INDEX},688999.SH,nonsense")
    reply = msgspec.json.decode(answer.data, type=QuotesReply)

    assert answer.mimetype == "application/json"
    assert (reply.at.isoformat(), reply.phase_label) == ("2026-11-24T10:30:03+08:00", "交易中")
    assert (reply.is_stale, reply.age_seconds, reply.label) == (False, 0, "模拟行情")
    assert reply.sequence == site.world.reader.sequence()
    assert [row.symbol for row in reply.quotes] == [SEED_MAIN, SEED_INDEX]
    assert reply.unknown == ["688999.SH", "NONSENSE"]
    quote = site.world.market.quote(SEED_MAIN)
    assert quote is not None
    row = reply.quotes[0]
    assert (row.last_milli, row.turnover_fen) == (quote.last_milli, quote.turnover_fen)
    assert row.bids == [(one.price_milli, one.quantity_shares) for one in quote.bids]


def test_what_is_not_known_is_left_out_and_never_0(site: Site) -> None:
    """A suspended instrument has no price of today."""
    reply = read(site, f"/market/quotes?symbols={SEED_SUSPENDED},{SEED_MAIN}")
    suspended, main = reply["quotes"]

    assert suspended["is_suspended"] is True
    assert not {"last_milli", "open_milli", "bids", "asks"} & set(suspended)
    assert "is_suspended" not in main


def test_a_sealed_instrument_has_an_empty_side(own_site: Site) -> None:
    """At the limit up the sellers are left out, and the buyers stand at the limit."""
    own_site.world.step("2026-11-24T14:50:03")
    sealed = read(own_site, f"/market/quotes?symbols={SEED_SEALED_UP}")["quotes"][0]
    assert "asks" not in sealed
    assert sealed["bids"][0][0] == sealed["limit_up_milli"]


def test_three_hundred_symbols_are_the_most(site: Site) -> None:
    """300 are answered, 301 are refused with what to do; the same one twice is once."""
    many = [f"{number:06}.SZ" for number in range(300)]
    assert len(read(site, f"/market/quotes?symbols={','.join(many)}")["unknown"]) >= 250

    refused = read(site, f"/market/quotes?symbols={','.join([*many, SEED_MAIN])}", status=422)
    assert refused["error"]["code"] == "market.too_many_symbols"

    twice = read(site, f"/market/quotes?symbols={SEED_MAIN},{SEED_MAIN.lower()},,")
    assert len(twice["quotes"]) == 1


def test_a_row_is_encoded_once_for_each_change(own_site: Site) -> None:
    """The same bytes serve everybody until the instrument changes."""
    site = own_site
    site.world.step(NOW)
    first = site.rows.encoded([SEED_MAIN, SEED_SUSPENDED])
    assert site.rows.encoded([SEED_MAIN])[SEED_MAIN] is first[SEED_MAIN]

    site.world.step("2026-11-24T10:31:33")
    later = site.rows.encoded([SEED_MAIN, SEED_SUSPENDED])
    assert later[SEED_MAIN] != first[SEED_MAIN]
    assert later[SEED_SUSPENDED] is first[SEED_SUSPENDED]


def test_a_list_is_of_the_present_batch(own_site: Site) -> None:
    """What was answered before a batch is not answered after it, compressed or plain."""
    site = own_site
    address = f"/market/quotes?symbols={SEED_MAIN}"
    site.world.step(NOW)
    before = read(site, address)
    assert read(site, address) == before

    site.world.step("2026-11-24T10:31:33")
    after = read(site, address)
    assert after["sequence"] > before["sequence"]
    assert after["quotes"][0]["at"] > before["quotes"][0]["at"]


def test_lists_ask_for_brief_rows(site: Site) -> None:
    """The same head, rows without depth; the whole row stays as it is for others."""
    brief = read(site, f"/market/quotes?symbols={SEED_MAIN}&detail=brief")
    whole = read(site, f"/market/quotes?symbols={SEED_MAIN}")

    assert set(brief["quotes"][0]) < set(whole["quotes"][0])
    assert "bids" not in brief["quotes"][0]
    assert brief["quotes"][0]["last_milli"] == whole["quotes"][0]["last_milli"]


def test_old_figures_say_so(site: Site) -> None:
    """A silent feed: is_stale and the age in seconds; the figures stay."""
    site.world.wall.sleep(33)
    reply = read(site, f"/market/quotes?symbols={SEED_MAIN}")

    assert (reply["is_stale"], reply["age_seconds"]) == (True, 33)
    assert reply["quotes"][0]["last_milli"] > 0


def test_the_line_gives_minutes_only_up_to_now(site: Site) -> None:
    """Slots in order, the last one running; a caller must ask again."""
    answer = site.client.get(f"/market/{SEED_MAIN}/line")
    reply = msgspec.json.decode(answer.data, type=LineReply)

    assert reply.day == FIRST_ON
    assert [point[0] for point in reply.points] == list(range(62))
    assert answer.headers["Cache-Control"] == "no-cache"
    assert read(site, "/market/688999.SH/line", status=404)["error"]["code"] == (
        "market.no_such_instrument"
    )


def test_bars_come_by_period_adjustment_and_count(site: Site) -> None:
    """The newest ones, oldest first, the last one alive."""
    address = f"/market/{SEED_MAIN}/bars?period=day&adjustment=forward&count=5"
    reply = msgspec.json.decode(site.client.get(address).data, type=BarsReply)

    assert len(reply.bars) == 5
    assert reply.bars == sorted(reply.bars)
    quote = site.world.market.quote(SEED_MAIN)
    assert quote is not None
    assert reply.bars[-1][4] == quote.last_milli
    assert len(read(site, f"/market/{SEED_MAIN}/bars?period=60m&count=3")["bars"]) == 3


@pytest.mark.parametrize(
    "wrong", ["period=2m", "adjustment=up", "count=0", "count=1001", "count=x"]
)
def test_bars_that_do_not_exist_are_refused(site: Site, wrong: str) -> None:
    """A wrong word or count is told, never guessed."""
    refused = read(site, f"/market/{SEED_MAIN}/bars?{wrong}", status=422)

    assert refused["error"]["code"] == "market.no_such_bars"


def test_search_answers_scripts_in_json(site: Site) -> None:
    """The same address as the page's."""
    answer = site.client.get("/market/search?q=gzmt", headers=JSON)
    reply = msgspec.json.decode(answer.data, type=SearchReply)

    assert (reply.found[0].symbol, reply.found[0].name) == (SEED_MAIN, "贵州茅台")
    assert read(site, "/market/search?q=")["found"] == []


def test_scripts_change_the_own_list_in_json(site: Site) -> None:
    """With the CSRF token in its header; the answer is the list; a wrong word is refused."""
    site.source.visitor = FOLLOWER
    token = re.search(r'name="csrf-token" content="([^"]+)"', site.page("/market/"))
    assert token is not None
    headers = JSON | {"X-CSRFToken": token[1], "Content-Type": "application/json"}

    def send(body: object) -> tuple[int, Any]:
        data = json.dumps(body)
        answer = site.client.post("/market/watchlist", data=data, headers=headers)
        return answer.status_code, answer.json

    assert send({"action": "add", "symbol": SEED_MAIN}) == (200, {"symbols": [SEED_MAIN]})
    assert send({"action": "remove", "symbol": SEED_MAIN}) == (200, {"symbols": []})
    assert send({"action": "eat", "symbol": SEED_MAIN})[0] == 400
    del headers["X-CSRFToken"]
    assert send({"action": "add", "symbol": SEED_MAIN})[0] == 400


def test_every_route_declares_its_tier_and_every_endpoint_describes_itself(site: Site) -> None:
    """Nothing of the room is open by oversight, or missing in the API document."""
    views = {
        rule.rule: site.app.view_functions[rule.endpoint]
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("market.")
    }
    assert [rule for rule, view in views.items() if tier_of(view) is None] == []
    pages = {"/market/", "/market/<symbol>", "/market/watchlist"}
    assert {rule for rule, view in views.items() if operation_of(view) is None} <= pages
