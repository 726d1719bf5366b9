"""Data classes L0 to L4: what each function asks for, declared in code, made stricter by a file.

The code's own class follows from the tier of a route (identity.gate). The product's file names the
functions of trading; an operator's file under H5APP_HOME moves functions to stricter classes and
sets from which amount on a function counts as the next class.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import flask
from flask import Flask, Response, request

from h5app.identity.gate import refusal, tier_of, visitor
from h5app.identity.model import Tier
from h5app.identity.pages import is_wechat
from h5app.kernel.error import AppError
from h5app.kernel.money import NotAnAmount, fen_from_text
from h5app.plumbing.config import BadSetting
from h5app.plumbing.web import error_reply, render, request_asks_json

OPERATOR_FILE = "data_classes.toml"
_OWN = Path(__file__).with_name(OPERATOR_FILE)
WEIGHED = frozenset({"trading.place"})
"""Functions whose amount is looked at."""
_SECTIONS = ("amounts", "classes")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class DataClass(IntEnum):
    """How private a function is; each class asks for what those below it ask for."""

    L0 = 0
    """Public."""
    L1 = 1
    """Light: a bound account."""
    L2 = 2
    """Private: the trade password was given."""
    L3 = 3
    """Transactions: the trade password, and a question before it is done."""
    L4 = 4
    """Not inside WeChat."""


_TIERS = {DataClass.L0: Tier.VISITOR, DataClass.L1: Tier.BOUND}
"""What a class asks for; everything above them the trade password."""


class Elsewhere(AppError):
    """The function, or this amount of it, is not done inside WeChat; `path` leads to it."""

    code = "identity.elsewhere"
    status = 403
    sentence = "这项业务或金额较大,不在微信内办理;请用手机或电脑浏览器打开页面上的地址继续"


@dataclass(frozen=True, kw_only=True)
class DataClasses:
    """The classes in force. An empty one changes nothing."""

    by_endpoint: Mapping[str, DataClass] = field(default_factory=dict)
    amount_by_endpoint_fen: Mapping[str, int] = field(default_factory=dict)
    place_by_endpoint: Mapping[str, str] = field(default_factory=dict)
    """File and line that an endpoint's class or amount comes from, for refusals to start."""

    @classmethod
    def of_home(cls, home: Path) -> "DataClasses":
        """Read the product's file and, where there is one, the operator's below `home`.

        Raises:
            BadSetting: A file cannot be used; the sentence names the file and the line.
        """
        files = [_OWN, *(own for own in [home / OPERATOR_FILE] if own.exists())]
        read = [_read(path) for path in files]
        return cls(
            by_endpoint={key: one for file in read for key, one in file.by_endpoint.items()},
            amount_by_endpoint_fen={
                key: one for file in read for key, one in file.amount_by_endpoint_fen.items()
            },
            place_by_endpoint={
                key: one for file in read for key, one in file.place_by_endpoint.items()
            },
        )

    def check(self, app: Flask) -> None:
        """Hold the files against the routes that there are.

        Raises:
            BadSetting: A function does not exist, or its class is below the code's own.
        """
        for endpoint, place in self.place_by_endpoint.items():
            if endpoint not in app.view_functions:
                raise BadSetting(f"{place}: 没有功能 {endpoint}")
            own = class_of(app, endpoint)
            if self.by_endpoint.get(endpoint, own) < own:
                raise BadSetting(f"{place}: {endpoint} 不能低于 {own.name}")
        for endpoint in self.amount_by_endpoint_fen.keys() - WEIGHED:
            place = self.place_by_endpoint[endpoint]
            raise BadSetting(f"{place}: {endpoint} 不按金额升级,只有 {'、'.join(WEIGHED)}")

    def is_weighed(self, endpoint: str) -> bool:
        """Whether the amount decides something for this request."""
        return endpoint in self.amount_by_endpoint_fen and is_wechat()

    def weigh(self, endpoint: str, amount_fen: int, path: str) -> None:
        """Let an amount through, or move the function to its next class.

        Raises:
            Elsewhere: So much of it is not done inside WeChat; `path` is where it goes on.
        """
        limit_fen = self.amount_by_endpoint_fen.get(endpoint)
        own = self.by_endpoint.get(endpoint, DataClass.L0)
        is_heavy = limit_fen is not None and amount_fen >= limit_fen
        if is_heavy and own >= DataClass.L3 and is_wechat():
            raise Elsewhere(path=path)


def class_of(app: Flask, endpoint: str) -> DataClass:
    """Return the class that a route has by its tier and its methods."""
    tier = tier_of(app.view_functions[endpoint]) or Tier.VISITOR
    if tier is Tier.VISITOR:
        return DataClass.L0
    if tier < Tier.STEPPED_UP:
        return DataClass.L1
    rules = app.url_map.iter_rules(endpoint)
    changes = any((rule.methods or set()) - _SAFE_METHODS for rule in rules)
    return DataClass.L3 if changes else DataClass.L2


def install(app: Flask, classes: DataClasses, base_url: str) -> None:
    """Ask of each request what its class asks for; call it once every route is there.

    Raises:
        BadSetting: The files do not fit the routes.
    """
    classes.check(app)
    stricter = {
        endpoint: wanted
        for endpoint, wanted in classes.by_endpoint.items()
        if wanted > class_of(app, endpoint)
    }

    def guard() -> None:
        wanted = stricter.get(flask.request.endpoint or "")
        if wanted is None:
            return
        tier = _TIERS.get(wanted, Tier.STEPPED_UP)
        if wanted is DataClass.L4 and is_wechat():
            raise Elsewhere(path=request.path)
        if visitor().tier < tier:
            raise refusal(visitor(), tier)

    if stricter:
        app.before_request(guard)
    app.register_error_handler(Elsewhere, _answer(base_url))


def _answer(base_url: str) -> Callable[[Elsewhere], Response]:
    def elsewhere(refused: Elsewhere) -> Response:
        address = base_url + str(refused.details.get("path", "/"))
        if request_asks_json():
            return error_reply(Elsewhere(address=address))
        return render("identity/elsewhere.html", refused.status, error=refused, address=address)

    return elsewhere


# ---------------------------------------------------------------- the file


def _read(path: Path) -> DataClasses:
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as wrong:
        raise BadSetting(f"{path.name} 读不到: {wrong.strerror}") from wrong
    except UnicodeDecodeError as wrong:
        raise BadSetting(f"{path.name} 不是 UTF-8 文本") from wrong
    except tomllib.TOMLDecodeError as wrong:
        raise BadSetting(
            f"{path.name}{_line_of_message(str(wrong))}: 不是 TOML: {wrong}"
        ) from wrong
    for section, rows in document.items():
        if section not in _SECTIONS or not isinstance(rows, dict):
            raise BadSetting(
                f"{_place(path, text, section)}: 不认识 {section},只有 amounts 和 classes"
            )
    places = {
        endpoint: _place(path, text, endpoint, section)
        for section in _SECTIONS
        for endpoint in document.get(section, {})
    }
    return DataClasses(
        by_endpoint={
            endpoint: _class(value, places[endpoint])
            for endpoint, value in document.get("classes", {}).items()
        },
        amount_by_endpoint_fen={
            endpoint: amount
            for endpoint, value in document.get("amounts", {}).items()
            if (amount := _amount(value, _place(path, text, endpoint, "amounts"))) is not None
        },
        place_by_endpoint=places,
    )


def _class(value: Any, place: str) -> DataClass:  # noqa: ANN401 - whatever the file holds
    if value in DataClass.__members__:
        return DataClass[value]
    raise BadSetting(f"{place}: {value!r} 不是 L0 到 L4")


def _amount(value: Any, place: str) -> int | None:  # noqa: ANN401 - whatever the file holds
    try:
        amount = fen_from_text(value if isinstance(value, str) else "")
    except NotAnAmount:
        raise BadSetting(f'{place}: {value!r} 不是金额文本,例如 "5000000.00"') from None
    if amount < 0:
        raise BadSetting(f"{place}: 金额不能为负")
    return amount or None


def _place(path: Path, text: str, word: str, section: str = "") -> str:
    """Return file and line of a key, in its section where one is given."""
    inside = not section
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[+\s*\"?([^\]\"]+)", line)
        inside = head.group(1).strip() == section if head and section else inside
        if inside and re.match(rf"\s*\[*\s*[\"']?{re.escape(word)}\b", line):
            return f"{path.name} 第 {number} 行"
    return path.name


def _line_of_message(message: str) -> str:
    found = re.search(r"at line (\d+)", message)
    return f"第 {found.group(1)} 行" if found else "末尾"
