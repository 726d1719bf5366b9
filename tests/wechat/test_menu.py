"""The menu: one file, checked before it is sent, compared with what stands on the platform."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from h5app.identity.model import CustomerBound, CustomerUnbound
from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.wechat.commands import add_menu_arguments, run_menu
from h5app.wechat.menu import MenuNotValid, checked_menu, preview, read_menu
from h5app.wechat.service import WeChat
from tests.wechat.fake_platform import Asked, FakePlatform

CREATE, CONDITIONAL, GET = (
    "/cgi-bin/menu/create",
    "/cgi-bin/menu/addconditional",
    "/cgi-bin/menu/get",
)


def keeps_menus(platform: FakePlatform) -> None:
    """Let the stand-in platform keep what is published."""
    standing: dict[str, Any] = {}

    def create(asked: Asked) -> Any:
        standing["menu"] = asked.json
        return {"errcode": 0}

    def add(asked: Asked) -> Any:
        standing["conditionalmenu"] = [asked.json]
        return {"menuid": "1"}

    def delete(_asked: Asked) -> Any:
        standing.clear()
        return {"errcode": 0}

    platform.reply(CREATE, create)
    platform.reply(CONDITIONAL, add)
    platform.reply("/cgi-bin/menu/delete", delete)
    platform.reply(GET, lambda _asked: standing or {"errcode": 46003, "errmsg": "no menu"})
    platform.reply("/cgi-bin/tags/get", {"tags": [{"id": 101, "name": "bound"}]})


def run(wechat: WeChat, *words: str) -> tuple[int, list[str]]:
    """Run the command as the terminal does."""
    parser = ArgumentParser()
    add_menu_arguments(parser)
    return run_menu(parser.parse_args(words), wechat.menu)


def test_the_file_is_a_menu_that_the_platform_takes() -> None:
    """3 x up to 5, every entry in the table, names within their bytes."""
    plan = checked_menu(read_menu())

    assert [top.name for top in plan.default] == ["行情", "交易", "服务"]
    assert all(1 <= len(top.buttons) <= 5 for top in (*plan.default, *plan.bound))
    assert {"quotes", "positions", "orders", "calendar", "me", "binding"} <= set(plan.entries)


def test_bound_customers_see_no_binding_entry() -> None:
    """Who is bound has the same menu without 绑定账户."""
    plan = read_menu()

    def names(buttons: Any) -> list[str]:
        return [one.name for top in buttons for one in top.buttons]

    assert "绑定账户" in names(plan.default)
    assert "绑定账户" not in names(plan.bound)


def test_published_buttons_are_entries_by_name(
    wechat: WeChat, platform: FakePlatform, config: Config
) -> None:
    """The platform gets /go/<entry> of the public address, in UTF-8 without escapes."""
    keeps_menus(platform)

    code, lines = run(wechat, "publish")

    sent = platform.calls(CREATE)[0]
    urls = [one["url"] for top in sent.json["button"] for one in top["sub_button"] if "url" in one]
    assert (code, lines[0][:5]) == (0, "菜单已发布")
    assert f"{config.base_url}/go/positions" in urls
    assert all(url.startswith(f"{config.base_url}/go/") for url in urls)
    assert "行情".encode() in sent.body
    assert b"\\u" not in sent.body
    assert platform.calls(CONDITIONAL)[0].json["matchrule"] == {"tag_id": "101"}


def test_what_stands_there_is_compared(wechat: WeChat, platform: FakePlatform) -> None:
    """Nothing published differs everywhere; after publishing nothing does; a change is named."""
    keeps_menus(platform)
    code, lines = run(wechat, "diff")
    assert code == 1
    assert any("default 1: -- -> 行情" in line for line in lines)

    run(wechat, "publish")
    assert run(wechat, "diff") == (0, ["公众平台上的菜单与文件一致"])

    standing = platform.answers[GET]

    def changed(asked: Asked) -> Any:
        found = standing(asked)
        found["menu"]["button"][0]["name"] = "老行情"
        return found

    platform.reply(GET, changed)
    assert run(wechat, "diff") == (1, ["default 1: 老行情 -> 行情"])


def test_a_preview_asks_nobody(wechat: WeChat, platform: FakePlatform) -> None:
    """The preview is the file as text, without the network."""
    code, lines = run(wechat, "preview")

    assert code == 0
    assert "[default] 行情" in lines
    assert platform.asked == []
    assert "\n".join(lines) == preview(read_menu())


def test_a_platform_that_refuses_is_said(wechat: WeChat, platform: FakePlatform) -> None:
    """The command ends with 1 and a sentence."""
    keeps_menus(platform)
    platform.reply(CREATE, {"errcode": 48001, "errmsg": "api unauthorized rid: 1"})

    code, lines = run(wechat, "publish")

    assert code == 1
    assert lines[0].startswith("未完成: ")


HEAD = '[entries]\nquotes = "/market/"\n[[default]]\n'
SIX = '{name="a", entry="quotes"},' * 6
WRONG = {
    "not toml": ("default = [", "not toml"),
    "no default": ('[entries]\nquotes = "/market/"', "default"),
    "another part": (HEAD + 'name = "行情"\nentry = "quotes"\n[other]\na = 1', "other"),
    "unknown entry": (HEAD + 'name = "行情"\nentry = "nowhere"', "no entry is called nowhere"),
    "an address": (HEAD + 'name = "行情"\nurl = "https://x.example"', "unknown settings"),
    "a long name": (HEAD + 'name = "行情与交易吧"\nentry = "quotes"', "18 bytes, at most 16"),
    "no name": (HEAD + 'entry = "quotes"', "a name of 0 bytes"),
    "two things": (HEAD + 'name = "行情"\nentry = "quotes"\nkey = "k"', "exactly one"),
    "a long key": (HEAD + f'name = "行情"\nkey = "{"k" * 129}"', "longer than 128"),
    "four": (HEAD + ('name = "行情"\nentry = "quotes"\n[[default]]\n' * 4)[:-12], "1 to 3"),
    "six below": (HEAD + f'name = "行情"\nbuttons = [{SIX}]', "at most 5"),
    "three levels": (
        HEAD + 'name = "行情"\nbuttons = [{name="a", buttons=[{name="b", entry="quotes"}]}]',
        "two levels",
    ),
    "foreign entry": ('[entries]\nq = "//evil.example"\n[[default]]\nname="a"\nentry="q"', "q"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_not_sent(
    wechat: WeChat, platform: FakePlatform, tmp_path: Path, name: str
) -> None:
    """Each problem is named, and the platform's menu stays as it is."""
    text, problem = WRONG[name]
    path = tmp_path / "menu.toml"
    path.write_text(text, "utf-8")

    code, lines = run(wechat, "publish", "--file", str(path))

    assert code == 1
    assert platform.asked == []
    if name != "not toml":
        assert any(problem in line for line in lines), lines


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Who mends a file need not publish it once per mistake."""
    path = tmp_path / "menu.toml"
    path.write_text(
        '[[default]]\nname = "行情与交易吧"\nentry = "x"\n[[bound]]\nname = "a"\nentry = "y"',
        "utf-8",
    )

    with pytest.raises(MenuNotValid) as wrong:
        checked_menu(read_menu(path))

    assert len(wrong.value.details["problems"]) == 3


def test_binding_gives_the_tag_of_the_other_menu(
    wechat: WeChat, platform: FakePlatform, wall: FrozenClock
) -> None:
    """Bound customers get the tag, unbound ones lose it; who does not follow changes nothing."""
    keeps_menus(platform)
    account, at = "10000001", wall.now()
    bound = CustomerBound(customer_id="c1", account_id=account, openid="oUSER1", at=at)
    gone = CustomerUnbound(customer_id="c1", account_id=account, openid="oUSER1", at=at)

    wechat.bound_menu.on_customer_bound(bound)
    wechat.bound_menu.on_customer_unbound(gone)
    platform.reply("/cgi-bin/tags/members/batchtagging", {"errcode": 49003, "errmsg": "x"})
    wechat.bound_menu.on_customer_bound(bound)

    given = platform.calls("/cgi-bin/tags/members/batchtagging")
    taken = platform.calls("/cgi-bin/tags/members/batchuntagging")
    assert [one.json for one in given] == [{"openid_list": ["oUSER1"], "tagid": 101}] * 2
    assert [one.json for one in taken] == [{"openid_list": ["oUSER1"], "tagid": 101}]
