"""A form that was sent too late: what stood in it is kept while the customer signs in again.

It travels inside the page, in one hidden field, and is never sent on by itself: the customer sees
a button and presses it.
"""

import re
from typing import Any

import msgspec
from flask import request

from h5app.identity.model import local_path

FIELDS_MAX = 40
VALUE_LENGTH_MAX = 500
KEPT_LENGTH_MAX = 16_000
FIELD = "kept_form"
_ASKING = frozenset({"/me/sign-in", "/me/step-up", "/me/binding"})
"""Forms that are nothing without their password."""
_SECRET = re.compile(r"password|code|token|kept_form", re.IGNORECASE)


class KeptForm(msgspec.Struct, frozen=True):
    """Where a form wanted to go, and its fields without secrets."""

    path: str
    fields: list[tuple[str, str]]

    def as_text(self) -> str:
        """Return it as the value of the hidden field."""
        return msgspec.json.encode(self).decode()


def interrupted_form() -> KeptForm | None:
    """Return the form that the present request carries; None when it is not one to keep."""
    pairs = list(request.form.items(multi=True))
    is_plain = not request.files and request.path not in _ASKING
    if not is_plain or len(pairs) > FIELDS_MAX:
        return None
    path = local_path(request.path, "")
    kept = [(name, value) for name, value in pairs if not _SECRET.search(name)]
    if not path or any(len(value) > VALUE_LENGTH_MAX for _, value in kept):
        return None
    return KeptForm(path=path, fields=kept)


def kept_form(fields: Any) -> KeptForm | None:  # noqa: ANN401 - the form or JSON of a request
    """Return the form that a page brought back; None when there is none, or it is not whole."""
    text = fields.get(FIELD, "")
    if not text or len(text) > KEPT_LENGTH_MAX:
        return None
    try:
        kept = msgspec.json.decode(text, type=KeptForm)
    except (msgspec.DecodeError, RecursionError):
        return None
    is_local = local_path(kept.path, "") == kept.path
    return kept if is_local and len(kept.fields) <= FIELDS_MAX else None
