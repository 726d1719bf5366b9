"""/healthz, /readyz, /version and /metrics: whether the house stands, and its figures."""

import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from h5app.kernel.error import AppError
from h5app.plumbing.log import get_logger
from h5app.plumbing.web import PageNotFound, json_reply, open_to_all

log = get_logger(__name__)


@dataclass(frozen=True)
class Check:
    """One thing that must hold before requests are sent here."""

    name: str
    problem: Callable[[], str | None]
    """Returns what is wrong, or None."""


@dataclass(frozen=True)
class Figure:
    """A number that an operator watches; read when it is asked for."""

    name: str
    about: str
    read: Callable[[], float]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Tells figures of one name apart."""


class Metrics:
    """Counts requests and reads the figures of the rooms."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "h5app_requests",
            "Answered requests",
            ["endpoint", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "h5app_request_seconds",
            "Seconds until a request was answered, streams left out",
            ["endpoint"],
            registry=self._registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
        )
        gauges: dict[str, Gauge] = {}
        for figure in figures:
            if figure.name not in gauges:
                gauges[figure.name] = Gauge(
                    figure.name, figure.about, list(figure.labels), registry=self._registry
                )
            gauge = gauges[figure.name]
            gauge = gauge.labels(**figure.labels) if figure.labels else gauge
            gauge.set_function(_guarded(figure))

    def watch(self, app: Flask) -> None:
        """Count every request of the application."""
        app.before_request(_start_watch)
        app.after_request(self._count)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text form."""
        return generate_latest(self._registry)

    def _count(self, response: Response) -> Response:
        endpoint = request.endpoint or "none"
        self._requests.labels(endpoint, request.method, response.status_code).inc()
        if not response.is_streamed and "began" in g:
            self._seconds.labels(endpoint).observe(time.perf_counter() - g.began)
        return response


def _start_watch() -> None:
    g.began = time.perf_counter()


def _guarded(figure: Figure) -> Callable[[], float]:
    def read() -> float:
        try:
            return float(figure.read())
        except AppError:
            return float("nan")

    return read


def blueprint(
    checks: Sequence[Check],
    metrics: Metrics,
    *,
    version: Mapping[str, str],
    metrics_token: str = "",
    facts: Mapping[str, Callable[[], object]] | None = None,
) -> Blueprint:
    """Return the addresses that machines ask; `facts` stand in /readyz beside the checks."""
    room = Blueprint("health", __name__)

    @room.get("/healthz")
    @open_to_all
    def healthz() -> Response:
        return json_reply({"status": "ok"})

    @room.get("/readyz")
    @open_to_all
    def readyz() -> Response:
        problems = {check.name: _problem(check) for check in checks}
        wrong = {name: problem for name, problem in problems.items() if problem}
        found = {name: problem or "ok" for name, problem in problems.items()}
        status = "not_ready" if wrong else "ready"
        more = {name: _fact(read) for name, read in (facts or {}).items()}
        return json_reply({"status": status, "checks": found, **more}, 503 if wrong else 200)

    @room.get("/version")
    @open_to_all
    def version_view() -> Response:
        return json_reply(dict(version))

    @room.get("/metrics")
    @open_to_all
    def metrics_view() -> Response:
        if not _may_read_metrics(metrics_token):
            raise PageNotFound
        return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)

    return room


def _fact(read: Callable[[], object]) -> object:
    try:
        return read()
    except AppError as refused:
        return refused.code


def _problem(check: Check) -> str | None:
    try:
        return check.problem()
    except AppError as refused:
        return refused.code


def _may_read_metrics(token: str) -> bool:
    """Say whether the caller holds the token or, where none is set, sits on this machine."""
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    address = request.remote_addr or ""
    is_direct = "X-Forwarded-For" not in request.headers
    return is_direct and bool(address) and ip_address(address).is_loopback
