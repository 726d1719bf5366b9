"""Which template of the account carries which kind of notice: configured, found, or added."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.notify.model import NoticeKind
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.wechat.service import WeChat, build_wechat
from tests.wechat.fake_platform import Asked, FakePlatform
from tests.wechat.notices import ORDER, House, template


def ensured(
    config: Config, database: Database, wall: FrozenClock, outbox: Outbox, setting: str = ""
) -> tuple[list[str], WeChat]:
    """Return what an operator must do, and the channel."""
    wechat = build_wechat(replace(config, wechat_templates=setting), database, wall, outbox)
    return wechat.book.ensure(), wechat


def test_a_configured_template_goes_before(
    house: House, config: Config, sqlite_database: Database, wall: FrozenClock, outbox: Outbox
) -> None:
    """The operator's id is used although another has the right title."""
    problems, wechat = ensured(
        config, sqlite_database, wall, outbox, "order_filled=T_CASH, reminder=T_REMINDER"
    )

    found = wechat.book.template(NoticeKind.ORDER_FILLED)

    assert problems == []
    assert found is not None
    assert found.template_id == "T_CASH"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("order_filled=T_NOWHERE", "没有模板 T_NOWHERE"),
        ("order_fill=T_FILLED", "不认识的类型 order_fill"),
    ],
)
def test_a_wrong_setting_is_said(
    house: House,
    config: Config,
    sqlite_database: Database,
    wall: FrozenClock,
    outbox: Outbox,
    setting: str,
    words: str,
) -> None:
    """A mistyped kind and an unknown id are named."""
    problems, _wechat = ensured(config, sqlite_database, wall, outbox, setting)

    assert any(words in problem for problem in problems)


@pytest.mark.parametrize(
    "content",
    [
        "金额:{{amount1.DATA}}\n时间:{{time2.DATA}}",
        "编号:{{character_string1.DATA}}",
        "一:{{thing1.DATA}}\n二:{{thing2.DATA}}\n三:{{thing3.DATA}}",
        "{{first.DATA}}\n成交:{{keyword1.DATA}}\n{{remark.DATA}}",
        "没有字段",
    ],
)
def test_a_template_that_wants_figures_is_not_used(
    wechat: WeChat, platform: FakePlatform, content: str
) -> None:
    """A field that no notice fills without figures makes a template unusable; one is added."""
    standing = [template("T_OLD", "成交通知", content)]

    def add(asked: Asked) -> Any:
        assert asked.json["keyword_name_list"]
        fresh = template(f"T_NEW{len(standing)}", asked.json["template_id_short"], ORDER)
        standing.append(fresh)
        return {"errcode": 0, "template_id": fresh["template_id"]}

    platform.reply(
        "/cgi-bin/template/get_all_private_template", lambda _asked: {"template_list": standing}
    )
    platform.reply("/cgi-bin/template/api_add_template", add)

    assert wechat.book.ensure() == []
    found = wechat.book.template(NoticeKind.ORDER_FILLED)
    assert found is not None
    assert found.template_id.startswith("T_NEW")


def test_without_any_template_an_operator_is_told(wechat: WeChat, platform: FakePlatform) -> None:
    """A library that gives none leaves one sentence per kind."""
    platform.reply("/cgi-bin/template/get_all_private_template", {"template_list": []})
    platform.reply("/cgi-bin/template/api_add_template", {"errcode": 40037, "errmsg": "x"})

    problems = wechat.book.ensure()

    assert len(problems) == len(NoticeKind)
    assert "成交通知: 没有可用的模板" in problems[0]


def test_a_missing_template_is_not_asked_for_all_the_time(
    wechat: WeChat, platform: FakePlatform, wall: FrozenClock
) -> None:
    """After a search that found nothing the platform is left alone for ten minutes."""
    platform.reply("/cgi-bin/template/get_all_private_template", {"template_list": []})
    platform.reply("/cgi-bin/template/api_add_template", {"errcode": 40037, "errmsg": "x"})
    problems = wechat.book.ensure()
    asked = len(platform.asked)

    assert wechat.book.ensure() == problems
    assert len(platform.asked) == asked
    wall.advance(timedelta(minutes=11))
    wechat.book.ensure()
    assert len(platform.asked) > asked
