"""The headers that every answer carries: security, no storing, and the request's id."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, g

from h5app.plumbing.config import Config


def standing_headers(config: Config) -> Callable[[Response], Response]:
    """Return what adds them to an answer, after its view."""
    wanted = {name.lower(): (name, text) for name, text in _headers(config).items()}

    def add(response: Response) -> Response:
        headers = response.headers
        there = {name.lower() for name, _text in headers}
        for lower, (name, text) in wanted.items():
            if lower not in there:
                headers.add(name, text)
        headers["X-Request-ID"] = g.get("request_id", "")
        return response

    return add


def _headers(config: Config) -> dict[str, str]:
    """Return what every answer carries unless its view said otherwise."""
    headers = {
        "Content-Security-Policy": content_security_policy(config),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), payment=()",
        "Cache-Control": "no-store",
    }
    if not config.is_demo:
        headers["X-Frame-Options"] = "DENY"
    if config.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_security_policy(config: Config) -> str:
    """Return the policy of every page: own origin, and WeChat's JS-SDK as the only foreign script.

    Framing is for the demo's phone on loopback only.
    """
    script = urlsplit(config.wechat_js_url)
    simulator = f"http://localhost:{config.simulator_port} http://127.0.0.1:{config.simulator_port}"
    frames = (
        f"http://*.localhost:{config.simulator_port} {simulator}" if config.is_demo else "'none'"
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {script.scheme}://{script.netloc}",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frames}",
        )
    )
