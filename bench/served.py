"""What the worker of a bench serves: the product, and below /bare the least that Flask can do."""

import time
from collections.abc import Iterator

from flask import Flask, Response, request
from gevent.event import Event
from gevent.hub import spawn_raw
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from h5app.app import create_app
from h5app.kernel.clock import SystemClock
from h5app.market.board import BoardReader
from h5app.market.shown import QuoteRows
from h5app.market.stream import POLL_SECONDS
from h5app.plumbing import log
from h5app.plumbing.config import Config


class FanOut:
    """The same frames for everybody, made once a tick: the least that server-sent events cost."""

    def __init__(self, reader: BoardReader) -> None:
        self._rows = QuoteRows(reader)
        self._frames = b""
        self._next = Event()
        self._symbols: list[str] = []
        self._is_watching = False

    def events(self, symbols: list[str]) -> Iterator[bytes]:
        """Yield each tick's frames."""
        self._symbols = symbols
        if not self._is_watching:
            self._is_watching = True
            spawn_raw(self._watch)
        yield b": here\n\n"
        while True:
            self._next.wait()
            yield self._frames

    def _watch(self) -> None:
        sequence = self._rows.board_sequence()
        while True:
            time.sleep(POLL_SECONDS)
            now = self._rows.board_sequence()
            if now != sequence:
                sequence = now
                rows = self._rows.encoded(self._symbols).values()
                self._frames = b"".join(b"data: " + row + b"\n\n" for row in rows)
                before, self._next = self._next, Event()
                before.set()


def bare_app(reader: BoardReader) -> Flask:
    """Return a Flask application without anything but its routes."""
    bare = Flask("bare")
    kept: dict[str, tuple[bytes, str]] = {}
    fan_out = FanOut(reader)

    @bare.put("/bytes/<name>")
    def keep(name: str) -> Response:
        kept[name] = (request.get_data(), request.content_type or "")
        return Response(status=204)

    @bare.get("/bytes/<name>")
    @bare.post("/bytes/<name>")
    def given(name: str) -> Response:
        request.get_data()
        body, kind = kept[name]
        return Response(body, content_type=kind)

    @bare.get("/stream")
    def stream() -> Response:
        symbols = request.args["symbols"].split(",")
        return Response(fan_out.events(symbols), mimetype="text/event-stream")

    return bare


config = Config.from_environ()
log.configure(config.log_level)
bare = bare_app(BoardReader(config.board_path, SystemClock()))
app = DispatcherMiddleware(create_app(config), {"/bare": bare})
