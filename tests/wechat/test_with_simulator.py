"""The channel and the simulator over real HTTP: neither knows the other's code."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask, Response

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.clock import SystemClock
from h5app.notify.model import NoticeKind
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Handler, Outbox
from h5app.wechat.commands import run_menu
from h5app.wechat.menu import MENU_FILE
from h5app.wechat.model import Answer, Card, Question, TemplateJobFinished
from h5app.wechat.service import build_wechat
from tests.conftest import free_port
from tests.simulator.served import RunningSimulator, Server, wait_until
from tests.wechat.conftest import FakeSessions, routes
from tests.wechat.notices import TELL, Names
from tests.wechat.outbound import leaks_in_log


def desk(question: Question) -> Answer | None:
    """Know one security."""
    if question.words != "茅台":
        return None
    return Answer(card=Card(title="贵州茅台", description="示例", path="/market/600519.SH"))


class Reached:
    """Gives one openid to everybody."""

    def __init__(self) -> None:
        self.openid = ""

    def address(self, _customer_id: str, _channel_name: str) -> str | None:
        """Return the phone's openid."""
        return self.openid


class Together:
    """A simulator and the channel's own server, in one process, over loopback."""

    def __init__(self, home: Path, config: Config, database: Database) -> None:
        port = free_port()
        # The simulator asks for its account's address; ours asks for the simulator's.
        self.simulator = RunningSimulator(
            home,
            _Address(f"http://127.0.0.1:{port}"),  # type: ignore[arg-type] # only its url is read
            callback_timeout_seconds=5.0,
        )
        base = self.simulator.url
        self.config = replace(
            config,
            port=port,
            base_url=f"http://127.0.0.1:{port}",
            simulator_port=self.simulator.settings.port,
            wechat_api_base=base,
            wechat_oauth_base=base,
            wechat_mp_base=base,
        )
        clock = SystemClock()
        self.outbox = Outbox(database, clock)
        self.wechat = build_wechat(self.config, database, clock, self.outbox, desk)
        self.sessions = FakeSessions()
        self._server = Server(self._app(), port)
        reached, names = Reached(), Names()
        reached.openid = self.simulator.openid("u1")
        self.notifier = Notifier(
            database,
            market=_Noon(),
            wall=clock,
            channels=self.wechat.channels,
            addresses=reached,
        )
        self.wechat.template_jobs.results_to(self.notifier.record_result)
        self.telling = Telling(self.notifier, names, names.names.get)

    def _app(self) -> Flask:
        app = routes(self.config, self.wechat, self.sessions)

        @app.get("/trade/positions")
        @requires(Tier.VISITOR)
        def positions() -> Response:
            return Response(f"持仓 {visitor().openid}")

        return app

    def menu(self, action: str) -> tuple[int, list[str]]:
        """Run the menu command."""
        return run_menu(Namespace(action=action, file=MENU_FILE), self.wechat.menu)

    def open(self, address: str, user: str = "u1") -> tuple[list[str], Any]:
        """Open an address in a phone's web view; return the paths it went through and the page."""
        cookies: dict[str, str] = {}
        path, went = address, []
        for _ in range(8):
            went.append(urlsplit(path).path)
            page = self.simulator.phone("GET", path, user, cookies=cookies)
            cookies |= page.cookies.get_dict()
            self.simulator.client.cookies.clear()
            if page.status_code != 302:
                return went, page
            parts = urlsplit(page.headers["Location"])
            assert parts.netloc in {"", f"{user}.localhost:{self.simulator.settings.port}"}
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        raise AssertionError(went)

    def cards(self) -> list[Any]:
        """Return the template cards in the first phone's chat."""
        return [one["body"] for one in self.simulator.chat() if one["kind"] == "template"]

    def told(self, tell: Callable[[Telling], None]) -> None:
        """Tell a fact, and deliver it."""
        tell(self.telling)
        self.notifier.deliver_due()

    def log(self) -> Any:
        """Return what the simulator wrote down of both directions."""
        return self.simulator.client.get(f"{self.simulator.url}/log.json").json()

    def stop(self) -> None:
        """Stop both."""
        self.simulator.stop()
        self._server.stop()


class _Address:
    def __init__(self, url: str) -> None:
        self.url = url


class _Noon(SystemClock):
    """Never night."""

    def now(self) -> Any:
        """Return noon of today."""
        return super().now().replace(hour=12)


@pytest.fixture
def together(tmp_path: Path, config: Config, sqlite_database: Database) -> Iterator[Together]:
    """Both, running."""
    both = Together(tmp_path / "simulator", config, sqlite_database)
    yield both
    log = both.log()
    both.stop()
    assert leaks_in_log(log, both.wechat.account) == []


@pytest.mark.contract
def test_a_menu_is_published_and_found_there(together: Together) -> None:
    """What was published is what stands there, and a tap opens the entry."""
    assert together.menu("diff")[0] == 1
    assert together.menu("publish")[0] == 0
    assert together.menu("diff") == (0, ["公众平台上的菜单与文件一致"])

    tapped = together.simulator.do("tap", top=1, sub=3)
    assert urlsplit(tapped["open"]).path == "/go/positions"


@pytest.mark.contract
def test_a_tap_signs_in_and_ends_at_the_page(together: Together) -> None:
    """Entry, authorization, back, page: silent, clean, and once."""
    went, page = together.open("/go/positions")

    assert went == [
        "/go/positions",
        "/connect/oauth2/authorize",
        "/wechat/oauth",
        "/trade/positions",
    ]
    assert together.simulator.openid() in page.text
    assert together.sessions.signed_in == [together.simulator.openid()]


@pytest.mark.contract
@pytest.mark.parametrize(
    ("mode", "words"),
    [("snapshot", "使用完整服务"), ("silent", "持仓")],
)
def test_how_the_phone_answers_decides(together: Together, mode: str, words: str) -> None:
    """A snapshot page signs nobody in; a follower is signed in silently."""
    together.simulator.platform.store.run(
        "UPDATE user SET oauth_mode = ? WHERE user_id = 'u1'", mode
    )

    _went, page = together.open("/go/positions")

    assert words in page.text
    assert bool(together.sessions.signed_in) is (mode == "silent")


@pytest.mark.contract
def test_every_kind_of_notice_has_a_template_and_fits(together: Together) -> None:
    """The library's templates are found by title, and each fact's card stands in the chat once."""
    assert together.wechat.book.ensure() == []
    for name, tell in TELL.items():
        together.told(tell)
        together.told(tell)
        assert len(together.cards()) == list(TELL).index(name) + 1

    states = {
        way.state
        for ways in together.notifier.inbox.ways(
            [one.notice_id for one in together.notifier.inbox.entries("c1")]
        ).values()
        for way in ways
    }
    assert states == {"sent", "spared"}
    assert together.wechat.book.template(NoticeKind.SERVICE) is not None


@pytest.mark.contract
def test_a_card_shows_no_figure_and_opens_the_notice(together: Together) -> None:
    """成交通知 as the phone draws it."""
    together.wechat.book.ensure()
    together.told(TELL["filled"])

    (card,) = together.cards()

    assert card["title"] == "成交通知"
    assert ["事项", "买入 贵*茅台"] in card["rows"]
    assert "1688" not in str(card)
    assert "600519" not in str(card)
    assert urlsplit(card["url"]).path.startswith("/me/messages/open/")


@pytest.mark.contract
def test_the_result_comes_back(together: Together) -> None:
    """The platform's event is recorded: a phone that blocks the account got nothing."""
    together.simulator.platform.store.run("UPDATE user SET is_blocking = 1 WHERE user_id = 'u1'")
    together.wechat.book.ensure()
    together.told(TELL["filled"])
    together.simulator.settle()
    finished: list[Handler] = [
        together.wechat.template_jobs.on_template_job_finished  # type: ignore[list-item]
    ]

    wait_until(lambda: bool(together.outbox.deliver_due({TemplateJobFinished: finished})))

    newest = together.notifier.inbox.entries("c1")[0].notice_id
    assert together.notifier.deliveries(newest)[0] == ("wechat", "refused", "user_block")


@pytest.mark.contract
def test_who_unfollowed_is_not_pushed_to(together: Together) -> None:
    """Unfollow reaches us by the callback; nothing is sent, and the inbox says why."""
    together.wechat.book.ensure()
    together.simulator.do("unfollow")
    together.simulator.settle()
    together.told(TELL["filled"])

    newest = together.notifier.inbox.entries("c1")[0].notice_id
    assert together.cards() == []
    assert together.notifier.deliveries(newest)[0] == ("wechat", "refused", "43004")


@pytest.mark.contract
def test_the_chat_answers(together: Together) -> None:
    """Text and voice find the security; an unheard voice and a picture are answered honestly."""
    simulator = together.simulator

    def said() -> list[Any]:
        return [one for one in simulator.chat() if one["side"] == "account"]

    simulator.do("say", text="茅台")
    wait_until(lambda: len(said()) == 1)
    simulator.do("speak", recognition="")
    wait_until(lambda: len(said()) == 2)

    assert [one["kind"] for one in said()] == ["news", "text"]
    assert "没听清" in str(said()[1]["body"])


@pytest.mark.contract
def test_a_page_is_signed_as_the_platform_checks_it(together: Together) -> None:
    """The simulator's JS-SDK finds our signature right for the page in the phone, and no other."""
    page = f"http://u1.localhost:{together.simulator.settings.port}/market/?from=menu"
    found = together.simulator.phone("GET", f"/wechat/js-config?url={quote(page)}").json()

    def reason(url: str) -> str:
        body = found | {"url": url}
        answer = together.simulator.phone("POST", "/simulator/jssdk/check", json=body)
        return str(answer.json()["reason"])

    assert reason(f"{page}#top") == ""
    assert reason(f"{page}&x=1") == "invalid signature"
