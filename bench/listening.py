"""A process that holds many event streams open and notes when each tick's last row arrived.

Started by bench.stream as `python -m bench.listening PORT PATH STREAMS`. It says "open" when every
stream has spoken, and, when its standard input ends, what arrived as JSON: for each stream a
mapping of the row's sequence to monotonic seconds, a clock that all processes share.
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

RECEIVE_BYTES = 1 << 16
_ROW = re.compile(rb'data: \{"symbol":"[^"]+","sequence":(\d+)')


@dataclass
class Stream:
    """One open stream: what came and when. It is read afterwards, so that reading costs little."""

    connection: socket.socket
    heard: list[tuple[float, bytes]] = field(default_factory=list)

    def arrivals(self) -> dict[int, float]:
        """Return when the last row of each sequence was there, monotonic seconds."""
        found: dict[int, float] = {}
        rest = b""
        for at, received in self.heard:
            text = rest + received
            end = 0
            for match in _ROW.finditer(text):
                found[int(match.group(1))] = at
                end = match.end()
            rest = text[end:]
        return found


def main(port: int, path: str, count: int) -> None:
    """Open the streams, listen until told to stop, say what was heard."""
    selector = selectors.DefaultSelector()
    streams = [_opened(port, path) for _ in range(count)]
    for stream in streams:
        selector.register(stream.connection, selectors.EVENT_READ, stream)
    while not all(b"\r\n\r\n" in b"".join(part for _, part in one.heard) for one in streams):
        _listen(selector)
    for stream in streams:
        stream.heard.clear()
    print("open", flush=True)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    while _listen(selector):
        pass
    print(json.dumps([stream.arrivals() for stream in streams]), flush=True)


def _opened(port: int, path: str) -> Stream:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    connection.setblocking(False)
    return Stream(connection)


def _listen(selector: selectors.BaseSelector) -> bool:
    """Note what came; say whether to go on."""
    for key, _ in selector.select():
        if key.data is None:
            return False
        received = key.data.connection.recv(RECEIVE_BYTES)
        if not received:
            raise SystemExit("a stream was closed")
        key.data.heard.append((time.monotonic(), received))
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
