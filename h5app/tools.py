"""The tools of python -m h5app: prepare, import, bars, menu, operator, customer, audit."""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Sequence

from h5app.counter import audit as counter_audit
from h5app.demo.clock import refuse_demo_data
from h5app.demo.seed import DemoSeed, introduction
from h5app.house import House, build_house
from h5app.identity.service import Identity
from h5app.kernel.error import AppError
from h5app.market.feeds.make import check_feed_name
from h5app.market.importers.commands import (
    ImportDesk,
    add_bars_arguments,
    add_import_arguments,
    run_bars,
    run_import,
)
from h5app.market.seeding import MarketSeed
from h5app.ops.service import Operators
from h5app.plumbing import log, migrate
from h5app.plumbing.config import Config
from h5app.wechat.account_commands import add_account_arguments, run_account
from h5app.wechat.commands import add_menu_arguments, run_menu


def prepare(arguments: Sequence[str]) -> int:
    """Migrate the database; in the demo start the clock and seed what is not there."""
    del arguments
    house = _house()
    ground = house.ground
    check_feed_name(ground.config.market)
    migrate.upgrade(ground.database, ground.config.home)
    if ground.demo_clock is None:
        refuse_demo_data(ground.database)
        return 0
    state = ground.demo_clock.begin(ground.config.now, ground.config.speed)
    if not ground.demo_clock.is_seeded():
        market = MarketSeed(ground.config, ground.database, house.market.rules)
        print("\n".join(market.run(state.first_on)))
        seed = DemoSeed(house.counter, house.identity.directory, house.market, ground.trading_days)
        seed.run(state.first_on)
        ground.demo_clock.note_seeded()
    print(introduction())
    return 0


def import_files(arguments: Sequence[str]) -> int:
    """Import files of others into the tables and the history."""
    parser = argparse.ArgumentParser(prog="python -m h5app import")
    add_import_arguments(parser)
    return _said(run_import(parser.parse_args(arguments), _desk()))


def bars(arguments: Sequence[str]) -> int:
    """Show stored bars."""
    parser = argparse.ArgumentParser(prog="python -m h5app bars")
    add_bars_arguments(parser)
    return _said(run_bars(parser.parse_args(arguments), _desk()))


def menu(arguments: Sequence[str]) -> int:
    """Preview, publish or compare the account's menu."""
    parser = argparse.ArgumentParser(prog="python -m h5app menu")
    add_menu_arguments(parser)
    return _said(run_menu(parser.parse_args(arguments), _house().wechat.menu))


def wechat(arguments: Sequence[str]) -> int:
    """Ask something of the official account itself."""
    parser = argparse.ArgumentParser(prog="python -m h5app wechat")
    add_account_arguments(parser)
    return _said(run_account(parser.parse_args(arguments), _house().wechat))


def operator(arguments: Sequence[str]) -> int:
    """Add or unlock an operator of /ops, or give a second factor."""
    parser = argparse.ArgumentParser(prog="python -m h5app operator", description="运维台账号")
    parser.add_argument("action", choices=["add", "enrol", "unlock"])
    parser.add_argument("name", help="账号;unlock 解除全部锁定,名字不起作用")
    options = parser.parse_args(arguments)
    operators = _house().operators
    actions: dict[str, Callable[[], str]] = {
        "add": lambda: _added(operators, options.name),
        "enrol": lambda: f"在验证器里添加: {operators.enrol(options.name)}",
        "unlock": lambda: f"已解除 {operators.unlock()} 项锁定",
    }
    return _said_or_refused(actions[options.action])


def customer(arguments: Sequence[str]) -> int:
    """Unlock a fund account after wrong passwords, or end its sessions."""
    parser = argparse.ArgumentParser(prog="python -m h5app customer", description="客户账号")
    parser.add_argument("action", choices=["unlock", "end-sessions"])
    parser.add_argument("fund_account")
    options = parser.parse_args(arguments)
    identity = _house().identity
    actions: dict[str, Callable[[], str]] = {
        "unlock": lambda: _unlocked(identity, options.fund_account),
        "end-sessions": lambda: f"已结束 {identity.end_sessions(options.fund_account)} 个会话",
    }
    return _said_or_refused(actions[options.action])


def _added(operators: Operators, name: str) -> str:
    is_typed = sys.stdin.isatty()
    password = getpass.getpass("密码: ") if is_typed else sys.stdin.readline().rstrip("\n")
    operators.add(name, password)
    return f"已添加运维账号 {name}"


def _unlocked(identity: Identity, fund_account: str) -> str:
    identity.unlock(fund_account)
    return "已解除锁定"


def _said_or_refused(action: Callable[[], str]) -> int:
    try:
        print(action())
    except AppError as refused:
        print(refused.message, file=sys.stderr)
        return 1
    return 0


def audit(arguments: Sequence[str]) -> int:
    """Check the books with statements of their own; print what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m h5app audit", description="核对账本")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    options = parser.parse_args(arguments)
    database = _house().ground.database
    problems = counter_audit.audit(database)
    if options.json:
        print(json.dumps(counter_audit.as_plain(database), ensure_ascii=False))
    else:
        print("\n".join(map(str, problems)) if problems else "账本无误")
    return 1 if problems else 0


def _house() -> House:
    config = Config.from_environ()
    log.configure("WARNING")
    return build_house(config)


def _desk() -> ImportDesk:
    house = _house()
    ground = house.ground
    migrate.upgrade(ground.database, ground.config.home)
    rules = house.market.rules.on(house.market.today())
    return ImportDesk.of(ground.config.home, ground.database, rules)


def _said(outcome: tuple[int, list[str]]) -> int:
    status, lines = outcome
    print("\n".join(lines))
    return status
