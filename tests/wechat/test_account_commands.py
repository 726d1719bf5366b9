"""What an operator asks of the account: codes, scenes, tags, quotas, media, mass messages."""

import re
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from h5app.kernel.clock import FrozenClock
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.wechat.account_commands import add_account_arguments, run_account
from h5app.wechat.mass import PER_MONTH_MAX, MassRefused
from h5app.wechat.service import WeChat
from h5app.wechat.store import follower
from h5app.wechat.transport import WeChatSilent
from tests.wechat.fake_platform import FakePlatform

MASS = "/cgi-bin/message/mass/sendall"
SCENES = """
[scenes.branch-7]
branch = "浦东营业部"
advisor = "李明"

[scenes.street]
greeting = "扫码有礼,欢迎了解投资者教育活动。"
"""


@pytest.fixture
def scenes(config: Config) -> Path:
    """The operator's file."""
    path = config.home / "scenes.toml"
    path.write_text(SCENES, "utf-8")
    return path


def run(wechat: WeChat, *words: str) -> tuple[int, str]:
    """Run the command as it is typed; return its status and what it says."""
    parser = ArgumentParser()
    add_account_arguments(parser)
    status, lines = run_account(parser.parse_args(words), wechat)
    return status, "\n".join(lines)


def followers(wechat: WeChat, database: Database, wall: FrozenClock, **by: str) -> None:
    """Let people follow, each by a scene."""
    with database.write() as connection:
        for openid, scene in by.items():
            wechat.followers.followed(connection, openid, wall.now())
            wechat.followers.attributed(connection, openid, scene)


def test_a_follower_has_the_advisor_of_the_first_code(
    wechat: WeChat, sqlite_database: Database, wall: FrozenClock, scenes: Path
) -> None:
    """Branch and advisor as the file has them; none for a code that is in no file, or for none."""
    assert scenes.exists()
    followers(wechat, sqlite_database, wall, oONE="branch-7", oTWO="gone", oTHREE="")

    named = {openid: wechat.advisor_of(openid) for openid in ("oONE", "oTWO", "oTHREE", "oNEW")}

    assert named["oONE"].endswith("李明")
    assert {named["oTWO"], named["oTHREE"], named["oNEW"]} == {""}


@pytest.mark.parametrize(
    ("words", "action", "seconds"),
    [(["--days", "7"], "QR_STR_SCENE", 604_800), ([], "QR_LIMIT_STR_SCENE", None)],
)
def test_a_code_is_made_for_a_scene(
    wechat: WeChat,
    platform: FakePlatform,
    scenes: Path,
    words: list[str],
    action: str,
    seconds: int | None,
) -> None:
    """A code for a poster or for a week; the command says what who comes by it is told."""
    assert scenes.exists()
    platform.reply("/cgi-bin/qrcode/create", {"ticket": "gQ/==", "url": "http://weixin.qq.com/q/1"})

    status, said = run(wechat, "qr", "branch-7", *words)

    asked = platform.calls("/cgi-bin/qrcode/create")[0].json
    assert (status, asked["action_name"], asked.get("expire_seconds")) == (0, action, seconds)
    assert "ticket=gQ%2F%3D%3D" in said
    assert "我是浦东营业部客户经理李明" in said


def test_a_code_beyond_the_platforms_limits_is_not_asked_for(
    wechat: WeChat, platform: FakePlatform
) -> None:
    """31 days, or a scene of 65 characters."""
    assert run(wechat, "qr", "x", "--days", "31")[0] == 2
    assert run(wechat, "qr", "x" * 65)[0] == 2
    assert not platform.calls("/cgi-bin/qrcode/create")


def test_followers_are_counted_by_their_first_scene(
    wechat: WeChat, sqlite_database: Database, wall: FrozenClock, scenes: Path
) -> None:
    """First touch counts; a scene that is not in the file is shown as such."""
    assert scenes.exists()
    followers(wechat, sqlite_database, wall, a="branch-7", b="branch-7", c="old", d="")
    followers(wechat, sqlite_database, wall, a="street")

    status, said = run(wechat, "scenes")

    assert status == 0
    assert "branch-7  关注 2" in said
    assert "street  关注 0  扫码有礼" in said
    assert "old  关注 1  不在文件里" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[scenes.a]\nphone = '1'", "只能有"),
        ("[scenes.a]\ngreeting = 'x'\n[scenes.b]\nadvisor = 5", "每一项都是文字"),
        ("[scenes.a]\ngreeting = '充10000元送礼'", "不能有金额"),
        (f"[scenes.a]\nbranch = '{'长' * 31}'", "最长 30"),
        (f"[scenes.{'a' * 65}]\nbranch = 'x'", "最长 64"),
        ("[scenes", "未完成"),
    ],
)
def test_a_wrong_file_is_said_and_greets_nobody(
    wechat: WeChat, scenes: Path, text: str, words: str
) -> None:
    """The command names what to change; what was read before goes on."""
    assert wechat.scenes.greeting("street").startswith("扫码有礼")
    scenes.write_text(text, "utf-8")

    status, said = run(wechat, "scenes")

    assert (status, words in said) == (1, True)
    assert wechat.scenes.greeting("street").startswith("扫码有礼")


def test_quotas_are_shown_and_cleared(wechat: WeChat, platform: FakePlatform) -> None:
    """Limit, use and rest of one interface; clearing names our account."""
    quota = {"daily_limit": 100, "used": 3, "remain": 97}
    platform.reply("/cgi-bin/openapi/quota/get", {"errcode": 0, "quota": quota})

    assert run(wechat, "quota", "/cgi-bin/menu/get") == (0, "每日上限 100\n已用 3\n剩余 97")
    assert run(wechat, "clear-quota")[0] == 0
    asked = platform.calls("/cgi-bin/clear_quota")[0].json
    assert asked == {"appid": wechat.account.app_id}

    platform.reply("/cgi-bin/clear_quota", {"errcode": 48006, "errmsg": "forbid"})
    assert run(wechat, "clear-quota")[0] == 1


def test_media_go_up_and_come_down(wechat: WeChat, platform: FakePlatform, tmp_path: Path) -> None:
    """A picture goes as a multipart part with a plain file name, and comes back byte for byte."""
    picture = tmp_path / "海报.png"
    picture.write_bytes(b"\x89PNG picture")
    platform.reply("/cgi-bin/media/upload", {"type": "image", "media_id": "M1"})
    platform.reply("/cgi-bin/media/get", b"\x89PNG picture")

    assert run(wechat, "upload", "image", str(picture)) == (0, "M1")
    body = platform.calls("/cgi-bin/media/upload")[0].body
    assert b'name="media"; filename="upload.png"' in body
    assert b"\x89PNG picture" in body
    assert run(wechat, "download", "M1", str(tmp_path / "back"))[0] == 0
    assert (tmp_path / "back").read_bytes() == b"\x89PNG picture"


def test_a_mass_message_is_sent_once_and_counted_by_the_month(
    wechat: WeChat, platform: FakePlatform, wall: FrozenClock
) -> None:
    """The same words twice are one; four a month, the fifth is not asked for; a month begins."""
    numbers = iter(range(1, 100))
    platform.reply("/cgi-bin/tags/get", {"tags": [{"id": 101, "name": "老客户"}]})
    platform.reply(MASS, lambda _asked: {"errcode": 0, "msg_id": next(numbers)})

    for text in ("一", "一", "二", "三", "四"):
        assert run(wechat, "mass", "老客户", text)[0] == 0
    assert len(platform.calls(MASS)) == PER_MONTH_MAX
    assert wechat.mass.sent_this_month(101) == PER_MONTH_MAX
    status, said = run(wechat, "mass", "老客户", "五")
    assert (status, "每人每月最多收到 4 次" in said) == (1, True)

    wall.advance(timedelta(days=10))
    assert run(wechat, "mass", "老客户", "五")[0] == 0


def test_a_mass_message_whose_answer_was_lost_is_not_sent_twice(
    wechat: WeChat, platform: FakePlatform
) -> None:
    """The second call carries the same clientmsgid; 45065 says that the first one was taken."""
    platform.reply("/cgi-bin/tags/get", {"tags": [{"id": 101, "name": "老客户"}]})
    platform.reply(MASS, lambda _asked: b"")
    with pytest.raises(WeChatSilent):
        wechat.mass.send("老客户", "一")
    platform.reply(MASS, {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": 5})

    assert wechat.mass.send("老客户", "一") == "submitted"

    first, second = (one.json["clientmsgid"] for one in platform.calls(MASS))
    assert first == second
    assert wechat.mass.sent_this_month(101) == 1


@pytest.mark.parametrize("text", ["", "买入 600519 正当时", "本金 10,000 元", "长" * 700])
def test_a_mass_message_with_figures_is_not_sent(
    wechat: WeChat, platform: FakePlatform, text: str
) -> None:
    """No amount, no code, and no more than a message holds; a preview neither."""
    with pytest.raises(MassRefused):
        wechat.mass.send("老客户", text)
    assert run(wechat, "mass", "老客户", text, "--preview", "o1")[0] == 1
    assert not [one for one in platform.asked if "/mass/" in one.path]


def test_tags_are_brought_to_what_we_keep(
    wechat: WeChat, platform: FakePlatform, sqlite_database: Database, wall: FrozenClock
) -> None:
    """Who is bound and lost the tag gets it; who has it and is not bound loses it."""
    followers(wechat, sqlite_database, wall, a="", b="", c="")
    with sqlite_database.write() as connection:
        bound = update(follower).where(follower.c.openid.in_(["a", "b"]))
        connection.execute(bound.values(is_bound_menu=True))
    platform.reply("/cgi-bin/tags/get", {"tags": [{"id": 100, "name": "bound"}]})
    page = {"count": 2, "data": {"openid": ["b", "c"]}, "next_openid": "c"}
    platform.reply(
        "/cgi-bin/user/tag/get",
        lambda asked: {"count": 0, "next_openid": "c"} if asked.json["next_openid"] else page,
    )

    assert run(wechat, "tags") == (0, "补上标签 1 人, 去掉 1 人")

    given = platform.calls("/cgi-bin/tags/members/batchtagging")[0].json
    taken = platform.calls("/cgi-bin/tags/members/batchuntagging")[0].json
    assert (given["openid_list"], taken["openid_list"]) == (["a"], ["c"])


def test_a_follower_is_shown_without_a_name(
    wechat: WeChat, platform: FakePlatform, sqlite_database: Database, wall: FrozenClock
) -> None:
    """The platform gives no name any more; how somebody came it does."""
    followers(wechat, sqlite_database, wall, o1="branch-7")
    platform.reply("/cgi-bin/user/info", {"subscribe": 1, "qr_scene_str": "branch-7"})

    status, said = run(wechat, "user", "o1")

    assert status == 0
    assert re.search("首次场景 branch-7", said)
