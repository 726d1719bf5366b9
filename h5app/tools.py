"""The tools of python -m h5app: prepare, import, bars, menu, operator, audit."""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence

from h5app.counter import audit as counter_audit
from h5app.demo.market_seed import MarketSeed
from h5app.demo.seed import DemoSeed, introduction
from h5app.house import House, build_house
from h5app.kernel.error import AppError
from h5app.market.importers.commands import (
    ImportDesk,
    add_bars_arguments,
    add_import_arguments,
    run_bars,
    run_import,
)
from h5app.market.store import MarketStore
from h5app.plumbing import log, migrate
from h5app.plumbing.config import Config
from h5app.wechat.commands import add_menu_arguments, run_menu


def prepare(arguments: Sequence[str]) -> int:
    """Migrate the database; in the demo start the clock and seed what is not there."""
    del arguments
    house = _house()
    ground = house.ground
    migrate.upgrade(ground.database, ground.config.home)
    if ground.demo_clock is None:
        return 0
    state = ground.demo_clock.begin(ground.config.now, ground.config.speed)
    if not ground.demo_clock.is_seeded():
        market = MarketSeed(
            ground.config, MarketStore(ground.database), house.market.rules, ground.trading_days
        )
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


def operator(arguments: Sequence[str]) -> int:
    """Add an operator of /ops; the password is asked for, or read from standard input."""
    parser = argparse.ArgumentParser(prog="python -m h5app operator")
    parser.add_argument("action", choices=["add"])
    parser.add_argument("name")
    options = parser.parse_args(arguments)
    typed = sys.stdin.isatty()
    password = getpass.getpass("密码: ") if typed else sys.stdin.readline().rstrip("\n")
    try:
        _house().operators.add(options.name, password)
    except AppError as refused:
        print(refused.message, file=sys.stderr)
        return 1
    print(f"已添加运维账号 {options.name}")
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
    return ImportDesk(ground.config.home, MarketStore(ground.database), rules)


def _said(outcome: tuple[int, list[str]]) -> int:
    status, lines = outcome
    print("\n".join(lines))
    return status
