"""What the product refuses to start with: it names the setting, and says what to do."""

import logging
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from h5app.__main__ import main
from h5app.demo.clock import DemoData, refuse_demo_data
from h5app.house import build_house
from h5app.manage import run
from h5app.manage.lock import hold
from h5app.plumbing.config import BadSetting, Config
from h5app.readiness import checks
from tests.conftest import free_port
from tests.faults.production import PRODUCTION
from tests.faults.world import World

UNUSABLE = [
    ("H5APP_PROT", "8000"),
    ("H5APP_WECHAT_APP_ID", "wx0123456789abcdef"),
    ("H5APP_", "x"),
    ("H5APP_ENV", "staging"),
    ("H5APP_PORT", "eighty"),
    ("H5APP_PORT", ""),
    ("H5APP_PORT", "0"),
    ("H5APP_PORT", "65536"),
    ("H5APP_PORT", "8001"),
    ("H5APP_SIMULATOR_PORT", "8.1"),
    ("H5APP_WORKERS", "0"),
    ("H5APP_WORKERS", "two"),
    ("H5APP_NOW", "yesterday"),
    ("H5APP_SPEED", "-1"),
    ("H5APP_RATE_LIMITS", "no"),
    ("H5APP_LOG_LEVEL", "loud"),
    ("H5APP_COUNTER", "other"),
    ("H5APP_VENUE", "other"),
    ("H5APP_MARKET_SEED", "1e3"),
    ("H5APP_MARKET_INSTRUMENTS", "-3"),
    ("H5APP_REPLAY_DAY", "2019-02-30"),
    ("H5APP_HOST", "everywhere"),
    ("H5APP_PROXY_IPS", "10.0.0.1,proxy"),
    ("H5APP_BASE_URL", "ftp://broker.example.com"),
    ("H5APP_BASE_URL", "https://"),
    ("H5APP_DATABASE_URL", "h5app.db"),
    ("H5APP_DATABASE_URL", "oracle://host/db"),
    ("H5APP_REDIS_URL", "localhost:6379"),
    ("H5APP_SMS_URL", "sms.example.com"),
    ("H5APP_WECHAT__ENCODING_AES_KEY", "short"),
    ("H5APP_WECHAT__API_BASE", "api.weixin.qq.com"),
    ("H5APP_SECRET_KEY_FILE", "/nowhere/secret"),
]
REFUSED_IN_PRODUCTION = [
    ("H5APP_SECRET_KEY", "demo-only-secret-key-never-in-production"),
    ("H5APP_SECRET_KEY", "short"),
    ("H5APP_WECHAT__APP_ID", "wxdemo0000000000"),
    ("H5APP_WECHAT__APP_SECRET", "demo-only-app-secret"),
    ("H5APP_WECHAT__TOKEN", "demoToken2026"),
    ("H5APP_WECHAT__ENCODING_AES_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ("H5APP_RATE_LIMITS", "off"),
    ("H5APP_NOW", "2026-11-24T09:29:30"),
    ("H5APP_SPEED", "60"),
    ("H5APP_WORKERS", "2"),
    ("H5APP_BASE_URL", "http://broker.example.com"),
    ("H5APP_BASE_URL", ""),
    ("H5APP_WECHAT__API_BASE", "http://127.0.0.1:8001"),
    ("H5APP_WECHAT__OAUTH_BASE", "https://localhost:8001"),
    ("H5APP_WECHAT__MP_BASE", "http://api.weixin.qq.com"),
    ("H5APP_WECHAT__JS_URL", "http://127.0.0.1:8001/open/js/jweixin-1.6.0.js"),
    ("H5APP_SMS_URL", "http://127.0.0.1:8001/sms"),
]


def refusal_of(settings: Mapping[str, str]) -> str:
    """Return the sentence that a set of settings is refused with."""
    with pytest.raises(BadSetting) as refused:
        Config.from_environ(settings)
    return str(refused.value)


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    """Unknown, unparsable or impossible: the sentence has its name, and where to look it up."""
    assert name.removesuffix("_FILE") in refusal_of({name: value})


def test_a_replay_needs_its_day() -> None:
    """The setting that is missing is the one named."""
    assert "H5APP_REPLAY_DAY" in refusal_of({"H5APP_MARKET": "replay"})


@pytest.mark.parametrize(("name", "value"), REFUSED_IN_PRODUCTION)
def test_production_refuses_what_is_the_demos(name: str, value: str) -> None:
    """Its keys, its addresses, its clock, its missing limits."""
    assert Config.from_environ(PRODUCTION).env == "production"

    assert name in refusal_of(PRODUCTION | {name: value})


def test_a_secret_is_not_in_the_sentence() -> None:
    """A refused secret is named, never repeated."""
    for name in ("H5APP_SECRET_KEY", "H5APP_WECHAT__ENCODING_AES_KEY"):
        assert "s3cret" not in refusal_of(PRODUCTION | {name: "s3cret"})
    assert "s3cret" not in refusal_of({"H5APP_DATABASE_URL": "mysql://u:s3cret@host/db"})


Command = Callable[[str, Mapping[str, str]], str]


@pytest.fixture
def refused_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Runs a command of the product that must refuse; gives what it says on standard error."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run_command(name: str, settings: Mapping[str, str]) -> str:
        for variable, value in settings.items():
            monkeypatch.setenv(variable, value)
        assert main([name]) == 1
        return capsys.readouterr().err

    yield run_command
    root.handlers[:] = handlers
    root.setLevel(level)


def test_production_refuses_the_demos_customers(world: World, refused_command: Command) -> None:
    """Their passwords are printed at every start of the demo: prepare and /readyz say no."""
    with pytest.raises(DemoData, match="H5APP_DATABASE_URL"):
        refuse_demo_data(world.house.ground.database)

    said = refused_command("prepare", PRODUCTION | {"H5APP_HOME": str(world.home)})

    assert "演示客户" in said
    house = build_house(Config.from_environ(PRODUCTION | {"H5APP_HOME": str(world.home)}))
    problems = {check.name: check.problem for check in checks(house)}
    with pytest.raises(DemoData):
        problems["data"]()
    house.ground.database.engine.dispose()


@pytest.mark.parametrize("name", ["feed", "venue", "jobs", "audit", "prepare"])
def test_a_process_says_it_in_one_line(name: str, refused_command: Command) -> None:
    """No trace: the sentence, and a status that is not success."""
    said = refused_command(name, {"H5APP_WORKERS": "many"})

    assert said.startswith("不能启动: H5APP_WORKERS")
    assert said.count("\n") == 1


def test_an_unknown_feed_is_named_before_anything_starts(
    tmp_path: Path, refused_command: Command
) -> None:
    """Not by a process that dies of it every few seconds."""
    said = refused_command("prepare", {"H5APP_HOME": str(tmp_path), "H5APP_MARKET": "nowhere"})

    assert "H5APP_MARKET=nowhere" in said
    assert not (tmp_path / "h5app.db").exists()


# ---------------------------------------------------------------- ./manage run


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean environment for `./manage run`, with free ports; give its state folder."""
    home = tmp_path / "home"
    for name, value in {
        "H5APP_HOME": str(home),
        "H5APP_PORT": str(free_port()),
        "H5APP_SIMULATOR_PORT": str(free_port()),
    }.items():
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody else's server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken


def refused_run(capsys: pytest.CaptureFixture[str]) -> str:
    """Run `./manage run`, which must refuse at once; return what it says."""
    assert run.main([]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("name", ["H5APP_PORT", "H5APP_SIMULATOR_PORT"])
def test_a_port_in_use_is_named_with_its_variable(
    name: str,
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The number and the variable to set."""
    port = listener.getsockname()[1]
    monkeypatch.setenv(name, str(port))

    said = refused_run(capsys)

    assert f"端口 {port} 已被占用" in said
    assert name in said


def test_a_second_instance_is_refused(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of the running one is touched."""
    with hold(settings):
        before = sorted(path.name for path in settings.iterdir())
        said = refused_run(capsys)

        assert "H5APP_HOME" in said
        assert sorted(path.name for path in settings.iterdir()) == before


def test_a_folder_that_cannot_be_written_is_named(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the place of the state folder, or a folder that cannot be made."""
    settings.write_text("a file")
    assert "H5APP_HOME" in refused_run(capsys)

    monkeypatch.setenv("H5APP_HOME", "/proc/nowhere")
    assert "H5APP_HOME" in refused_run(capsys)


@pytest.mark.usefixtures("settings")
def test_an_unknown_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt name is not passed over in silence."""
    monkeypatch.setenv("H5APP_RATE_LIMIT", "off")

    assert "H5APP_RATE_LIMIT" in refused_run(capsys)


def test_a_garbled_database_stops_the_start(
    settings: Path, seeded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The start says that the data cannot be prepared; the file is left as it is."""
    shutil.copytree(seeded, settings)
    (settings / "h5app.db").write_bytes(b"no database" * 1000)

    assert run.main([]) == 1

    assert "准备数据失败" in capsys.readouterr().err
    assert (settings / "h5app.db").read_bytes() == b"no database" * 1000
