"""A notice in the fields of a template: each within its limits, figures and dates never cut."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from h5app.notify.model import Notice, NoticeKind

THING_LENGTH_MAX = 20
CUT_MARK = "..."
LOOK_INSIDE = "请点开查看详情"

_PLACE = re.compile(r"([^\n{}]*?)[::]?\s*\{\{\s*([A-Za-z_]+\d*)\.DATA\s*\}\}")
_DAY = r"\d{4}(?:年\d{1,2}月\d{1,2}日|-\d{2}-\d{2})"
_PATTERNS = {
    "thing": re.compile(rf"[^\n]{{1,{THING_LENGTH_MAX}}}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "const": re.compile(rf"[^\n]{{1,{THING_LENGTH_MAX}}}"),
    "time": re.compile(rf"{_DAY}(?: \d{{2}}:\d{{2}}(?::\d{{2}})?)?"),
    "date": re.compile(rf"{_DAY}(?: \d{{2}}:\d{{2}}(?::\d{{2}})?)?"),
}
"""What a value of each type that we fill may look like; the platform refuses others with 47003."""
_SLOTS = {
    "phrase": ("state",),
    "const": ("state",),
    "time": ("when",),
    "date": ("when",),
    "thing": ("subject", "note"),
}


class TemplateNotUsable(Exception):
    """A template with a field that no notice of ours fills; the text says which."""


class FieldDoesNotFit(Exception):
    """No wording of a field is within its limits; nothing is sent rather than a cut figure."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One field of a template: its label, its name in the interface, the slot that fills it."""

    label: str
    name: str
    slot: str

    @property
    def kind(self) -> str:
        """The type in the field's name."""
        return field_kind(self.name)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a notice says, the most telling wording of each slot first."""

    subject: tuple[str, ...]
    state: tuple[str, ...]
    when: tuple[str, ...]
    note: tuple[str, ...]


@lru_cache(maxsize=64)
def places_in(content: str) -> tuple[Place, ...]:
    """Return the fields of a template's content and what fills each.

    Raises:
        TemplateNotUsable: A field of a type that would show figures, or more fields of a type than
            a notice has words for, or none at all.
    """
    left = {kind: list(slots) for kind, slots in _SLOTS.items()}
    places = []
    for label, name in _PLACE.findall(content):
        slots = left.get(field_kind(name))
        if not slots:
            raise TemplateNotUsable(f"{label.strip()}({name})")
        places.append(Place(label=label.strip(), name=name, slot=slots.pop(0)))
    if not places:
        raise TemplateNotUsable("{{...DATA}}")
    return tuple(places)


def field_kind(name: str) -> str:
    """Return the type of a field: its name without the number."""
    return name.rstrip("0123456789")


def texts_for(places: Sequence[Place], notice: Notice, *, shows_private: bool) -> dict[str, str]:
    """Return the value of each field.

    Raises:
        FieldDoesNotFit: A field has no wording within its limits.
    """
    wording = worded(notice, shows_private=shows_private)
    return {one.name: fitted(one.kind, getattr(wording, one.slot)) for one in places}


def fitted(kind: str, candidates: Sequence[str]) -> str:
    """Return the first wording that is within the limits of a field's type.

    Only words are ever cut, and only when every wording is too long: a text with a digit in it
    (an amount, a code, a date, a time) never is.

    Raises:
        FieldDoesNotFit: None is.
    """
    texts = [" ".join(one.split()) for one in candidates]
    for text in texts:
        if _PATTERNS[kind].fullmatch(text):
            return text
    for text in reversed(texts):
        if kind == "thing" and text and not any(sign.isdecimal() for sign in text):
            return text[: THING_LENGTH_MAX - len(CUT_MARK)] + CUT_MARK
    raise FieldDoesNotFit(kind)


def worded(notice: Notice, *, shows_private: bool) -> Wording:
    """Return what a notice says; private wordings stand in front, or not at all."""
    public, private = _WORDINGS[notice.kind](notice)
    if not shows_private:
        return public
    return Wording(
        subject=(*private.subject, *public.subject),
        state=(*private.state, *public.state),
        when=(*private.when, *public.when),
        note=(*private.note, *public.note),
    )


def _some(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text.strip())


def _order(notice: Notice) -> tuple[Wording, Wording]:
    side = notice.text("方向")
    price, quantity = notice.private_text("最近一笔价格"), notice.private_text("最近一笔数量")
    filled = notice.private_text("已成交数量")
    public = Wording(
        subject=_some(f"{side} {notice.text('证券')}".strip(), side or "委托"),
        state=(notice.text("状态"),),
        when=(notice.text("时间"),),
        note=_some(notice.text("原因"), LOOK_INSIDE),
    )
    private = Wording(
        subject=_some(f"{side} {notice.private_text('证券名称')}".strip()),
        state=(),
        when=(),
        note=_some(
            f"{price} × {quantity}" if price and quantity else "",
            f"已成交 {filled}" if filled else "",
        ),
    )
    return public, private


def _cash(notice: Notice) -> tuple[Wording, Wording]:
    amount = notice.private_text("金额")
    public = _plain(notice, state=notice.text("状态"), note="金额请点开查看")
    return public, Wording(subject=(), state=(), when=(), note=_some(amount and f"金额 {amount}"))


def _reminder(notice: Notice) -> tuple[Wording, Wording]:
    amount, left = notice.private_text("金额"), notice.text("剩余")
    public = Wording(
        subject=_some(notice.text("事项")),
        state=("待处理",),
        when=(notice.text("日期"),),
        note=_some(left, LOOK_INSIDE),
    )
    private = Wording(
        subject=_some(notice.private_text("名称")),
        state=(),
        when=(),
        note=_some(amount and f"{left} 金额{amount}"),
    )
    return public, private


def _alert(notice: Notice) -> tuple[Wording, Wording]:
    price = notice.private_text("最新价")
    public = _plain(notice, state="已触发", note=LOOK_INSIDE)
    private = Wording(
        subject=_some(notice.private_text("证券名称")),
        state=(),
        when=(),
        note=_some(
            " ".join(filter(None, [notice.private_text("条件"), price and f"现价 {price}"])),
            notice.private_text("条件"),
        ),
    )
    return public, private


def _other(notice: Notice) -> tuple[Wording, Wording]:
    note = notice.text("说明") or LOOK_INSIDE
    public = _plain(notice, state="请留意", note=note)
    return public, Wording(subject=(), state=(), when=(), note=())


def _plain(notice: Notice, *, state: str, note: str) -> Wording:
    return Wording(
        subject=_some(notice.text("事项"), notice.title),
        state=(state,),
        when=(notice.text("时间"),),
        note=(note,),
    )


_WORDINGS: dict[NoticeKind, Callable[[Notice], tuple[Wording, Wording]]] = {
    NoticeKind.ORDER_FILLED: _order,
    NoticeKind.ORDER_REFUSED: _order,
    NoticeKind.ORDER_CANCELLED: _order,
    NoticeKind.CASH_MOVED: _cash,
    NoticeKind.REMINDER: _reminder,
    NoticeKind.ALERT: _alert,
    NoticeKind.SECURITY: _other,
    NoticeKind.SERVICE: _other,
}
"""The public and the private wording of each kind of notice."""
