"""Reads the forms of the calendar's pages into words of the model."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from h5app.kernel.error import AppError
from h5app.kernel.money import fen_from_text
from h5app.wealth.model import (
    LEAD_DAYS_MAX,
    OWN_CLASSES,
    EntryClass,
    EntryDraft,
    HolidayRule,
    Repeat,
    Sensitivity,
    Wishes,
)
from h5app.wealth.refusal import BadEntry, BadMonth
from h5app.wealth.stream_model import OwnWords

Form = Mapping[str, str]
Word = TypeVar("Word", bound=StrEnum)
OFF = "off"
INHERIT = ""
_ONCE_KEY = re.compile(r"[0-9a-f]{16}")


def read_draft(form: Form) -> EntryDraft:
    """Return the entry a form describes.

    Raises:
        BadEntry: A field cannot be read; the text says which.
    """
    return EntryDraft(
        title=form.get("title", "").strip(),
        kind=_choice(EntryClass, form.get("kind", ""), "请选择类别"),
        first_on=_day(form.get("first_on", ""), "请选择日期"),
        repeat=_choice(Repeat, form.get("repeat", "never"), "请选择重复方式"),
        is_lunar=form.get("calendar", "solar") == "lunar",
        holiday_rule=_choice(HolidayRule, form.get("holiday_rule", "keep"), "请选择节假日规则"),
        amount_fen=_amount(form.get("amount", "")),
        lead_days=_lead(form.get("lead_days", INHERIT)),
        note=form.get("note", "").strip(),
        until_on=_optional_day(form.get("until_on", "")),
    )


def read_once_key(form: Form) -> str | None:
    """Return the form's own key, by which a second tap is known; None where it has none."""
    given = form.get("once_key", "")
    return given if _ONCE_KEY.fullmatch(given) else None


def form_of(draft: EntryDraft, amount_text: str) -> dict[str, str]:
    """Return the fields that `read_draft` would read this entry from."""
    return {
        "title": draft.title,
        "kind": draft.kind.value,
        "first_on": draft.first_on.isoformat(),
        "repeat": draft.repeat.value,
        "calendar": "lunar" if draft.is_lunar else "solar",
        "holiday_rule": draft.holiday_rule.value,
        "amount": amount_text,
        "lead_days": INHERIT if draft.lead_days is None else str(draft.lead_days),
        "note": draft.note,
        "until_on": draft.until_on.isoformat() if draft.until_on else "",
    }


def read_wishes(form: Form) -> Wishes:
    """Return the preferences a form describes.

    Raises:
        BadEntry: A lead or the hour cannot be read.
    """
    hour = form.get("hour", "9")
    if not hour.isdecimal() or len(hour) > 2:  # noqa: PLR2004 - two digits
        raise BadEntry("请选择提醒时间")
    leads = {
        kind: None if text == OFF else _lead(text)
        for kind in EntryClass
        if (text := form.get(f"lead_{kind.value}")) is not None
    }
    return Wishes(
        lead_days=leads,
        hour=int(hour),
        is_digest=form.get("digest", "") == "yes",
        sensitivity=_choice(Sensitivity, form.get("sensitivity", "normal"), "请选择提醒多少"),
        least_fen=_amount(form.get("least", "")) or 0,
    )


def read_words(form: Form) -> OwnWords:
    """Return what a customer calls a learned stream.

    Raises:
        BadEntry: The class or the lead cannot be read.
    """
    return OwnWords(
        title=form.get("title", "").strip() or None,
        kind=_choice(EntryClass, form.get("kind", ""), "请选择类别"),
        lead_days=_lead(form.get("lead_days", INHERIT)),
    )


def read_day(text: str) -> date:
    """Return a day of an address.

    Raises:
        BadMonth: Not an ISO date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadMonth from None


def own_classes() -> list[tuple[str, str]]:
    """Return the classes a customer chooses from: value and label."""
    return [(kind.value, kind.label) for kind in OWN_CLASSES]


def _choice(kind: type[Word], text: str, sentence: str) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise BadEntry(sentence) from None


def _day(text: str, sentence: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadEntry(sentence) from None


def _optional_day(text: str) -> date | None:
    return _day(text, "结束日期不正确") if text else None


def _amount(text: str) -> int | None:
    """Return the amount in fen; thousands may be separated by commas; None where none is given."""
    plain = text.replace(",", "").replace(",", "").strip()
    if not plain:
        return None
    try:
        return fen_from_text(plain)
    except AppError:
        raise BadEntry("金额不正确,请输入数字,例如 956.00") from None


def _lead(text: str) -> int | None:
    if text == INHERIT:
        return None
    if not text.isdecimal() or len(text) > 2:  # noqa: PLR2004 - two digits
        raise BadEntry(f"提前天数为 0 到 {LEAD_DAYS_MAX}")
    return int(text)
