"""Facts: frozen, past tense, and the same after a round trip through JSON."""

import types
import typing
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Self


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all facts. A subclass is a frozen keyword-only dataclass of plain values."""

    kinds: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - as object's own signature
        super().__init_subclass__(**kwargs)
        assert Event.kinds.get(cls.__name__, cls).__qualname__ == cls.__qualname__, cls.__name__
        Event.kinds[cls.__name__] = cls

    @property
    def kind(self) -> str:
        """The name of the fact: that of its class."""
        return type(self).__name__

    def as_plain(self) -> dict[str, Any]:
        """Return the fields as JSON values (moments and dates in ISO form, decimals as text)."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Self:
        """Return the fact that `as_plain` described; unknown fields are left out."""
        hints = typing.get_type_hints(cls)
        known = {field.name for field in fields(cls)}
        return cls(
            **{name: _typed(hints[name], value) for name, value in values.items() if name in known}
        )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _typed(hint: Any, value: Any) -> Any:  # noqa: ANN401 - any field value
    if value is None:
        return None
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if typing.get_origin(hint) is tuple:
        return tuple(_typed(typing.get_args(hint)[0], item) for item in value)
    if hint in {datetime, date}:
        return hint.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Decimal | Enum):
        return hint(value)
    return value
