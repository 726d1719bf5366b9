"""The simulator's application: the platform's interfaces, the phones, and the tester's page."""

import json
import signal
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import gevent
from flask import Flask, Response, g, render_template, request
from flask_babel import Babel
from gevent.pywsgi import WSGIServer
from werkzeug.exceptions import HTTPException

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.plumbing.config import Config
from h5app.plumbing.log import get_logger
from h5app.simulator.api.endpoint import Call
from h5app.simulator.api.interfaces import PREFIXES
from h5app.simulator.official_platform import Platform
from h5app.simulator.phone import authorize_views, jssdk, views
from h5app.simulator.phone.addresses import OWN_PREFIXES
from h5app.simulator.phone.authorize import PageRefused
from h5app.simulator.phone.impossible import Impossible
from h5app.simulator.phone.passage import NoAnswer
from h5app.simulator.phone.web_view import TooLarge, WebView
from h5app.simulator.refusal import Refused
from h5app.simulator.settings import NotLoopback, Settings, parse_arguments
from h5app.simulator.tester import views as tester_views

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static" / "simulator"
REQUEST_BYTES_MAX = 12 * 1024 * 1024
"""A medium of ten megabytes with its multipart around it."""
STOP_SECONDS = 1
"""How long open requests may still take at the end; streams would never end by themselves."""

log = get_logger(__name__)


def create_simulator(settings: Settings, wall: Clock | None = None) -> Flask:
    """Return the application; `platform_of(app).courier.start()` lets it send.

    The state file is made here when it is not there yet.
    """
    platform = Platform(settings, wall)
    app = Flask("h5app.simulator", template_folder=str(TEMPLATES), static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=REQUEST_BYTES_MAX,
        TRUSTED_HOSTS=None
        if settings.allows_network
        else ["127.0.0.1", "localhost", ".localhost", "[::1]"],
    )
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["simulator"] = platform
    Babel(app, default_locale="zh")
    app.context_processor(lambda: {"account_name": settings.account_name})
    app.before_request(_Doorman(platform).direct)
    app.after_request(_add_headers)
    _register_errors(app)
    app.register_blueprint(views.blueprint(platform))
    app.register_blueprint(authorize_views.blueprint(platform))
    app.register_blueprint(jssdk.blueprint(platform))
    app.register_blueprint(tester_views.blueprint(platform, STATIC))
    return app


def platform_of(app: Flask) -> Platform:
    """Return the platform behind an application, for its courier, its clock and its store."""
    platform: Platform = app.extensions["simulator"]
    return platform


class _Doorman:
    """Decides by host and path whose a request is, before any route."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._web_view = WebView(platform)

    def direct(self) -> Response | None:
        user_id = self._platform.addresses.phone_of(request.host)
        g.phone = self._platform.people.of_phone(user_id) if user_id else None
        if user_id and not request.path.startswith(OWN_PREFIXES):
            return self._forwarded()
        if not user_id and request.path.startswith(PREFIXES):
            return self._platform.interfaces.answer(_call(), request.remote_addr or "")
        if request.method != "GET" and not _is_from_here():
            return Response("cross-site", status=HTTPStatus.FORBIDDEN, mimetype="text/plain")
        return None

    def _forwarded(self) -> Response:
        if g.phone is None:
            return _page("simulator/problem.html", HTTPStatus.NOT_FOUND, problem="no_phone")
        g.is_forwarded = True
        return self._web_view.forward(g.phone)


def _is_from_here() -> bool:
    """Return whether a write comes from one of our own pages, or from no page at all."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in ("none", "same-origin") and origin in (None, f"http://{request.host}")


def _call() -> Call:
    is_form = request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded")
    return Call(
        path=request.path,
        method=request.method,
        query=request.args.to_dict(),
        body=b"" if request.mimetype == "multipart/form-data" else request.get_data(),
        files=request.files.to_dict() if is_form else {},
        form=request.form.to_dict() if is_form else {},
        base_url=request.host_url.rstrip("/"),
    )


def _add_headers(response: Response) -> Response:
    if g.get("is_forwarded"):
        return response
    port = str(request.environ.get("HTTP_HOST", "")).rpartition(":")[2]
    if not port.isdigit():
        port = "80"
    phones = f"http://*.localhost:{port}"
    testers = f"http://127.0.0.1:{port} http://localhost:{port}"
    policy = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-src 'self' {phones}; frame-ancestors 'self' {testers} {phones}"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _page(template: str, status: int, **values: Any) -> Response:  # noqa: ANN401 - what a template shows
    g.is_forwarded = False
    return Response(render_template(template, **values), status=status)


def _register_errors(app: Flask) -> None:
    app.register_error_handler(
        NoAnswer, lambda _wrong: _page("simulator/problem.html", 502, problem="no_answer")
    )
    app.register_error_handler(
        TooLarge, lambda _wrong: _page("simulator/problem.html", 413, problem="too_large")
    )
    app.register_error_handler(
        PageRefused, lambda wrong: _page("simulator/refused.html", 400, refused=wrong)
    )
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(Refused, lambda wrong: _app_error(Impossible(str(wrong))))
    app.register_error_handler(HTTPException, _http_error)


def _app_error(refused: AppError) -> Response:
    body = {"error": {"code": refused.code, "message": refused.message}}
    return Response(
        json.dumps(body, ensure_ascii=False), status=refused.status, mimetype="application/json"
    )


def _http_error(wrong: HTTPException) -> Response:
    status = wrong.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return Response(wrong.get_response().get_data(), status, dict(wrong.get_headers()))
    problem = "not_found" if status == HTTPStatus.NOT_FOUND else "bad_request"
    return _page("simulator/problem.html", status, problem=problem)


def main(argv: Sequence[str], config: Config) -> int:
    """Serve until SIGTERM or SIGINT and return the exit code.

    Streams and the five-second callbacks need many connections at once: the caller has made the
    standard library cooperative (gevent.monkey.patch_all) before anything else was imported.
    """
    try:
        settings = parse_arguments(argv, Settings.from_config(config))
    except NotLoopback as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    app = create_simulator(settings)
    platform = platform_of(app)
    server = WSGIServer((settings.host, settings.port), app, log=None)
    server.stop_timeout = STOP_SECONDS
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop)
    platform.courier.start()
    log.info("simulator_serves", host=settings.host, port=settings.port)
    try:
        server.serve_forever()
    finally:
        platform.close()
    log.info("simulator_stopped")
    return 0
