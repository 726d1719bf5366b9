"""The Flask application every room hangs its pages on: headers, CSRF, errors, assets, JSON."""

import json
import mimetypes
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import flask
import msgspec
import werkzeug.exceptions
from flask import Flask, Response, g, has_app_context, request
from flask_babel import Babel
from flask_babel import gettext as _
from flask_compress import Compress
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from h5app.kernel.error import AppError
from h5app.plumbing.config import Config
from h5app.plumbing.form_session import FormSessions
from h5app.plumbing.format import register_filters
from h5app.plumbing.headers import standing_headers
from h5app.plumbing.log import get_logger, request_id
from h5app.plumbing.proxy import TrustedProxies
from h5app.plumbing.texts import install_texts

REQUEST_BYTES_MAX = 64 * 1024
"""Larger bodies are refused; a room that takes files raises it for its own route."""
FORM_PARTS_MAX = 200
ASSET_SECONDS = 365 * 24 * 3600

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
ASSETS = ROOT / "static" / "dist"

_READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
log = get_logger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class PageNotFound(AppError):
    """There is no such page."""

    code = "plumbing.not_found"
    status = 404
    sentence = "没有找到这个页面,请从菜单重新进入"


class MethodNotAllowed(AppError):
    """The address exists but not for this method."""

    code = "plumbing.method_not_allowed"
    status = 405
    sentence = "这个地址不支持这样的请求,请从页面重新操作"


class RequestTooLarge(AppError):
    """The body is larger than the route takes."""

    code = "plumbing.request_too_large"
    status = 413
    sentence = "提交的内容太大,请减少后重试"


class FormExpired(AppError):
    """The CSRF token is missing or no longer that of the session."""

    code = "plumbing.form_expired"
    status = 400
    sentence = "页面已过期,请返回上一页刷新后重试,没有提交任何内容"


class TooManyRequests(AppError):
    """A rate limit was reached."""

    code = "plumbing.too_many_requests"
    status = 429
    sentence = "操作太频繁,请稍等片刻再试"


class BadRequest(AppError):
    """The request is not of the form the route takes."""

    code = "plumbing.bad_request"
    status = 400
    sentence = "请求格式不正确,请从页面重新操作"


class InternalError(AppError):
    """Our own mistake; the log has the trace under the request id."""

    code = "plumbing.internal_error"
    status = 500
    sentence = "系统出错了,我们已记录,请稍后再试"


_BY_STATUS: dict[int, type[AppError]] = {
    error.status: error
    for error in (PageNotFound, MethodNotAllowed, RequestTooLarge, TooManyRequests, BadRequest)
}


class PlainFlask(Flask):
    """Flask without asynchronous views: to look at each function costs more than to call it."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_base(config: Config) -> Flask:
    """Return an application with everything that is the same for every room, and no route."""
    app = PlainFlask("h5app", template_folder=str(TEMPLATES), static_folder=None)
    app.session_interface = FormSessions()
    _configure(app, config)
    app.wsgi_app = TrustedProxies(app.wsgi_app, config.proxy_addresses)  # type: ignore[method-assign]
    app.before_request(_begin_request)
    csrf.init_app(app)
    app.before_request(_check_form_token)
    Babel(app, default_locale="zh", locale_selector=_locale)
    install_texts(app)
    Compress(app)
    app.after_request(standing_headers(config))
    _register_errors(app)
    _register_assets(app)
    register_filters(app)
    house = {"config_brand": config.brand, "is_demo": config.is_demo}
    app.context_processor(lambda: house | {"service_phone": config.service_phone})
    return app


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=REQUEST_BYTES_MAX,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
        SESSION_COOKIE_NAME=cookie_name(config, "form"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PREFERRED_URL_SCHEME="https" if config.is_https else "http",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,  # _check_form_token does it, at less cost to those who read
        WTF_CSRF_SSL_STRICT=False,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "h5app" / "plumbing" / "translations"),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=["text/html", "text/plain", "application/json", "text/calendar"],
        COMPRESS_STREAMS=False,
        TRUSTED_HOSTS=trusted_hosts(config),
        H5APP=config,
    )
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["has_asset"] = has_asset
    app.jinja_env.filters["said"] = lambda sentence: str(_(sentence))
    app.jinja_env.filters["tojson_text"] = lambda value: json.dumps(value, ensure_ascii=False)


def trusted_hosts(config: Config) -> list[str]:
    """Return the host names requests may carry: the public one, in the demo also loopback."""
    public = urlsplit(config.base_url).hostname
    hosts = [public] if public else []
    if config.is_demo:
        hosts += ["127.0.0.1", "localhost", ".localhost", "[::1]"]
    elif config.host in {"127.0.0.1", "0.0.0.0"}:  # noqa: S104 - compared, not bound
        hosts += ["127.0.0.1", "localhost"]
    return hosts


def cookie_name(config: Config, purpose: str) -> str:
    """Return a cookie's name: apart for two checkouts, `__Host-` on https."""
    name = f"h5app_{purpose}_{config.instance}"
    return f"__Host-{name}" if config.is_https else name


def _locale() -> str:
    return str(flask.session.get("language", "zh"))


def _begin_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    request_id.set(g.request_id)


def _check_form_token() -> None:
    """Refuse a write without the token of its session, but on routes that are exempt."""
    if request.method not in _READING and flask.current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect(apply_exemptions=True)


def open_to_all(view: View) -> View:
    """Declare a route of this storey open: 0 is what VISITOR means to the room of identities."""
    view.h5app_tier = 0  # type: ignore[attr-defined]
    return view


def wants_json() -> bool:
    """Say whether the caller asked for JSON rather than a page."""
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]


def json_reply(value: object, status: int = 200) -> Response:
    """Return a JSON response; decimals and moments are written as text."""
    return Response(msgspec.json.encode(value), status=status, mimetype="application/json")


def parsed_json(kind: type[Any]) -> Any:  # noqa: ANN401 - an instance of `kind`
    """Return the request's JSON body as an instance of a msgspec Struct.

    Raises:
        BadRequest: Not JSON, nested too deeply, a wrong type, or an unknown field.
    """
    try:
        return msgspec.json.decode(request.get_data(cache=True), type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise BadRequest(reason=str(wrong)[:200]) from None


def render(template: str, status: int = 200, **values: object) -> Response:
    """Return a page that is not stored by any cache."""
    response = flask.make_response(flask.render_template(template, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def render_public(template: str, **values: object) -> Response:
    """Return a page without private data: caches must ask again, the back button may keep it."""
    response = flask.make_response(flask.render_template(template, **values))
    response.headers["Cache-Control"] = "no-cache"
    return response


def see_other(location: str) -> Response:
    """Return a 303 to a local address after a write."""
    return flask.redirect(location, 303)  # type: ignore[return-value]


def _register_errors(app: Flask) -> None:
    app.register_error_handler(AppError, error_reply)
    app.register_error_handler(CSRFError, lambda _wrong: error_reply(FormExpired()))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RecursionError, lambda _wrong: error_reply(BadRequest()))
    app.register_error_handler(Exception, _own_mistake)


def _http_error(wrong: HTTPException) -> Response:
    status = wrong.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return wrong.get_response()  # type: ignore[return-value]
    fallback = BadRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else InternalError
    reply = error_reply(_BY_STATUS.get(status, fallback)())
    if isinstance(wrong, werkzeug.exceptions.MethodNotAllowed) and wrong.valid_methods:
        reply.headers["Allow"] = ", ".join(sorted(wrong.valid_methods))
    return reply


def _own_mistake(wrong: Exception) -> Response:
    log.exception(
        "request_failed", method=request.method, path=request.path, error=type(wrong).__name__
    )
    return error_reply(InternalError())


def error_reply(refused: AppError) -> Response:
    """Return the page or the JSON of a refusal, by what the caller asked for."""
    if request_asks_json():
        body = {
            "error": {
                "code": refused.code,
                "message": _(refused.message),
                "details": refused.details,
            },
            "request_id": g.get("request_id", ""),
        }
        response = Response(
            json.dumps(body, ensure_ascii=False, default=str), mimetype="application/json"
        )
    else:
        response = flask.make_response(flask.render_template("errors/error.html", error=refused))
    response.status_code = refused.status
    if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "2"
    return response


def request_asks_json() -> bool:
    """Say whether an error belongs in JSON: asked for, or sent as JSON."""
    return wants_json() or request.mimetype == "application/json"


_manifest: dict[int, dict[str, str]] = {}
"""The built names, by the moment their list was written: a build under a running server counts."""


def asset(name: str) -> str:
    """Return the address of a built asset by its plain name, as "app.css".

    A name that was not built stays as it is; `./manage setup` builds all.
    """
    if not has_app_context():
        return f"/static/{_built().get(name, name)}"
    if "built" not in g:
        g.built = _built()  # A page has a dozen assets; looking once is enough.
    return f"/static/{g.built.get(name, name)}"


def _built() -> dict[str, str]:
    path = ASSETS / "manifest.json"
    written_at = path.stat().st_mtime_ns if path.exists() else 0
    if written_at not in _manifest:
        _manifest.clear()
        _manifest[written_at] = json.loads(path.read_text("utf-8")) if written_at else {}
    return _manifest[written_at]


def has_asset(name: str) -> bool:
    """Say whether the build made an asset of this plain name: a room may have no stylesheet."""
    return asset(name) != f"/static/{name}"


def _register_assets(app: Flask) -> None:
    def send(filename: str) -> Response:
        accepted = request.accept_encodings
        for coding, ending in (("br", ".br"), ("gzip", ".gz")):
            if accepted[coding] and (ASSETS / (filename + ending)).is_file():
                return _packed(filename, coding, ending)
        response = flask.send_from_directory(ASSETS, filename)
        return _immutable(response)

    app.add_url_rule("/static/<path:filename>", "static", open_to_all(send), methods=["GET"])


def _packed(filename: str, coding: str, ending: str) -> Response:
    response = flask.send_from_directory(ASSETS, filename + ending)
    kind, _coding = mimetypes.guess_type(filename)
    response.headers["Content-Type"] = f"{kind or 'application/octet-stream'}; charset=utf-8"
    response.headers["Content-Encoding"] = coding
    return _immutable(response)


def _immutable(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={ASSET_SECONDS}, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    return response
