"""One exchange with the account's server: asked as bytes, answered as a stream."""

import contextlib
import http.client
import queue
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 64 * 1024
HEARTBEAT_SECONDS = 5.0
HEARTBEAT = b":\n\n"
"""A comment line: whoever sends it notices when the reader is gone."""
WAITING_PARTS_MAX = 64


class NoAnswer(Exception):
    """The account's server does not answer; the phone shows a page that says so."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it goes out."""

    base_url: str
    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes


class Passage:
    """An open connection with the head of its answer; reading `parts` to its end closes it."""

    def __init__(self, asked: Asked) -> None:
        """Send the request and wait for the answer's head.

        Raises:
            NoAnswer: Nobody is there, or the head is not whole in time.
        """
        parts = urlsplit(asked.base_url)
        is_https = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_https else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self._line: socket.socket | None = None
        self._is_pumped = False
        try:
            self.reply = self._send(asked)
        except (OSError, http.client.HTTPException, ValueError) as wrong:
            self._connection.close()
            raise NoAnswer(type(wrong).__name__) from None

    def _send(self, asked: Asked) -> http.client.HTTPResponse:
        connection = self._connection
        connection.putrequest(asked.method, asked.target, skip_host=True, skip_accept_encoding=True)
        for name, value in asked.headers:
            connection.putheader(name, value)
        connection.endheaders(asked.body or None)
        self._line = connection.sock
        return connection.getresponse()

    @property
    def is_event_stream(self) -> bool:
        """Whether the answer is server-sent events."""
        return self.reply.headers.get_content_type() == "text/event-stream"

    def parts(self) -> Iterator[bytes]:
        """Pass on what comes, as it comes."""
        return self._events() if self.is_event_stream else self._bytes()

    def close(self) -> None:
        """Hang up; a pump that still reads is woken by it, and closes what it reads from itself."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
        if not self._is_pumped:
            self._release()

    def _release(self) -> None:
        self.reply.close()
        self._connection.close()

    def _bytes(self) -> Iterator[bytes]:
        try:
            while part := self.reply.read1(CHUNK_BYTES):
                yield part
        finally:
            self.close()

    def _events(self) -> Iterator[bytes]:
        """Pass on events; in their silences a heartbeat finds out whether anybody listens."""
        arrived: queue.Queue[bytes] = queue.Queue(maxsize=WAITING_PARTS_MAX)
        stopped = threading.Event()
        if self._line is not None:
            self._line.settimeout(None)
        self._is_pumped = True
        threading.Thread(target=self._pump, args=(arrived, stopped), daemon=True).start()
        is_between_events = True
        try:
            while True:
                try:
                    part = arrived.get(timeout=HEARTBEAT_SECONDS)
                except queue.Empty:
                    if is_between_events:
                        yield HEARTBEAT
                    continue
                if not part:
                    return
                is_between_events = part.endswith((b"\n\n", b"\r\n\r\n"))
                yield part
        finally:
            stopped.set()
            self.close()

    def _pump(self, arrived: "queue.Queue[bytes]", stopped: threading.Event) -> None:
        try:
            while not stopped.is_set():
                part = self.reply.read1(CHUNK_BYTES)
                _put(arrived, part, stopped)
                if not part:
                    return
        except (OSError, http.client.HTTPException, ValueError):
            _put(arrived, b"", stopped)
        finally:
            self._release()


def _put(arrived: "queue.Queue[bytes]", part: bytes, stopped: threading.Event) -> None:
    """Hand a part over, unless nobody takes parts any more."""
    while not stopped.is_set():
        with contextlib.suppress(queue.Full):
            arrived.put(part, timeout=1)
            return
