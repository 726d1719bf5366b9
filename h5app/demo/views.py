"""/demo/clock: shows and moves the demo's market clock, from this machine only."""

from datetime import datetime
from ipaddress import ip_address

import msgspec
from flask import Blueprint, Response, request

from h5app.demo.clock import DemoClock
from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.kernel.clock import SHANGHAI, Clock
from h5app.plumbing.web import PageNotFound, csrf, json_reply, parsed_json


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """One wish: to a moment, some days on, to the next phase, or another speed."""

    to: str | None = None
    days: int | None = None
    next_phase: bool = False
    speed: int | None = None


def blueprint(clock: DemoClock, market: Clock) -> Blueprint:
    """Return the demo's own address; it is registered in the demo only."""
    room = Blueprint("demo", __name__)

    @room.get("/demo/clock")
    @requires(Tier.VISITOR)
    def show() -> Response:
        _loopback_only()
        return _state(clock, market)

    @room.post("/demo/clock")
    @csrf.exempt  # type: ignore[untyped-decorator]
    @requires(Tier.VISITOR)
    def move() -> Response:
        # Not a browser's address: JSON from this machine only, so that no page can forge it.
        _loopback_only()
        _carry_out(clock, parsed_json(Move))
        return _state(clock, market)

    return room


def _carry_out(clock: DemoClock, move: Move) -> None:
    if move.speed is not None:
        clock.run_at(move.speed)
    if move.to is not None:
        clock.move_to(_moment(move.to))
    elif move.days is not None:
        clock.move_days(move.days)
    elif move.next_phase:
        clock.move_to_next_phase()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PageNotFound from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _loopback_only() -> None:
    if not request.remote_addr or not ip_address(request.remote_addr).is_loopback:
        raise PageNotFound
    if request.method == "POST" and request.mimetype != "application/json":
        raise PageNotFound


def _state(clock: DemoClock, market: Clock) -> Response:
    state = clock.state()
    return json_reply(
        {
            "market_at": market.now().isoformat(timespec="seconds"),
            "speed": state.anchor.speed,
            "moving": state.target_at is not None,
            "first_on": state.first_on.isoformat(),
        }
    )
