"""Trading days out of a seed: customers who change their minds, a venue that stutters, deaths."""

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

from h5app.counter.model import OrderRequest, Side
from h5app.counter.ports import ReportKind, VenueOrder, VenueReport, VenueSilent
from h5app.counter.refusal import CounterRefusal
from h5app.counter.venue_loop import VenueLoop
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.kernel.clock import SHANGHAI
from h5app.market.model import Level, Phase
from tests.counter.faults import MortalDatabase, ProcessKilled
from tests.counter.world import ACCOUNT, DAY, ETF, MAIN, OTHER, STAR, Stage, World
from tests.sim.auditor import Auditor

SYMBOLS = (MAIN, STAR, ETF)
MOMENTS = (
    *("08:30:00", "09:15:05", "09:18:00", "09:25:10", "09:30:03", "09:41:00", "10:02:00"),
    *("10:30:00", "11:10:00", "11:45:00", "13:00:03", "13:40:00", "14:20:00", "14:56:00"),
    *("14:58:00", "15:00:03", "15:06:00", "15:20:00", "15:31:00", "20:00:00"),
)


class WatchedVenue(SimulatedVenue):
    """The simulated venue, with the auditor looking over its shoulder."""

    def __init__(self, stage: Stage, auditor: Auditor, said: list[VenueReport]) -> None:
        self.auditor = auditor
        self.said = said
        super().__init__(stage)

    def restore(self, day: date, reports: Iterable[VenueReport]) -> None:
        """What was said and not journalled never happened: this venue keeps nothing itself."""
        journalled = list(reports)
        if day != date.min:  # The constructor, which knows of no day yet.
            known = {report.execution_id for report in journalled}
            for report in self.said:
                if report.execution_id not in known:
                    self.auditor.never_happened(report)
            self.said[:] = [report for report in self.said if report.execution_id in known]
        super().restore(day, journalled)

    def poll(self, now: datetime) -> Sequence[VenueReport]:
        """Let the auditor see what is executed, and that the books are told."""
        reports = super().poll(now)
        self.said += reports
        for report in reports:
            self.auditor.made(report)
            self.auditor.told(report)
        return reports


class WildVenue(WatchedVenue):
    """Stands elsewhere and survives our deaths; is late, repeats itself, mixes things up, busts."""

    def __init__(self, stage: Stage, auditor: Auditor, chance: random.Random) -> None:
        self._chance = chance
        self._held: list[VenueReport] = []
        self._handed: list[VenueReport] = []
        self._began: date | None = None
        super().__init__(stage, auditor, [])

    def restore(self, day: date, reports: Iterable[VenueReport]) -> None:
        """Its memory is its own; a new day begins all the same. What died with us comes again."""
        known = {report.execution_id for report in reports}
        self._held += [one for one in self._handed if one.execution_id not in known]
        self._handed = [one for one in self._handed if one.execution_id in known]
        if day != self._began:
            self._began = day
            self._seen: set[int] = set()
            SimulatedVenue.restore(self, day, ())

    def submit(self, order: VenueOrder) -> None:
        """An order that was taken is known for all the day, filled or not."""
        if order.order_id not in self._seen:
            self._seen.add(order.order_id)
            super().submit(order)

    def poll(self, now: datetime) -> Sequence[VenueReport]:
        """Hand out some of what happened, some of it again."""
        if self._chance.random() < 0.1:
            raise VenueSilent
        made = SimulatedVenue.poll(self, now)
        for report in made:
            self.auditor.made(report)
        self._held += made
        if self._handed and self._chance.random() < 0.15:
            self._held.append(self._bust(self._chance.choice(self._handed), now))
        self._chance.shuffle(self._held)
        count = self._chance.randint(0, len(self._held))
        out, self._held = self._held[:count], self._held[count:]
        if self._handed and self._chance.random() < 0.3:
            out.append(self._chance.choice(self._handed))
        self._handed += [one for one in out if one not in self._handed]
        for report in out:
            self.auditor.told(report)
        return out

    def _bust(self, report: VenueReport, now: datetime) -> VenueReport:
        if report.kind is not ReportKind.FILLED:
            return report
        return VenueReport(
            execution_id=f"bust-{report.execution_id}",
            order_id=report.order_id,
            kind=ReportKind.BUSTED,
            at=now,
            busts=report.execution_id,
        )

    def finish(self) -> list[VenueReport]:
        """Hand out all that is left, in the end."""
        out, self._held = self._held, []
        for report in out:
            self.auditor.told(report)
        return out


class TradingDays:
    """Some days of two customers under one seed."""

    def __init__(self, seed: int, database_url: str, days: int = 2) -> None:
        self.chance = random.Random(seed)
        self.url = database_url
        self.auditor = Auditor()
        self.stage = Stage("2026-11-24T08:30:00")
        self.said: list[VenueReport] = []
        self.is_wild = bool(seed % 2)
        self.venue = self._venue()
        self.deaths = 0
        self.world = self._born()
        self.days = days
        self.requests: list[OrderRequest] = []

    # ------------------------------------------------------------ life and death

    def _venue(self) -> WatchedVenue:
        if self.is_wild:
            return WildVenue(self.stage, self.auditor, self.chance)
        return WatchedVenue(self.stage, self.auditor, self.said)

    def _born(self) -> World:
        """A process; its database will kill it after a while."""
        database = MortalDatabase(
            self.url,
            dies_at=self.chance.randint(5, 150),
            after_commit=self.chance.random() < 0.5,
        )
        world = World(database, self.stage)
        if not self.is_wild:
            self.venue = self._venue()
        world.loop = VenueLoop(database, self.stage, world.outbox, self.venue)
        return world

    def _die(self) -> None:
        self.deaths += 1
        self.world.database.engine.dispose()
        self.world = self._born()

    # ------------------------------------------------------------ days

    def run(self) -> None:
        """Live through all days, and let the auditor look at every evening."""
        self._open_accounts()
        day = DAY
        for _ in range(self.days):
            self.auditor.new_day()
            for text in MOMENTS:
                moment = datetime.combine(day, datetime.strptime(text, "%H:%M:%S").time())  # noqa: DTZ007
                self._live(moment.replace(tzinfo=SHANGHAI))
            self._settle_down()
            self.auditor.check(self.world, (ACCOUNT, OTHER))
            day = self.stage.rules.trading_days.next_trading_day(day)
        self.world.database.engine.dispose()

    def _open_accounts(self) -> None:
        self._surely(lambda: self.world.open_accounts(0))
        for account_id in (ACCOUNT, OTHER):
            self._surely(partial(self._give_cash, account_id))
            self.auditor.moved_cash(account_id, 5_000_000)
            for symbol in SYMBOLS:
                shares = self.chance.choice((250, 300, 1_000))
                self._surely(partial(self._give_shares, account_id, symbol, shares))
                self.auditor.moved_shares(account_id, symbol, shares)

    def _give_cash(self, account_id: str) -> None:
        self.world.counter.deposit(account_id, 5_000_000, on=DAY, key="seed")

    def _give_shares(self, account_id: str, symbol: str, shares: int) -> None:
        self.world.counter.transfer_in(
            account_id, symbol, shares, 9_000, on=DAY, key=f"seed-{symbol}"
        )

    def _live(self, moment: datetime) -> None:
        self.stage.clock.set(moment)
        for _ in range(self.chance.randint(1, 5)):
            self._show()
            self._maybe(lambda: self.world.counter.run_due(self.stage.clock.now()))
            for _ in range(self.chance.randint(0, 2)):
                self._act()
            self._maybe(self.world.step)
            self.stage.clock.advance(timedelta(seconds=self.chance.randint(0, 5)))

    def _settle_down(self) -> None:
        """Let everything that is on its way arrive."""
        if isinstance(self.venue, WildVenue):
            left = self.venue.finish()
            self._surely(
                lambda: self.world.loop._booking.apply(
                    self.world.loop._booking.take_in(self.venue.name, left)
                )
            )
        self._surely(self._apply_waiting)
        self._surely(lambda: self.world.counter.close_day(self.stage.today()))
        self._surely(self.world.step)

    def _apply_waiting(self) -> None:
        self.world.loop._booking.apply_waiting()

    def _surely(self, work: Callable[[], object]) -> None:
        """Try again after each death until it is done."""
        while not self._maybe(work):
            pass

    def _maybe(self, work: Callable[[], object]) -> bool:
        """Do something that may be the last thing a process does."""
        try:
            work()
        except ProcessKilled:
            self._die()
            return False
        return True

    # ------------------------------------------------------------ the board

    def _show(self) -> None:
        for symbol in SYMBOLS:
            tick = 1 if symbol == ETF else 10
            last = 10_000 + tick * self.chance.randint(-20, 20)
            phase = self.stage.phase(symbol)
            has_levels = phase is Phase.CONTINUOUS or self.chance.random() < 0.5
            self.stage.show(
                symbol,
                last_milli=last,
                open_milli=10_000,
                volume_shares=self.chance.randint(1_000, 90_000),
                asks=self._levels(last, tick) if has_levels else (),
                bids=self._levels(last - tick, -tick) if has_levels else (),
                is_suspended=self.chance.random() < 0.03,
            )
            quote = self.stage.board[symbol]
            if quote.phase is Phase.CONTINUOUS:
                self.auditor.sees(quote)

    def _levels(self, best: int, tick: int) -> tuple[Level, ...]:
        if self.chance.random() < 0.1:
            return ()
        shares = (self.chance.choice((100, 137, 300, 800)) for _ in range(3))
        return tuple(Level(best + tick * place, many) for place, many in enumerate(shares))

    # ------------------------------------------------------------ customers

    def _act(self) -> None:
        action = self.chance.choices(
            (self._place, self._repeat, self._cancel, self._deposit, self._withdraw),
            weights=(10, 2, 4, 1, 1),
        )[0]
        with suppress(CounterRefusal):
            self._maybe(action)

    def _place(self) -> None:
        symbol = self.chance.choice(SYMBOLS)
        side: Side = self.chance.choice(("buy", "sell"))
        tick = 1 if symbol == ETF else 10
        request = OrderRequest(
            account_id=self.chance.choice((ACCOUNT, OTHER)),
            client_order_id=f"s{len(self.requests)}",
            symbol=symbol,
            side=side,
            kind=self.chance.choice(("limit", "limit", "limit", "best_five_limit")),
            price_milli=10_000 + tick * self.chance.randint(-18, 18),
            quantity_shares=self.chance.choice((50, 100, 200, 250, 300, 900, 5_000)),
            at=self.stage.clock.now(),
        )
        self.requests.append(request)
        self._submit(request)

    def _submit(self, request: OrderRequest) -> None:
        try:
            self.auditor.acknowledged(self.world.counter.submit(request))
        except ProcessKilled:
            self._die()  # No answer: ask, as the customer's side does.
            report = self.world.counter.find(request.account_id, request.client_order_id)
            if report is not None:
                self.auditor.acknowledged(report)

    def _repeat(self) -> None:
        if self.requests:
            self._submit(self.chance.choice(self.requests))

    def _cancel(self) -> None:
        if self.auditor.wishes:
            wish = self.chance.choice(list(self.auditor.wishes.values()))
            self.world.counter.cancel(wish.account_id, wish.order_id)

    def _deposit(self) -> None:
        account_id, fen = self.chance.choice((ACCOUNT, OTHER)), self.chance.randint(1, 10**6)
        key = f"d{self.chance.random()}"
        on = self.stage.today()
        self._surely(lambda: self.world.counter.deposit(account_id, fen, on=on, key=key))
        self.auditor.moved_cash(account_id, fen)

    def _withdraw(self) -> None:
        account_id, fen = self.chance.choice((ACCOUNT, OTHER)), self.chance.randint(1, 10**6)
        key, on = f"w{self.chance.random()}", self.stage.today()
        self._surely(lambda: self.world.counter.withdraw(account_id, fen, on=on, key=key))
        self.auditor.moved_cash(account_id, -fen)
