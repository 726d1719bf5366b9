"""What notify needs from elsewhere: ways out of the house, and who is reached by them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from h5app.notify.model import Notice


class Outcome(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    REFUSED = "refused"
    """Final: this way will not carry it; the next way may."""
    LATER = "later"
    """Not now: the same may be sent again after a while."""
    UNKNOWN = "unknown"
    """No answer: it may have arrived, and sending the same again shows one message."""
    UNSURE = "unsure"
    """No answer: it may have arrived, and sending again might show two. It is left as it is."""
    DECLINED = "declined"
    """Final: the customer does not want it there; no other way is tried."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whom a channel sends to, in the channel's own words."""

    address: str
    shows_private: bool = False
    """Whether the customer asked to see amounts and quantities there."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The answer of a channel."""

    outcome: Outcome
    code: str = ""
    """The channel's own word for a refusal, as "43004"."""
    reference: str = ""
    """The channel's own number of what was sent."""
    retry_after: timedelta | None = None


class Channel(Protocol):
    """One way to a customer. Sending the same notice twice shows one message.

    A way whose other side cannot tell the second sending from the first answers UNSURE to it.
    """

    @property
    def name(self) -> str:
        """The name under which deliveries are recorded."""
        ...

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Send, and say what became of it; it never raises for what the other side did."""
        ...


class AddressBook(Protocol):
    """Where customers are reached."""

    def address(self, customer_id: str, channel_name: str) -> str | None:
        """Return the customer's address in a channel; None when there is none."""
        ...
