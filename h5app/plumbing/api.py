"""What an endpoint says of itself for the API document, kept beside the code that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "h5app_operation"


@dataclass(frozen=True)
class Operation:
    """The parts of an endpoint that its signature does not tell."""

    summary: str
    request: type[Any] | None = None
    """A msgspec Struct that the JSON body is decoded into."""
    reply: type[Any] | None = None
    """A msgspec Struct or a type that msgspec can describe."""
    query: tuple[tuple[str, str], ...] = ()
    """Query parameters: name and what it means."""
    errors: tuple[int, ...] = ()
    """HTTP statuses beside 200 that a caller must expect."""


def operation(summary: str, **more: Any) -> Callable[[View], View]:  # noqa: ANN401 - Operation's fields
    """Describe a view that speaks JSON; api_document.py collects these."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, Operation(summary, **more))
        return view

    return mark


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """Return what the view said of itself, or None where it speaks no JSON."""
    return getattr(view, _ATTRIBUTE, None)
