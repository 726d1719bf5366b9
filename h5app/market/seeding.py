"""The demo's market: its instruments, its distributions, and bars of the time before it began."""

from datetime import date
from pathlib import Path

from h5app.kernel.clock import Clock
from h5app.market.bars_file import BarFiles
from h5app.market.feeds.make import FeedParts, make_simulated_market, replay_day_of
from h5app.market.feeds.make_live import LiveParts
from h5app.market.feeds.sim_history import HISTORY_MINUTE_DAYS, seed_history
from h5app.market.importers.commands import RECORDED_FOLDER, ImportDesk
from h5app.market.importers.crowd import with_crowd
from h5app.market.importers.instruments import seed_actions, seed_instruments
from h5app.market.importers.replay import import_for_replay
from h5app.market.recorded import RecordedDays
from h5app.market.rules import RuleBook
from h5app.market.store import MarketStore
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database

CROWD = 1_000
"""Beyond so many instruments their past minutes are left out: the start would take minutes."""


class MarketSeed:
    """Puts the demo's market into tables and bar files; twice is once."""

    def __init__(self, config: Config, database: Database, rules: RuleBook) -> None:
        self._config = config
        self._store = MarketStore(database)
        self._rules = rules
        self._days = rules.trading_days

    def run(self, first_on: date) -> list[str]:
        """Seed for the configured source; return lines that say what was brought in.

        Raises:
            FeedNotAvailable: The day to be replayed is missing or no day.
            ReplayNotReady: Nothing of it is recorded.
        """
        if self._config.market == "replay":
            return self._recorded()
        rules = self._rules.on(first_on)
        instruments = seed_instruments(first_on, self._days, rules)
        if self._config.market_instruments > len(instruments):
            instruments = with_crowd(instruments, self._config.market_instruments, rules)
        self._store.put_instruments(instruments)
        self._store.put_actions(seed_actions(first_on, self._days))
        market = make_simulated_market(self.parts(first_on))
        is_crowd = len(instruments) > CROWD
        minute_days = 0 if is_crowd else HISTORY_MINUTE_DAYS
        files = BarFiles(self._config.history_path)
        seed_history(market, files, first_on, minute_days=minute_days)
        return []

    def parts(self, first_on: date) -> FeedParts:
        """Return what feeds are made of, as the tables are now."""
        return FeedParts(
            instruments=self._store.instruments(),
            actions=self._store.actions(),
            rules=self._rules,
            files=BarFiles(self._config.history_path),
            recorded=RecordedDays(self._config.home / RECORDED_FOLDER),
            first_on=first_on,
            seed=self._config.market_seed,
            replay_day=self._config.replay_day,
        )

    def live_parts(self, wall: Clock) -> LiveParts:
        """Return what live feeds are made of."""
        config = self._config
        return LiveParts(
            rules=self._rules,
            wall=wall,
            sse_file=config.sse_file,
            szse_file=config.szse_file,
            tencent_base=config.tencent_base,
            sina_base=config.sina_base,
            redis_url=config.redis_url,
        )

    def _recorded(self) -> list[str]:
        day = replay_day_of(self._config.replay_day)
        desk = ImportDesk(self._config.home, self._store, self._rules.on(day))
        done = import_for_replay(Path(self._config.replay_dir), day, desk, self._rules)
        return [line for report in done.reports for line in report.lines()]
