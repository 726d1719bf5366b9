"""Moments as the tables keep them: whole microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

from h5app.kernel.clock import SHANGHAI

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def us_of(moment: datetime) -> int:
    """Return the microseconds of an aware moment."""
    assert moment.tzinfo is not None, "a moment without a time zone"
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(us: int) -> datetime:
    """Return the moment in Asia/Shanghai."""
    return (_EPOCH + timedelta(microseconds=us)).astimezone(SHANGHAI)
