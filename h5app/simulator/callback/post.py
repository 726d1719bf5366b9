"""One attempt: the letter goes out, and what came back, in time or not."""

import contextlib
import http.client
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from h5app.simulator.callback.markup import READ_BYTES_MAX

SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the account's server said; `status` is None when it said nothing whole in time."""

    status: int | None
    text: str
    outcome: str
    """answered, silent or unreachable."""

    @property
    def is_lost(self) -> bool:
        """Whether the platform tries again: nothing came, or the server failed."""
        return self.status is None or self.status >= SERVER_ERROR


def post(address: str, body: str, timeout_seconds: float) -> Answer:
    """Post a letter and return the answer; never raises for what the other side does."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_seconds)
    limit = _Limit(timeout_seconds)
    try:
        connection.connect()
        limit.hold(connection.sock)
        connection.request(
            "POST",
            f"{parts.path or '/'}?{parts.query}",
            body.encode(),
            {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Accept": "*/*"},
        )
        reply = connection.getresponse()
        text = reply.read(READ_BYTES_MAX + 1).decode("utf-8", "replace")
    except TimeoutError:
        return Answer(status=None, text="", outcome="silent")
    except (OSError, http.client.HTTPException) as wrong:
        outcome = "silent" if limit.is_reached else "unreachable"
        return Answer(status=None, text=type(wrong).__name__, outcome=outcome)
    finally:
        limit.cancel()
        connection.close()
    if limit.is_reached:
        return Answer(status=None, text="", outcome="silent")
    return Answer(status=reply.status, text=text, outcome="answered")


class _Limit:
    """Ends a connection whose answer drips: the time-out holds for the whole answer."""

    def __init__(self, seconds: float) -> None:
        self._line: socket.socket | None = None
        self.is_reached = False
        self._timer = threading.Timer(seconds, self._reach)
        self._timer.daemon = True
        self._timer.start()

    def hold(self, line: socket.socket) -> None:
        """Note the connection's socket: http.client forgets it once the answer's head is read."""
        self._line = line

    def cancel(self) -> None:
        """The answer is there."""
        self._timer.cancel()

    def _reach(self) -> None:
        self.is_reached = True
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
