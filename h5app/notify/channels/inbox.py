"""The inbox as a channel: what is told by it stands there, once."""

from h5app.notify.model import Notice
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.service import Notifier


class InboxChannel:
    """Carries every notice; the recipient's address is the customer's own id."""

    name = "inbox"

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def send(self, notice: Notice, recipient: Recipient) -> Delivery:
        """Put the notice into the inbox of the customer it is for."""
        if recipient.address != notice.customer_id:
            return Delivery(outcome=Outcome.REFUSED, code="not_the_recipient")
        self._notifier.tell(notice)
        return Delivery(outcome=Outcome.SENT, reference=notice.dedupe_key)
