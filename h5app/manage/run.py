"""./manage run: migrate, seed, start every process, say where everything is, stop on Ctrl-C."""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import segno

from h5app.manage.lock import AlreadyRunning, HomeNotUsable, hold
from h5app.manage.setup import ROOT, VENV, VENV_PYTHON
from h5app.manage.supervisor import Program, Supervisor
from h5app.plumbing.config import BadSetting, Config, variable_name

READY_SECONDS_MAX = 90.0
LOOK_SECONDS = 0.2
ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - what --lan asks for


class CannotStart(Exception):
    """Something stands in the way; the text says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Run until stopped; return the exit status."""
    options = _parser().parse_args(arguments)
    environment = environment_for(options, os.environ)
    try:
        config = Config.from_environ(environment)
        _check_ports(config)
        with hold(config.home):
            _run(config, environment, is_lan=options.lan)
    except (AlreadyRunning, BadSetting, CannotStart, HomeNotUsable) as refusal:
        print(f"不能启动: {refusal}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./manage run", description="启动全部进程")
    parser.add_argument("--lan", action="store_true", help="监听局域网,并显示二维码")
    parser.add_argument("--replay", metavar="日期", help="回放一个历史交易日,例如 2019-02-01")
    return parser


def environment_for(options: argparse.Namespace, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the processes: what was given, with what the options mean."""
    environment = dict(given)
    environment["PYTHONUNBUFFERED"] = "1"
    if options.replay:
        home = Path(environment.get("H5APP_HOME", "var")) / f"replay-{options.replay}"
        environment.update(
            H5APP_HOME=str(home), H5APP_MARKET="replay", H5APP_REPLAY_DAY=options.replay
        )
        environment.setdefault("H5APP_NOW", f"{options.replay}T09:29:30")
    if options.lan:
        port = environment.get("H5APP_PORT", "8000")
        environment["H5APP_HOST"] = ALL_INTERFACES
        environment.setdefault("H5APP_BASE_URL", f"http://{_lan_address()}:{port}")
    return environment


def _lan_address() -> str:
    """Return this machine's address in its own network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _check_ports(config: Config) -> None:
    ports = {"port": config.port}
    if config.is_demo:
        ports["simulator_port"] = config.simulator_port
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CannotStart(
                    f"端口 {port} 已被占用,请用 {variable_name(name)} 指定另一个端口"
                ) from None


def programs(config: Config) -> list[Program]:
    """Return the processes of this configuration, in the order in which they start."""
    python = str(VENV_PYTHON)
    gunicorn = (str(VENV / "bin" / "gunicorn"), "-c", "python:h5app.plumbing.gunicorn_conf")
    names = ["feed", "venue", "jobs"]
    if config.is_demo:
        names.insert(0, "simulator")
    started = [Program(name, (python, "-m", "h5app", name)) for name in names]
    return [*started, Program("web", (*gunicorn, "wsgi:app"))]


def _run(config: Config, environment: Mapping[str, str], *, is_lan: bool) -> None:
    began = time.monotonic()
    print("· 准备数据库与演示数据", flush=True)
    said = prepare_data(environment)
    supervisor = Supervisor(programs(config), environment, config.home / "logs")
    supervisor.stop_on_signals()
    print("· 启动 " + "、".join(program.name for program in supervisor.programs), flush=True)
    try:
        supervisor.start()
        wait_until_ready(config, supervisor)
        _announce(config, said, time.monotonic() - began, is_lan=is_lan)
        supervisor.wait()
    finally:
        print("· 正在停止 ...", flush=True)
        supervisor.stop()
        print("· 已全部停止", flush=True)


def prepare_data(environment: Mapping[str, str]) -> str:
    """Migrate and seed in a process of its own; return what it says of the demo's customers.

    Raises:
        CannotStart: The database cannot be prepared; the text holds what the process said.
    """
    done = subprocess.run(
        [str(VENV_PYTHON), "-m", "h5app", "prepare"],
        cwd=ROOT,
        env=dict(environment),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CannotStart("准备数据失败:\n" + (done.stdout + done.stderr)[-3000:])
    return done.stdout


def wait_until_ready(config: Config, supervisor: Supervisor) -> None:
    """Wait until /readyz says so; processes that die meanwhile are started again.

    Raises:
        CannotStart: Not ready in time; the text holds the last answer.
    """
    address = f"http://127.0.0.1:{config.port}/readyz"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS_MAX
    last = ""
    while time.monotonic() < deadline:
        supervisor.look()
        try:
            with direct.open(address, timeout=3) as reply:
                if reply.status == 200:  # noqa: PLR2004 - HTTP's OK
                    return
        except urllib.error.HTTPError as wrong:
            last = wrong.read().decode("utf-8", "replace")[:500]
        except OSError as wrong:
            last = str(wrong)
        if supervisor.is_stopping():
            return
        time.sleep(LOOK_SECONDS)
    raise CannotStart(
        f"{READY_SECONDS_MAX:.0f} 秒内没有就绪: {last}\n日志在 {supervisor.log_folder}"
    )


def _announce(config: Config, said: str, seconds: float, *, is_lan: bool) -> None:
    print(f"\n已就绪 ({seconds:.1f} 秒),按 Ctrl-C 停止\n")
    print(f"  网页           http://127.0.0.1:{config.port}/market/")
    if config.is_demo:
        print(f"  微信模拟器     http://127.0.0.1:{config.simulator_port}/")
        print(f"  短信列表       http://127.0.0.1:{config.simulator_port}/sms")
        print(f"  组件样例       http://127.0.0.1:{config.port}/ops/ui")
    print(f"  接口文档       http://127.0.0.1:{config.port}/api/docs")
    print(f"  日志           {config.home / 'logs'}\n")
    print(said, flush=True)
    if is_lan:
        print(f"局域网地址 {config.base_url}/market/ (手机扫码)")
        segno.make(f"{config.base_url}/market/").terminal(compact=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
