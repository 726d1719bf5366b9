"""The pages of alerts: set, see what waits and what fired, arm again, remove."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from h5app.identity.model import STRANGER
from h5app.market import store_alerts
from h5app.market.alerting import ALERTS_MAX
from h5app.market.alerts import Alert, AlertKind
from h5app.market.seed import SEED_ETF, SEED_INDEX, SEED_MAIN
from tests.market.market_site import FOLLOWER, Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-11-24T14:30:03"
ADDRESS = f"/market/{SEED_MAIN}/alerts"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market at NOW."""
    with opened_site(tmp_path_factory.mktemp("site"), sqlite_template, NOW) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """A follower's phone; he waits for nothing yet."""
    shared_site.source.visitor = FOLLOWER
    shared_site.world.loop.step(shared_site.world.clock.now())
    yield shared_site
    for customer in ("c1", "c2"):
        for alert in shared_site.alerting.alerts(customer):
            shared_site.alerting.remove(customer, alert.alert_id)


def fired(site: Site, value: str) -> str:
    """Set an alert and note it as fired at 1500.00; return its id."""
    site.post(ADDRESS, kind="price_rises_to", value=value)
    (alert,) = site.alerting.alerts("c1")
    assert site.alerting._fire(alert, 1_500_000, "")
    return alert.alert_id


def refused(site: Site, address: str, **fields: str) -> str:
    """Send a form that cannot be kept; return the page that came back."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', site.page(ADDRESS))
    assert token is not None
    answer = site.client.post(address, data=fields | {"csrf_token": token[1]})
    assert answer.status_code == 422, answer.text[:300]
    return answer.text


def test_nothing_is_waited_for_yet(site: Site) -> None:
    """The list says how one begins; the form shows the price as it is."""
    assert "还没有提醒" in site.page("/market/alerts")

    page = site.page(ADDRESS)
    assert part(page, "alert-quote").startswith("贵州茅台")
    assert re.search(r"\d+\.\d\d", part(page, "alert-quote"))
    words = part(page, "kind")
    assert words == "价格涨到（元） 价格跌到（元） 涨幅达到（%） 跌幅达到（%） 新公告"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("price_rises_to", "9999.00", "价格涨到 9999.00 元"),
        ("price_falls_to", " 12.5 ", "价格跌到 12.50 元"),
        ("change_rises_to", "20.5", "涨幅达到 20.50%"),
        ("change_falls_to", "20%", "跌幅达到 20.00%"),
        ("announcement", "", "新公告"),
    ],
)
def test_an_alert_of_each_kind_is_set(site: Site, kind: str, value: str, words: str) -> None:
    """The form leads back to itself; the list and the form both say what is waited for."""
    assert site.post(ADDRESS, kind=kind, value=value) == (303, f"{ADDRESS}?said=added")

    assert words in part(site.page(ADDRESS), "alerts-here")
    listed = part(site.page("/market/alerts"), "alerts-waiting")
    assert listed.startswith(f"贵州茅台 {SEED_MAIN} {words} 等待中")
    assert "重新启用" not in listed


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("price_rises_to", "", "请填写大于 0、不超过 1000 万的价格"),
        ("price_rises_to", "abc", "请填写大于 0、不超过 1000 万的价格"),
        ("price_rises_to", "0", "请填写大于 0、不超过 1000 万的价格"),
        ("price_rises_to", "-3", "请填写大于 0、不超过 1000 万的价格"),
        ("price_rises_to", "10000000.01", "请填写大于 0、不超过 1000 万的价格"),
        ("price_rises_to", "9999.005", "股票最多 2 位小数"),
        ("change_rises_to", "300.01", "涨幅不超过 300%"),
        ("change_rises_to", "-5", "请填写大于 0 的涨跌幅"),
        ("change_falls_to", "100.01", "跌幅不超过 100%"),
        ("change_falls_to", "5.005", "最多 2 位小数"),
        ("price_falls_to", "99999", "现在的行情已经达到这个条件"),
    ],
)
def test_a_value_that_cannot_be_waited_for_comes_back(
    site: Site, kind: str, value: str, sentence: str
) -> None:
    """The sentence stands at the field, which keeps what was written; nothing is kept."""
    page = refused(site, ADDRESS, kind=kind, value=value)

    error = re.search(r'<span class="ui-field__error">([^<]+)', page)
    assert error is not None
    assert sentence in error[1]
    assert f'value="{value}"' in page
    assert f'<option value="{kind}" selected>' in page
    assert site.alerting.alerts("c1") == []


def test_an_unknown_kind_symbol_or_action_is_refused(site: Site) -> None:
    """Each with its sentence; another customer's alert is none of ours."""
    assert "提醒条件无法识别" in part(refused(site, ADDRESS, kind="moon", value="1"), "toptips")
    assert site.client.get("/market/999999.SH/alerts").status_code == 404
    assert site.post("/market/999999.SH/alerts", kind="announcement")[0] == 404
    other = site.alerting.add("c2", SEED_MAIN, "announcement")
    address = f"/market/alerts/{other.alert_id}"
    assert site.post(address, action="burn")[0] == 422
    assert site.post(address, action="arm")[0] == 404
    site.post(address, action="remove")
    assert len(site.alerting.alerts("c2")) == 1
    assert "还没有提醒" in site.page("/market/alerts")


def test_there_is_room_for_so_many(site: Site) -> None:
    """One more than the most is refused above the form."""
    for number in range(ALERTS_MAX):
        site.alerting.add("c1", SEED_MAIN, "price_rises_to", 9_000_000 + 10 * number)

    page = refused(site, ADDRESS, kind="price_rises_to", value="9900")
    assert f"最多 {ALERTS_MAX} 条" in part(page, "toptips")


def test_a_fired_alert_says_when_and_at_what_price_and_is_armed_again(site: Site) -> None:
    """It stands first, with the market's time; armed again it waits and names the last time."""
    alert_id = fired(site, "9999")

    line = part(site.page("/market/alerts"), "alerts-fired")
    assert "已触发 11-24 14:30:03 当时 1500.00" in line

    answer = site.post(f"/market/alerts/{alert_id}", action="arm")
    assert answer == (303, "/market/alerts?said=armed")
    line = part(site.page("/market/alerts?said=armed"), "alerts-waiting")
    assert "等待中 上次 11-24 14:30:03" in line


def test_what_is_so_already_is_not_armed_again(site: Site) -> None:
    """The list says why, in place."""
    wish = Alert(
        alert_id="a1",
        customer_id="c1",
        symbol=SEED_MAIN,
        kind=AlertKind.PRICE_RISES_TO,
        threshold=10,
        is_armed=False,
        armed_at=site.world.wall.now(),
        firings=1,
    )
    with site.world.database.write() as connection:
        store_alerts.add(connection, wish)

    page = refused(site, "/market/alerts/a1", action="arm")
    assert "现在的行情已经达到这个条件" in part(page, "toptips")


def test_an_alert_is_removed_where_one_stands(site: Site) -> None:
    """From the list back to the list, from an instrument's page back to it."""
    site.post(ADDRESS, kind="announcement")
    (alert,) = site.alerting.alerts("c1")
    address = f"/market/alerts/{alert.alert_id}"

    answer = site.post(address, action="remove", symbol=SEED_MAIN)
    assert answer == (303, f"{ADDRESS}?said=removed")
    assert site.post(address, action="remove") == (303, "/market/alerts?said=removed")
    assert "alerts-here" not in site.page(ADDRESS)


def test_an_index_counts_in_points_and_a_fund_in_thousandths(site: Site) -> None:
    """Neither 元 nor announcements for an index; three decimals for a fund."""
    index = f"/market/{SEED_INDEX}/alerts"
    assert part(site.page(index), "kind").startswith("价格涨到（点）")
    assert "新公告" not in part(site.page(index), "kind")
    site.post(index, kind="price_rises_to", value="9000")
    assert "价格涨到 9000.00 点" in part(site.page(index), "alerts-here")

    fund = f"/market/{SEED_ETF}/alerts"
    assert site.post(fund, kind="price_rises_to", value="99.125")[0] == 303
    assert "价格涨到 99.125 元" in part(site.page(fund), "alerts-here")


def test_scripts_speak_json(site: Site) -> None:
    """The same addresses answer with every alert; a refusal carries its code."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', site.page(ADDRESS))
    assert token is not None
    headers = JSON | {"X-CSRFToken": token[1]}
    wish = {"kind": "change_falls_to", "value": "20"}
    answer = site.client.post(ADDRESS, json=wish, headers=headers)
    (row,) = answer.get_json()["alerts"]
    assert (row["symbol"], row["kind"], row["threshold"]) == (SEED_MAIN, "change_falls_to", -2_000)
    assert (row["is_armed"], row["fired_at"], row["fired_milli"]) == (True, None, None)
    assert site.client.get("/market/alerts", headers=JSON).json == answer.json

    wrong = site.client.post(ADDRESS, json=wish | {"value": "x"}, headers=headers)
    assert wrong.status_code == 422
    assert wrong.get_json()["error"]["code"] == "market.bad_alert_change"
    address = f"/market/alerts/{row['alert_id']}"
    gone = site.client.post(address, json={"action": "remove"}, headers=headers)
    assert gone.json == {"alerts": []}


def test_alerts_are_for_those_who_are_known(site: Site) -> None:
    """A stranger is asked to sign in."""
    site.source.visitor = STRANGER

    assert site.client.get("/market/alerts").status_code == 401
    assert site.client.get(ADDRESS).status_code == 401
