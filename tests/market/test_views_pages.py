"""The market's pages: what an investor sees, whatever state the instrument is in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from h5app.identity.appearance import Appearance
from h5app.identity.model import Look
from h5app.market.ranking import RankBoard, RankKind
from h5app.market.seed import (
    SEED_BSE,
    SEED_ETF,
    SEED_INDEX,
    SEED_MAIN,
    SEED_NEW,
    SEED_SEALED_DOWN,
    SEED_SEALED_UP,
    SEED_ST,
    SEED_SUSPENDED,
)
from h5app.plumbing.web import cookie_name
from tests.market.market_site import FOLLOWER, Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-11-24T14:30:03"


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
def site(shared_site: Site) -> Iterator[Site]:
    """A visitor's phone in the afternoon of the first day; nothing is watched yet."""
    shared_site.source.visitor = FOLLOWER.__class__()
    shared_site.world.loop.step(shared_site.world.clock.now())
    yield shared_site
    market = shared_site.world.market
    for customer in ("c1", "c2"):
        for symbol in market.watched(customer):
            market.unwatch(customer, symbol)


def test_the_quotes_page_shows_state_indices_list_and_boards(site: Site) -> None:
    """Market state with its time, three indices, securities, a board, the label and the tabs."""
    page = site.page("/market/")

    assert "模拟行情" in part(page, "label-line")
    assert "演示时间 2026-11-24 14:30:03" in part(page, "label-line")
    assert part(page, "market-state") == "交易中 14:30:03"
    bar = part(page, "index-bar")
    assert [name in bar for name in ("上证指数", "深证成指", "创业板指")] == [True] * 3
    assert f'data-testid="quote-{SEED_MAIN}"' in page
    assert re.search(r'aria-label="贵州茅台 最新价 [\d.]+ 元 (上涨|下跌|平盘)', page)
    assert re.search(r'aria-label="上证指数 最新 [\d.]+ 点 (上涨|下跌|平盘)', page)
    assert 'aria-current="page" data-testid="tab-quotes"' in page


@pytest.mark.parametrize("kind", list(RankKind))
def test_a_board_is_a_link_and_works_without_script(site: Site, kind: RankKind) -> None:
    """Each figure is a link of the page; its page names it as the present one and has rows."""
    link = f"/market/?board=all&amp;by={kind.value}#ranking"
    assert link in site.page("/market/")

    page = site.page(link.replace("&amp;", "&"))
    assert re.search(rf'aria-current="page" data-tab="{kind.value}">{kind.label}<', page)
    assert page[page.index('data-testid="ranking"') :].count("data-symbol=") >= 20


def test_every_part_of_the_market_has_a_board(site: Site) -> None:
    """沪市, 深市, 科创, 创业, 北交, ETF and 可转债; an unknown one is refused."""
    for board in RankBoard:
        page = site.page(f"/market/?board={board.value}&by=turnover")
        assert f'aria-current="true">{board.label}<' in page
        assert "额 " in page[page.index('data-testid="ranking"') :]

    assert "没有这个榜单" in site.page("/market/?board=moon", status=404)


def test_menu_entries_open_their_part(site: Site) -> None:
    """自选 and 指数 of the service account's menu are parts of the same page."""
    indices = site.page("/market/?list=indices")
    assert "北证50" in part(indices, "indices")
    assert 'data-testid="ranking"' not in indices

    site.source.visitor = FOLLOWER
    assert "还没有自选" in site.page("/market/?list=watchlist")


def test_a_stock_page_shows_price_fields_levels_and_buttons(site: Site) -> None:
    """Price and change with their sign, every field, five levels that lead to the ticket."""
    page = site.page(f"/market/{SEED_MAIN}")

    assert re.search(r"^[\d.]+ (▲ \+|▼ -)[\d.]+ (▲ \+|▼ -)[\d.]+%", part(page, "price"))
    assert part(page, "state") == "交易中 11-24 14:30:03 竞价参考价 --"
    labels = "今开 最高 最低 昨收 成交量 成交额 换手率 振幅 量比 均价 涨停 跌停 委比 委差 外盘 内盘"
    labels += " 市盈(动) 市盈(TTM) 市盈(静) 市净率 总市值 流通市值 盘后成交量 盘后成交额"
    assert re.findall(r"<dt>([^<]+)</dt>", page) == labels.split()
    assert f'href="/trade/ticket?symbol={SEED_MAIN}&amp;side=buy&amp;price=' in page
    assert f'href="/trade/ticket?symbol={SEED_MAIN}&amp;side=sell&amp;price=' in page
    levels = re.findall(r'data-level="(\w+-\d)"', page)
    assert levels == [f"ask-{n}" for n in (5, 4, 3, 2, 1)] + [f"bid-{n}" for n in (1, 2, 3, 4, 5)]
    assert f'href="/trade/ticket?symbol={SEED_MAIN}&amp;side=buy" data-testid="buy"' in page
    assert "以表格查看分时" in page
    assert "今日分时至 14:31" in part(page, "line-sentence")


def test_a_suspended_stock_is_grey_and_shows_its_last_close(site: Site) -> None:
    """停牌, the previous close, no percentage, no figure of today."""
    page = site.page(f"/market/{SEED_SUSPENDED}")

    quote = site.world.market.quote(SEED_SUSPENDED)
    assert quote is not None
    assert part(page, "price") == f"{quote.previous_close_milli / 1000:.2f} 停牌"
    assert part(site.page("/market/search?q=600585"), "quote-600585.SH").endswith("停牌")
    assert "is-suspended" in page
    assert "停牌中" in page
    assert "0手" not in part(page, "facts")
    assert re.search(r"成交量 -- 成交额 --", part(page, "facts"))
    assert 'href="/trade/ticket?symbol=600585.SH&amp;side=buy&amp;price=' not in page


def test_a_sealed_stock_has_an_empty_side(site: Site) -> None:
    """At the limit up nobody sells: -- five times, and 涨停 beside the price; down likewise."""
    page = site.page(f"/market/{SEED_SEALED_UP}")
    assert part(page, "price").endswith("涨停")
    assert [part(page, f"level-ask-{n}") for n in (1, 5)] == ["卖一 -- --", "卖五 -- --"]
    assert part(page, "level-bid-1") != "买一 -- --"

    page = site.page(f"/market/{SEED_SEALED_DOWN}")
    assert part(page, "price").endswith("跌停")
    assert part(page, "level-bid-1") == "买一 -- --"


def test_a_new_stock_says_that_it_has_no_limits(site: Site) -> None:
    """N before the name, its first day, no limit prices."""
    page = site.page(f"/market/{SEED_NEW}")

    assert "N艾芬达" in page
    assert "上市第 1 个交易日" in page
    assert "今日不设涨跌幅限制" in page
    assert re.search(r'涨停</dt><dd class="ui-figure is-flat" data-fact="limit-up">--<', page)


def test_a_stock_under_risk_warning_says_so(site: Site) -> None:
    """ST in the name and a word beside it."""
    page = site.page(f"/market/{SEED_ST}")

    assert 'is-attention">风险警示<' in page
    assert ">ST" in page


def test_an_index_cannot_be_traded(site: Site) -> None:
    """No levels, no buttons, its own unit, the tabs of the house instead."""
    page = site.page(f"/market/{SEED_INDEX}")

    assert 'data-testid="depth"' not in page
    assert 'data-testid="buy"' not in page
    assert 'data-testid="tab-quotes"' in page
    assert re.search(r'aria-label="上证指数 最新 [\d.]+ 点', page)
    assert "市盈" not in page


def test_a_fund_has_three_decimals_and_no_earnings(site: Site) -> None:
    """Prices to 1/1000 yuan; 市盈 is for shares."""
    page = site.page(f"/market/{SEED_ETF}")

    assert re.search(r"^\d\.\d{3} ", part(page, "price"))
    assert "市盈" not in page


def test_what_comes_to_a_stock_is_listed(site: Site) -> None:
    """Record day, ex day and payment of a coming dividend, the coming ones first."""
    events = part(site.page("/market/600900.SH"), "events")

    assert "每10股派7.33元" in site.page("/market/600900.SH")
    assert "相关事件" in events or "股权登记" in events


def test_on_its_ex_day_a_stock_says_so(own_site: Site) -> None:
    """XD before the name, and what was paid."""
    own_site.world.step("2026-11-30T10:00:03")
    page = own_site.page("/market/600900.SH")

    assert "XD长江电力" in page
    assert "今日除权除息" in page


def test_before_the_opening_call_the_figures_are_yesterday_s(own_site: Site) -> None:
    """They are labelled, with their own time."""
    page = own_site.page(f"/market/{SEED_MAIN}")

    assert part(page, "state").startswith("昨日 盘前 11-23 15:00:00")


def test_in_the_opening_call_there_is_no_price_but_a_reference(own_site: Site) -> None:
    """Missing is --, never 0; the call's own price is named as what it is."""
    own_site.world.step("2026-11-24T09:20:03")
    page = own_site.page(f"/market/{SEED_MAIN}")

    assert part(page, "price") == "-- -- --"
    assert re.search(r"集合竞价 11-24 09:20:03 竞价参考价 [\d.]+", part(page, "state"))
    assert part(page, "facts").startswith("今开 -- 最高 -- 最低 --")
    assert "开盘后显示走势" in page


def test_old_figures_are_greyed_with_their_age(site: Site) -> None:
    """A feed that fell silent: the page says for how long, and nothing turns to 0."""
    site.world.wall.sleep(42)

    for address in ("/market/", f"/market/{SEED_MAIN}"):
        page = site.page(address)
        assert "行情延迟，以下数据已有 42 秒没有更新" in page
        assert "is-stale" in page
        assert not re.search(r'data-testid="stale" hidden', page)


def test_an_unknown_symbol_says_what_to_do(site: Site) -> None:
    """Wrong form and nothing of this name are told apart."""
    assert "没有这个证券代码" in site.page("/market/moutai", status=404)
    assert "没有找到这只证券" in site.page("/market/688999.SH", status=404)


def test_candles_have_a_table_for_those_who_read(site: Site) -> None:
    """Without script the newest days stand in a table, the latest first."""
    page = site.page(f"/market/{SEED_MAIN}?chart=bars")
    days = re.findall(r'<tr><th scope="row">(\d{4}-\d\d-\d\d)<', page)

    assert len(days) == 20
    assert days == sorted(days, reverse=True)
    assert re.search(r'data-part="line" hidden', page)


@pytest.mark.parametrize(
    ("words", "name"),
    [("600519", "贵州茅台"), ("GZMT", "贵州茅台"), ("茅台", "贵州茅台"), ("835185", "贝特瑞")],
)
def test_search_finds_by_code_initials_name_and_old_code(site: Site, words: str, name: str) -> None:
    """The results page works without script."""
    assert name in part(site.page(f"/market/search?q={words}"), "search-found")


def test_a_search_without_result_or_words_says_what_to_do(site: Site) -> None:
    """Both are drawn; what was typed is shown as text."""
    nothing = site.page("/market/search?q=<b>xyz</b>")
    assert "没有找到“&lt;b&gt;xyz&lt;/b&gt;”" in nothing

    assert "想看哪只证券" in site.page("/market/search")


def test_a_follower_adds_moves_and_removes(site: Site) -> None:
    """By forms: the newest on top, then moved, then gone; each leads back with a 303."""
    site.source.visitor = FOLLOWER
    assert site.post("/market/watchlist", action="add", symbol=SEED_MAIN, back="stock") == (
        303,
        f"/market/{SEED_MAIN}",
    )
    site.post("/market/watchlist", action="add", symbol=SEED_BSE)
    assert "已自选" in part(site.page(f"/market/{SEED_MAIN}"), "watch")

    site.post("/market/watchlist", action="up", symbol=SEED_MAIN)
    page = site.page("/market/watchlist")
    assert page.index(f"own-{SEED_MAIN}") < page.index(f"own-{SEED_BSE}")
    assert part(site.page("/market/"), "watchlist").startswith("贵州茅台")

    answer = site.post("/market/watchlist", action="remove", symbol=SEED_BSE)
    assert answer == (303, "/market/watchlist")
    assert site.world.market.watchlist("c1") == [SEED_MAIN]


def test_the_list_is_for_those_who_are_known(site: Site) -> None:
    """A visitor is asked to sign in; an unknown action or symbol is refused."""
    assert site.client.get("/market/watchlist").status_code == 401

    site.source.visitor = FOLLOWER
    assert site.post("/market/watchlist", action="burn", symbol=SEED_MAIN)[0] == 422
    assert site.post("/market/watchlist", action="add", symbol="688999.SH")[0] == 404


def test_one_customer_s_list_is_not_another_s(site: Site) -> None:
    """Lists are drawn once for all, but never somebody's own for somebody else."""
    site.source.visitor = FOLLOWER
    site.world.market.watch("c1", SEED_BSE)
    assert "贝特瑞" in part(site.page("/market/"), "watchlist")

    site.source.visitor = FOLLOWER.__class__(tier=FOLLOWER.tier, customer_id="c2")
    site.world.market.watch("c2", SEED_MAIN)
    assert "贝特瑞" not in part(site.page("/market/"), "watchlist")


def test_readers_with_different_looks_get_different_pages(own_site: Site) -> None:
    """The page of strangers is drawn once for each look that somebody chose."""
    config = own_site.app.config["H5APP"]
    Appearance(config).install(own_site.app)
    plain, dark = own_site.app.test_client(), own_site.app.test_client()
    dark.set_cookie(cookie_name(config, "look"), Look(theme="dark").as_text())

    for _ in range(2):
        assert 'data-weui-theme="auto"' in plain.get("/market/").text
        assert 'data-weui-theme="dark"' in dark.get("/market/").text


def test_public_pages_may_be_kept_and_private_ones_not(site: Site) -> None:
    """A visitor's page is no-cache, a customer's no-store."""
    assert site.client.get("/market/").headers["Cache-Control"] == "no-cache"

    site.source.visitor = FOLLOWER
    assert site.client.get("/market/").headers["Cache-Control"] == "no-store"
