"""The contract of counter.ports.Venue, run over every adapter: so far the simulated one."""

from dataclasses import replace
from datetime import datetime

import pytest

from h5app.counter.ports import ReportKind, Venue, VenueOrder, VenueReport
from h5app.counter.venues.simulated import SimulatedVenue
from h5app.market.model import Level
from tests.counter.world import DAY, MAIN, Stage

pytestmark = pytest.mark.contract


class Floor:
    """A venue with a stage in front of it."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.said: list[VenueReport] = []
        self.venue = self.start()

    def start(self) -> Venue:
        """Start the venue, or start it again with what it said before."""
        venue: Venue = SimulatedVenue(self.stage)
        venue.restore(DAY, self.said)
        self.venue = venue
        return venue

    @property
    def now(self) -> datetime:
        """The market clock."""
        return self.stage.clock.now()

    def order(self, order_id: int, shares: int = 100, price_milli: int = 10_010) -> VenueOrder:
        """A buy at the best offer."""
        return VenueOrder(
            order_id=order_id,
            symbol=MAIN,
            side="buy",
            kind="limit",
            price_milli=price_milli,
            quantity_shares=shares,
            open_shares=shares,
            trading_day=DAY,
            reported_at=self.now,
        )

    def poll(self) -> list[VenueReport]:
        """Ask the venue, and keep what it says as the journal does."""
        reports = list(self.venue.poll(self.now))
        self.said += reports
        return reports


@pytest.fixture
def floor() -> Floor:
    """A venue in the continuous phase."""
    return Floor()


def filled(reports: list[VenueReport]) -> int:
    """The shares of all fills."""
    return sum(one.quantity_shares for one in reports if one.kind is ReportKind.FILLED)


def test_an_order_is_taken_once(floor: Floor) -> None:
    """Handing it over again changes nothing, before or after a restart."""
    order = floor.order(1, price_milli=9_900)
    floor.venue.submit(order)
    floor.venue.submit(order)
    assert floor.poll() == []
    floor.start().submit(order)
    floor.venue.submit(order)
    floor.stage.show(MAIN, asks=(Level(9_900, 5_000),), bids=())

    assert filled(floor.poll()) == 100


def test_fills_stay_inside_quantity_limit_and_depth(floor: Floor) -> None:
    """1,500 wanted up to 10.01 where 1,000 stand: 1,000 at 10.01, the rest waits."""
    floor.venue.submit(floor.order(1, 1_500))

    (fill,) = floor.poll()

    assert (fill.quantity_shares, fill.price_milli) == (1_000, 10_010)
    assert floor.poll() == []


def test_every_report_has_an_id_of_its_own(floor: Floor) -> None:
    """Also across a restart."""
    floor.venue.submit(floor.order(1, 1_500))
    floor.poll()
    floor.start().submit(replace(floor.order(1, 1_500), open_shares=500))
    floor.stage.show(MAIN, asks=(Level(10_000, 300),))
    floor.poll()
    floor.venue.cancel(1)
    floor.poll()

    ids = [report.execution_id for report in floor.said]
    assert len(ids) == len(set(ids)) == 3


def test_a_restart_does_not_give_a_level_twice(floor: Floor) -> None:
    """What was taken from a level is still taken while the level stays as it is."""
    floor.venue.submit(floor.order(1, 800))
    floor.poll()

    floor.start().submit(floor.order(2, 800))

    assert filled(floor.poll()) == 200


def test_what_died_with_the_caller_comes_again(floor: Floor) -> None:
    """Handed out, but not journalled: after the restart it is said once more, and only that."""
    floor.venue.submit(floor.order(1, 300))
    floor.poll()
    floor.venue.submit(floor.order(2, 300))
    floor.venue.poll(floor.now)

    floor.start().submit(floor.order(2, 300))

    (again,) = floor.poll()
    assert (again.order_id, again.quantity_shares) == (2, 300)


def test_a_cancel_is_answered(floor: Floor) -> None:
    """By the end of the open rest; a second one by a refusal, or not at all."""
    floor.venue.submit(floor.order(1, 1_500))
    floor.poll()
    floor.venue.cancel(1)
    floor.venue.cancel(1)

    kinds = [report.kind for report in floor.poll()]

    assert kinds[0] is ReportKind.CANCELLED
    assert set(kinds[1:]) <= {ReportKind.CANCEL_REFUSED}


def test_a_cancel_of_the_unknown_is_refused(floor: Floor) -> None:
    """The venue never saw it, or it is filled."""
    floor.venue.cancel(7)

    assert [report.kind for report in floor.poll()] == [ReportKind.CANCEL_REFUSED]


def test_an_order_of_another_day_is_dead(floor: Floor) -> None:
    """Yesterday's order is not executed today, and nothing is said of it."""
    floor.venue.submit(floor.order(1, price_milli=9_900))
    tomorrow = floor.stage.go_to("2026-11-25T10:00:00")
    floor.venue.restore(tomorrow.date(), ())
    floor.venue.submit(floor.order(1, price_milli=9_900))
    floor.stage.show(MAIN, asks=(Level(9_900, 5_000),), bids=())

    assert floor.poll() == []


def test_reports_survive_json(floor: Floor) -> None:
    """The journal keeps them as text and gives the same back."""
    floor.venue.submit(floor.order(1, 1_500))

    for report in floor.poll():
        assert VenueReport.from_plain(report.as_plain()) == report
