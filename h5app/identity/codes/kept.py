"""Short messages kept in memory, for tests and for a developer without any gateway."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message as it was sent."""

    phone: str
    text: str
    purpose: str

    @property
    def code(self) -> str:
        """The digits in the text."""
        found = re.search(r"\d{6}", self.text)
        assert found, "a message without a code"
        return found.group()


class KeptCodes:
    """Keeps every message; can be told to fail like a gateway."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.fails_with: Exception | None = None

    @property
    def last_code(self) -> str:
        """The digits of the newest message."""
        return self.messages[-1].code

    def send(self, phone: str, text: str, purpose: str) -> None:
        """Keep the message, or fail as told."""
        if self.fails_with is not None:
            raise self.fails_with
        self.messages.append(Message(phone, text, purpose))
