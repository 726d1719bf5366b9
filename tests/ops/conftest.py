"""Operators with a quick hash, and the console over them."""

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from h5app.identity import gate
from h5app.identity.model import STRANGER, Visitor
from h5app.kernel.clock import FrozenClock
from h5app.kernel.error import AppError
from h5app.ops import views
from h5app.ops.hashing import Hashing
from h5app.ops.service import Operators
from h5app.plumbing.config import Config, with_defaults
from h5app.plumbing.db import Database
from h5app.plumbing.health import Check, Figure
from h5app.plumbing.web import create_base

QUICK = Hashing(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class NobodySource:
    """Every customer is a stranger here."""

    def visitor_of_request(self) -> Visitor:
        """Return nobody."""
        return STRANGER


@pytest.fixture
def operators(sqlite_database: Database, wall: FrozenClock) -> Operators:
    """One operator, alice."""
    return build_operators(sqlite_database, wall)


def build_operators(database: Database, wall: FrozenClock) -> Operators:
    """Return operators with one of them."""
    operators = Operators(database, wall, secret_key="k" * 32, brand="演示证券", hashing=QUICK)
    operators.add("alice", "correct horse battery")
    return operators


def build_app(operators: Operators, **config: str) -> Flask:
    """Return an application with the console alone."""

    def refuse() -> float:
        raise AppError("读不到")

    checks = [Check("database", lambda: None), Check("feed", lambda: "silent for 90 s")]
    figures = [
        Figure("waiting", "Facts not delivered yet", lambda: 3.0),
        Figure("age", "Seconds since the newest quote", lambda: float("nan")),
        Figure("broken", "Something unreadable", refuse),
    ]
    settings = with_defaults(Config(**config))  # type: ignore[arg-type]
    app = create_base(settings)
    gate.install(app, NobodySource())
    app.register_blueprint(views.blueprint(operators, settings, views.health_of(checks, figures)))
    return app


@pytest.fixture
def client(operators: Operators) -> FlaskClient:
    """A browser at the demo's console."""
    return build_app(operators).test_client()
