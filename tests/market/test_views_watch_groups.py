"""Groups of the own lists: made, renamed, filled and removed by forms; refusals say why."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from h5app.market.seed import SEED_BSE, SEED_MAIN
from h5app.market.watching import FIRST_GROUP, GROUPS_MAX
from tests.market.market_site import FOLLOWER, Site, opened_site, part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS, GROUPS = "/market/watchlist", "/market/watchlist/groups"
BANKS = f"{ADDRESS}?group={quote('银行')}"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """The seeded market in the afternoon of its first day."""
    folder = tmp_path_factory.mktemp("groups")
    with opened_site(folder, sqlite_template, "2026-11-24T14:30:03") as opened:
        yield opened


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """A follower with nothing but the first group, which is empty."""
    shared_site.source.visitor = FOLLOWER
    yield shared_site
    market = shared_site.world.market
    for group in market.watch_groups("c1"):
        market.remove_watch_group("c1", group.name)


def groups_of(site: Site) -> dict[str, list[str]]:
    """Return what the follower's groups hold."""
    return {one.name: list(one.symbols) for one in site.world.market.watch_groups("c1")}


def refused(site: Site, **fields: str) -> str:
    """Send a form of the groups that is refused; return the page that comes back."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', site.page("/market/"))
    assert token is not None
    answer = site.client.post(GROUPS, data=fields | {"csrf_token": token[1]})
    assert answer.status_code == 422
    return answer.text


def test_a_group_is_made_renamed_and_removed(site: Site) -> None:
    """Each form leads to the group that is then there; removing is asked about first."""
    assert site.post(GROUPS, action="add", name=" 银行 ") == (303, BANKS)
    page = site.page(BANKS)
    assert part(page, "own-groups") == "自选 0 银行 0"
    assert "这个分组还没有证券" in page
    assert 'data-testid="group-remove-go"' not in page

    renamed = f"{ADDRESS}?group={quote('大行')}"
    assert site.post(GROUPS, action="rename", group="银行", new_name="大行") == (303, renamed)
    assert site.client.get(BANKS).status_code == 404
    assert "删除“大行”，组内 0 只证券一并移出" in site.page(f"{renamed}&remove=ask")

    for _ in range(2):
        assert site.post(GROUPS, action="remove", group="大行") == (303, ADDRESS)
    assert groups_of(site) == {FIRST_GROUP: []}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "请填写分组名称,1 到 8 个字"),
        ("九个字的名称太长了", "分组名称最多 8 个字,请改短一些"),
        ("银行", "已有同名分组,请换一个名称"),
        (FIRST_GROUP, "已有同名分组,请换一个名称"),
    ],
)
def test_a_name_that_cannot_be_is_refused_beside_its_field(
    site: Site, name: str, sentence: str
) -> None:
    """For a new group and for an old one; what was typed stands there still."""
    site.world.market.add_watch_group("c1", "银行")
    site.world.market.add_watch_group("c1", "券商")

    for fields in (
        {"action": "add", "name": name},
        {"action": "rename", "group": "券商", "new_name": name},
    ):
        page = refused(site, **fields)
        assert sentence in part(page, f"group-{fields['action']}")
        assert page.count("ui-field__error") == 1
        assert f'value="{name}"' in page
    assert list(groups_of(site)) == [FIRST_GROUP, "银行", "券商"]


def test_there_are_only_so_many_groups(site: Site) -> None:
    """The form is gone when there is no room; sent all the same, it is refused."""
    for number in range(GROUPS_MAX):
        site.world.market.add_watch_group("c1", f"组{number}")

    assert "分组已满" in part(site.page(ADDRESS), "groups-full")
    assert "最多新建 10 个分组,请先删除不用的" in refused(site, action="add", name="多余")


def test_a_row_moves_to_another_group(site: Site) -> None:
    """Its button shows the other groups; one of them takes it, on top; twice is once."""
    market = site.world.market
    market.add_watch_group("c1", "银行")
    market.watch("c1", SEED_BSE, "银行")
    market.watch("c1", SEED_MAIN)
    assert 'data-testid="targets"' not in site.page(ADDRESS)
    assert "银行" in part(site.page(f"{ADDRESS}?move={SEED_MAIN}"), "targets")

    for _ in range(2):
        answer = site.post(ADDRESS, action="move", symbol=SEED_MAIN, group=FIRST_GROUP, to="银行")
        assert answer == (303, ADDRESS)
    assert groups_of(site) == {FIRST_GROUP: [], "银行": [SEED_MAIN, SEED_BSE]}
    assert site.post(ADDRESS, action="move", symbol=SEED_BSE, group="银行", to="无")[0] == 404

    assert site.post(ADDRESS, action="down", symbol=SEED_MAIN, group="银行") == (303, BANKS)
    assert groups_of(site)["银行"] == [SEED_BSE, SEED_MAIN]


def test_what_stands_in_any_group_is_watched(site: Site) -> None:
    """A stock's page says so, and its button takes it out of all of them."""
    market = site.world.market
    market.add_watch_group("c1", "银行")
    market.watch("c1", SEED_MAIN, "银行")
    market.watch("c1", SEED_MAIN)
    site.post(ADDRESS, action="remove", symbol=SEED_MAIN, group=FIRST_GROUP)
    assert "已自选" in part(site.page(f"/market/{SEED_MAIN}"), "watch")

    market.watch("c1", SEED_MAIN)
    site.post(ADDRESS, action="remove", symbol=SEED_MAIN, back="stock")
    assert market.watched("c1") == []


def test_scripts_change_groups_in_json(site: Site) -> None:
    """The answer is all groups; refusals have their code; the first group stays what it is."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', site.page("/market/"))
    assert token is not None

    def send(**body: str) -> tuple[int, Any]:
        headers = JSON | {"X-CSRFToken": token[1]}
        answer = site.client.post(GROUPS, data=json.dumps(body), headers=headers)
        return answer.status_code, answer.json

    first, banks = {"name": FIRST_GROUP, "symbols": []}, {"name": "银行", "symbols": []}
    assert send(action="add", name="银行") == (200, {"groups": [first, banks]})
    status, answer = send(action="add", name="银行")
    assert (status, answer["error"]["code"]) == (422, "market.group_name_taken")
    for action in ("rename", "remove"):
        assert send(action=action, group=FIRST_GROUP, name="别的")[0] == 404
    assert site.post(GROUPS, action="eat")[0] == 422


def test_groups_are_for_those_who_are_known(site: Site) -> None:
    """A stranger has none."""
    site.source.visitor = FOLLOWER.__class__()
    assert site.post(GROUPS, action="add", name="银行")[0] == 401
