"""A stand-in for the platform: a loopback server that answers what it was told, and remembers."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Answer = Callable[[Asked], Any]


def _done(_asked: Asked) -> Any:
    return {"errcode": 0, "errmsg": "ok"}


@dataclass
class FakePlatform:
    """Answers by path; a path that nobody prepared answers errcode 0."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def reply(self, path: str, value: Any) -> None:
        """Answer a path with a value, or by a function of the request."""
        self.answers[path] = value if callable(value) else lambda _asked: value

    def calls(self, path: str) -> list[Asked]:
        """Return the requests of one path."""
        return [one for one in self.asked if one.path == path]

    def reset(self) -> None:
        """Forget answers and requests; tokens and templates are as at first."""
        self.asked.clear()
        self.answers.clear()
        self.reply("/cgi-bin/stable_token", {"access_token": "TOKEN", "expires_in": 7200})

    def start(self) -> Callable[[], None]:
        """Listen on a free loopback port; return what stops it."""
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # Head and body leave together.

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
                platform.asked.append(asked)
                answer = platform.answers.get(asked.path, _done)(asked)
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        return stop
