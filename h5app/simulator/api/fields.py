"""Limits of the fields of template and subscription messages, by the type in a field's name."""

import re
from collections.abc import Mapping
from typing import Any

from h5app.simulator.refusal import Refused

HISTORY_VALUE_MAX = 20
HISTORY_HIDDEN = ("first", "remark")
_PLACE = re.compile(r"\{\{\s*([A-Za-z_]+\d*)\.DATA\s*\}\}")
_HISTORY = re.compile(r"first|remark|keyword\d*")
_CHINESE = "\u4e00-\u9fff"
_TIME_OF_DAY = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY = r"\d{4}(?:年\d{1,2}月(?:\d{1,2}日)?|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2})"
_MOMENT = rf"(?:{_DAY}(?:\s*{_TIME_OF_DAY})?|{_TIME_OF_DAY})"
_SPAN = rf"{_MOMENT}(?:\s*~\s*{_MOMENT})?"

PATTERNS: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r"[\s\S]{1,20}"),
    "number": re.compile(r"-?\d{1,32}(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(rf"[^\w\s{_CHINESE}]{{1,5}}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "time": re.compile(_SPAN),
    "date": re.compile(_SPAN),
    "amount": re.compile(r"[^\d\s.]?\d{1,10}(?:\.\d{1,2})?元?"),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}"),
    "car_number": re.compile(r"[\s\S]{1,8}"),
    "name": re.compile(rf"(?:[{_CHINESE}·]{{1,10}}|[A-Za-z .'\-]{{1,20}})"),
    "phrase": re.compile(rf"[{_CHINESE}]{{1,5}}"),
    "const": re.compile(r"[\s\S]{1,20}"),
    "enum": re.compile(r"[\s\S]{1,20}"),
}
"""What a value of each type looks like; lengths are in characters."""


def field_names(content: str) -> list[str]:
    """Return the fields that a template's content has places for."""
    return _PLACE.findall(content)


def is_history(names: list[str]) -> bool:
    """Return whether a template is of the closed kind (first, keywordN, remark)."""
    return bool(names) and all(_HISTORY.fullmatch(name) for name in names)


def checked_values(content: str, data: Any) -> dict[str, str]:  # noqa: ANN401 - whatever the JSON held
    """Return the values that a message shows, field by field.

    History templates lose first and remark and have long values cut; the fields of category
    templates are each held to their type.

    Raises:
        Refused: 47003, naming the field.
    """
    if not isinstance(data, Mapping):
        raise Refused(47003, "data")
    names = field_names(content)
    if is_history(names):
        shown = [name for name in names if name not in HISTORY_HIDDEN]
        return {name: _value(data.get(name))[:HISTORY_VALUE_MAX] for name in shown}
    return {name: _checked(name, _value(data.get(name))) for name in names}


def rows_of(content: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the lines of a card: label and value, in the template's order."""
    rows = []
    for line in content.splitlines():
        found = _PLACE.search(line)
        if found and found[1] in values:
            rows.append((line[: found.start()].rstrip(": ："), values[found[1]]))
    return rows


def _checked(name: str, value: str) -> str:
    kind = name.rstrip("0123456789")
    pattern = PATTERNS.get(kind, PATTERNS["thing"])
    if not pattern.fullmatch(value):
        raise Refused(47003, f"data.{name}.value {'is empty' if not value else 'invalid'}")
    return value


def _value(part: object) -> str:
    if isinstance(part, Mapping):
        part = part.get("value")
    return "" if part is None else str(part)
