"""What becomes of expected payments at a new learning: paid, missed, moved, withdrawn. Pure.

The identity of an expected payment is the nominal day under which it was first expected; a better
date changes the row and not its identity, so that nothing is told twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from h5app.wealth.learner import LearnedStream
from h5app.wealth.stream_model import Forecast, ForecastState, Matched

_LIVE = {ForecastState.OPEN, ForecastState.WITHDRAWN}


def reconciled(kept: Sequence[Forecast], learned: LearnedStream) -> list[Forecast]:
    """Return the rows that change, each under its nominal day."""
    cutoff = learned.known_until
    rows = {each.nominal_on: each for each in kept}
    _match_payments(rows, learned)
    _close_past(rows, cutoff, learned.tolerance_days)
    _match_forecasts(rows, learned, cutoff)
    known = {each.nominal_on: each for each in kept}
    return [row for on, row in sorted(rows.items()) if known.get(on) != row]


def _match_payments(rows: dict[date, Forecast], learned: LearnedStream) -> None:
    """Give each open expected payment the nearest payment that is no other's, early or late."""
    taken = {row.paid_reference for row in rows.values() if row.paid_reference}
    free = [each for each in learned.payments if each.reference not in taken]
    for on, row in sorted(rows.items()):
        if row.state is not ForecastState.OPEN and row.state is not ForecastState.MISSED:
            continue
        paid = _nearest_payment(row, free, learned.tolerance_days)
        if paid is not None:
            free.remove(paid)
            rows[on] = replace(
                row,
                state=ForecastState.PAID,
                paid_on=paid.on,
                paid_reference=paid.reference,
                sequence=row.sequence + 1,
            )


def _nearest_payment(row: Forecast, free: Iterable[Matched], tolerance: int) -> Matched | None:
    near = [(abs((paid.on - row.due_on).days), paid.on, paid) for paid in free]
    near = [each for each in near if each[0] <= tolerance]
    return min(near, key=lambda each: each[:2])[2] if near else None


def _close_past(rows: dict[date, Forecast], cutoff: date, tolerance: int) -> None:
    for on, row in rows.items():
        is_over = row.due_on + timedelta(days=tolerance) < cutoff
        if row.state is ForecastState.OPEN and is_over:
            rows[on] = replace(row, state=ForecastState.MISSED)


def _match_forecasts(rows: dict[date, Forecast], learned: LearnedStream, cutoff: date) -> None:
    """Bring what is ahead to what is expected now."""
    unseen = {on for on, row in rows.items() if row.state in _LIVE and row.due_on > cutoff}
    for forecast in learned.forecasts:
        same = _same(rows, forecast, learned.tolerance_days)
        if same is None:
            rows[forecast.nominal_on] = forecast
            unseen.discard(forecast.nominal_on)
        elif same in unseen:
            rows[same] = _updated(rows[same], forecast)
            unseen.discard(same)
    for on in unseen:
        if rows[on].state is ForecastState.OPEN:
            row = rows[on]
            rows[on] = replace(row, state=ForecastState.WITHDRAWN, sequence=row.sequence + 1)


def _same(rows: dict[date, Forecast], forecast: Forecast, tolerance: int) -> date | None:
    """Return the identity of the kept row that this is: the same nominal day, or the nearest."""
    if forecast.nominal_on in rows:
        return forecast.nominal_on
    near = [
        (abs((row.due_on - forecast.due_on).days), on)
        for on, row in rows.items()
        if abs((row.due_on - forecast.due_on).days) <= tolerance
    ]
    return min(near)[1] if near else None


def _updated(row: Forecast, forecast: Forecast) -> Forecast:
    is_same_day = row.due_on == forecast.due_on and row.state is ForecastState.OPEN
    return replace(
        forecast,
        nominal_on=row.nominal_on,
        sequence=row.sequence if is_same_day else row.sequence + 1,
    )
