"""The house: every service of every room, built once from the configuration."""

from dataclasses import dataclass

from h5app import wiring
from h5app.counter.service import EmbeddedCounter
from h5app.demo.clock import DemoClock
from h5app.identity.codes.http_gateway import HttpGateway
from h5app.identity.data_classes import DataClasses
from h5app.identity.policy import Settings
from h5app.identity.service import Identity
from h5app.kernel.clock import AnchoredClock, Clock, SystemClock
from h5app.kernel.trading_day import TradingDays
from h5app.market.alerting import Alerting
from h5app.market.bars_file import BarFiles
from h5app.market.board import BoardReader
from h5app.market.rules import RuleBook
from h5app.market.service import Market
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from h5app.ops.service import Operators
from h5app.plumbing.config import Config
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database
from h5app.plumbing.jobs import Heartbeats
from h5app.plumbing.outbox import Outbox
from h5app.trading.service import Trading
from h5app.trading.ticketing import Tickets
from h5app.wealth.day_watch import DayFiles
from h5app.wealth.event_file import AllMarketEvents, EventFile
from h5app.wealth.service import WealthCalendar
from h5app.wechat.service import WeChat, build_wechat


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every room stands on."""

    config: Config
    wall: Clock
    market_clock: Clock
    trading_days: TradingDays
    database: Database
    outbox: Outbox
    heartbeats: Heartbeats
    reader: BoardReader
    demo_clock: DemoClock | None


@dataclass(frozen=True, kw_only=True)
class House:
    """All services by name."""

    ground: Ground
    market: Market
    alerting: Alerting
    counter: EmbeddedCounter
    identity: Identity
    trading: Trading
    tickets: Tickets
    calendar: WealthCalendar
    notifier: Notifier
    telling: Telling
    wechat: WeChat
    operators: Operators
    data_classes: DataClasses


def lay_ground(config: Config, wall: Clock | None = None) -> Ground:
    """Return clocks, database and board of a configuration."""
    wall = wall or SystemClock()
    trading_days = load_trading_days(config.home)
    database = Database(config.database_url, wall)
    reader = BoardReader(config.board_path, wall)
    demo_clock = DemoClock(database, wall, trading_days) if config.is_demo else None
    market_clock = wall
    if demo_clock is not None:
        stored = demo_clock.anchor
        market_clock = AnchoredClock(lambda: reader.anchor() or stored(), wall)
    return Ground(
        config=config,
        wall=wall,
        market_clock=market_clock,
        trading_days=trading_days,
        database=database,
        outbox=Outbox(database, wall),
        heartbeats=Heartbeats(database, wall),
        reader=reader,
        demo_clock=demo_clock,
    )


def build_house(config: Config, wall: Clock | None = None) -> House:
    """Return every service; nothing is read or asked of anybody yet."""
    ground = lay_ground(config, wall)
    market = Market(
        ground.database,
        ground.reader,
        RuleBook.of_home(ground.trading_days, config.home),
        BarFiles(config.history_path),
        ground.market_clock,
        wall=ground.wall,
    )
    counter = EmbeddedCounter(ground.database, market, ground.outbox)
    identity = _identity(ground, counter)
    wechat = build_wechat(
        config, ground.database, ground.wall, ground.outbox, wiring.ChatAnswers(market)
    )
    notifier = _notifier(ground, identity, wechat)
    return House(
        ground=ground,
        market=market,
        alerting=Alerting(ground.database, ground.outbox, market, ground.wall),
        counter=counter,
        identity=identity,
        trading=Trading(ground.database, counter, market, ground.wall),
        tickets=Tickets(ground.database, counter, market, ground.wall),
        calendar=_calendar(ground, counter, market),
        notifier=notifier,
        telling=Telling(notifier, identity.directory, lambda symbol: _short_name(market, symbol)),
        wechat=wechat,
        operators=Operators(
            ground.database, ground.wall, secret_key=config.secret_key, brand=config.brand
        ),
        data_classes=DataClasses.of_home(config.home),
    )


def _identity(ground: Ground, counter: EmbeddedCounter) -> Identity:
    return Identity(
        ground.database,
        wall=ground.wall,
        accounts=wiring.CounterAccounts(counter),
        codes=HttpGateway(ground.config.sms_url, ground.config.sms_token),
        outbox=ground.outbox,
        settings=Settings.of(ground.config),
    )


def _notifier(ground: Ground, identity: Identity, wechat: WeChat) -> Notifier:
    notifier = Notifier(
        ground.database,
        market=ground.market_clock,
        wall=ground.wall,
        channels=wechat.channels,
        addresses=wiring.CustomerAddresses(identity.directory),
    )
    wechat.template_jobs.results_to(notifier.record_result)
    return notifier


def _calendar(ground: Ground, counter: EmbeddedCounter, market: Market) -> WealthCalendar:
    return WealthCalendar(
        ground.database,
        ground.outbox,
        market=ground.market_clock,
        trading_days=ground.trading_days,
        cash_flows=wiring.CounterCashFlows(counter),
        market_events=AllMarketEvents(wiring.MarketCalendar(market), EventFile(ground.config.home)),
        followed=wiring.HeldAndWatched(counter, market),
        bank=wiring.bank_feed(ground.config),
        balances=wiring.CounterCash(counter),
        refresh_days=DayFiles(ground.trading_days, ground.config.home).refresh,
    )


def _short_name(market: Market, symbol: str) -> str | None:
    instrument = market.instrument(symbol)
    return instrument.short_name if instrument else None
