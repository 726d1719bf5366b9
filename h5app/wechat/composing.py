"""What the ways through WeChat share: texts that may leave, and what an errcode means for a way."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from h5app.kernel.clock import Clock
from h5app.notify.model import QUIET_UNTIL, Notice
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.privacy import is_private
from h5app.plumbing.log import get_logger
from h5app.wechat.transport import BUSY, TOKEN_REFUSED
from h5app.wechat.wording import FieldDoesNotFit, Place, texts_for

NOT_FOLLOWING = 43004
BLACKLISTED = 43019
DECLINED_BY_USER = 43101
"""The follower switched this template off; for a subscription notice: no grant is left."""
BLOCKED = 48002
DAILY_QUOTA = 45009
MINUTE_QUOTA = 45011
MINUTE_PAUSE = timedelta(seconds=61)

log = get_logger(__name__)


class NotComposed(Exception):
    """The notice has no text that may be sent by this way; the argument is the code of why."""


def composed(places: Sequence[Place], notice: Notice, recipient: Recipient) -> dict[str, str]:
    """Return the text of each field, looked through once more before it leaves.

    Raises:
        NotComposed: A field does not fit, or would show a figure to who did not ask for figures.
    """
    try:
        texts = texts_for(places, notice, shows_private=recipient.shows_private)
    except FieldDoesNotFit as wrong:
        log.warning("notice_does_not_fit", kind=notice.kind.value, field=str(wrong))
        raise NotComposed("does_not_fit") from wrong
    check_private(texts.values(), notice, recipient)
    return texts


def check_private(texts: Iterable[str], notice: Notice, recipient: Recipient) -> None:
    """Let nothing pass that shows a figure to who did not ask for figures.

    Raises:
        NotComposed: A text does.
    """
    if not recipient.shows_private and any(is_private(text) for text in texts):
        log.error("notice_would_show_figures", kind=notice.kind.value)
        raise NotComposed("private")


def refused(code: str) -> Delivery:
    """Return that this way will not carry it; the next one may."""
    return Delivery(outcome=Outcome.REFUSED, code=code)


def declined(code: str) -> Delivery:
    """Return that the customer does not want it; no other way is tried."""
    return Delivery(outcome=Outcome.DECLINED, code=code)


def not_now(errcode: int, wall: Clock) -> Delivery | None:
    """Return when to try again after an errcode that says later; None when it says no."""
    code = str(errcode)
    if errcode in {BUSY, *TOKEN_REFUSED}:
        return Delivery(outcome=Outcome.LATER, code=code)
    if errcode == MINUTE_QUOTA:
        return Delivery(outcome=Outcome.LATER, code=code, retry_after=MINUTE_PAUSE)
    if errcode == DAILY_QUOTA:
        return Delivery(outcome=Outcome.LATER, code=code, retry_after=until_morning(wall.now()))
    return None


def until_morning(now: datetime) -> timedelta:
    """Return how long it is until the next day's quota is there and nobody sleeps any more."""
    tomorrow = now.date() + timedelta(days=1)
    return datetime.combine(tomorrow, _later(QUIET_UNTIL), now.tzinfo) - now


def _later(moment: time) -> time:
    return moment.replace(minute=moment.minute + 1)
