"""One interface of the platform, and one call of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from werkzeug.datastructures import FileStorage

from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json

Answer = Json | Response


@dataclass(frozen=True, kw_only=True)
class Call:
    """What one request of the account's server carries."""

    path: str
    method: str
    query: Mapping[str, str]
    body: bytes
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    """The simulator's own address as this caller sees it."""

    def json(self) -> Json:
        """Return the body as a JSON object.

        Raises:
            Refused: 44002 for an empty body, 47001 for anything that is not a JSON object.
        """
        if not self.body.strip():
            raise Refused(44002)
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused(47001) from None
        if not isinstance(found, dict):
            raise Refused(47001)
        return found


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A path, how it must be called, and what answers."""

    path: str
    method: str
    """GET, POST, or ANY."""
    handle: Callable[[Call], Answer]
    daily_max: int = 0
    """Calls a day; 0 is without a limit."""
    needs_token: bool = True
    as_text: bool = False
    """Whether the JSON travels as text/plain, as sns calls do."""


def get(path: str, handle: Callable[[Call], Answer], daily_max: int = 0) -> Endpoint:
    """Return an endpoint read with GET."""
    return Endpoint(path=path, method="GET", handle=handle, daily_max=daily_max)


def post(path: str, handle: Callable[[Call], Answer], daily_max: int = 0) -> Endpoint:
    """Return an endpoint written with POST."""
    return Endpoint(path=path, method="POST", handle=handle, daily_max=daily_max)


DONE: Json = {"errcode": 0, "errmsg": "ok"}


def text_of(body: Mapping[str, Any], name: str, errcode: int) -> str:
    """Return a non-empty text field, else refuse with the errcode."""
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Refused(errcode, f"{name} missing")
    return found


def number_of(body: Mapping[str, Any], name: str, errcode: int) -> int:
    """Return a whole number, also from a text of digits, else refuse with the errcode."""
    found = body.get(name)
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise Refused(errcode, f"{name} missing")
    try:
        return int(found)
    except ValueError:
        raise Refused(errcode, f"{name} is not a number") from None


def list_of(body: Mapping[str, Any], name: str, most: int) -> list[str]:
    """Return a list of openids.

    Raises:
        Refused: 40032 when it is missing, empty or longer than `most`.
    """
    found = body.get(name)
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        raise Refused(40032)
    return [str(one) for one in found]
