"""Writes a calendar for subscription by RFC 5545: one concrete event per occurrence. Pure.

Posting rules of banks cannot be said as RRULE, so that every occurrence is an event of its own.
Feeds' alarms are dropped by most phones, so that the reminder is an all-day event of its own, too.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from h5app.kernel.money import fen_text
from h5app.wealth.model import Occurrence, OccurrenceState

LINE_OCTETS_MAX = 75
PRODUCT = "-//h5app//wealth calendar//ZH"
REFRESH = "PT1H"
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """An occurrence with the day on which it is announced; None where it is not."""

    occurrence: Occurrence
    remind_on: date | None


@dataclass(frozen=True, kw_only=True)
class FeedTerms:
    """What a feed is called and whether it shows amounts and notes."""

    name: str
    salt: str
    """Keeps the UIDs of one customer apart from those of another; never the token itself."""
    stamp: datetime
    shows_amounts: bool = False


def calendar_text(entries: Iterable[FeedEntry], terms: FeedTerms) -> str:
    """Return the whole calendar with CRLF and folded lines."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(terms.name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for entry in entries:
        lines += _event(entry, terms)
        lines += _announcement(entry, terms)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def folded(line: str) -> Iterator[str]:
    """Cut a line into parts of at most 75 octets, never inside of a character."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS_MAX:
            yield part
            part, octets = " ", 1
        part += character
        octets += size
    yield part


def uid(occurrence: Occurrence, salt: str, purpose: str) -> str:
    """Return the name of an event, the same at every fetch.

    A market event happens once and may be moved: its reference alone is its name.
    """
    on = "" if occurrence.ref.startswith("market-") else occurrence.nominal_on.isoformat()
    named = f"{salt}|{occurrence.ref}|{on}|{purpose}"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@h5app"


def _event(entry: FeedEntry, terms: FeedTerms) -> Sequence[str]:
    occurrence = entry.occurrence
    last = occurrence.until_on or occurrence.due_on
    alarm = entry.remind_on is not None and not _is_off(occurrence)
    return [
        "BEGIN:VEVENT",
        f"UID:{uid(occurrence, terms.salt, 'due')}",
        *_head(occurrence, terms, _summary(occurrence)),
        f"DTSTART;VALUE=DATE:{occurrence.due_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
        *_description(occurrence, terms),
        *(_alarm(entry) if alarm else ()),
        "END:VEVENT",
    ]


def _announcement(entry: FeedEntry, terms: FeedTerms) -> Sequence[str]:
    """Return the reminder as an event of its own; none where it would fall on the day itself."""
    occurrence, on = entry.occurrence, entry.remind_on
    if on is None or on >= occurrence.due_on:
        return []
    days = (occurrence.due_on - on).days
    return [
        "BEGIN:VEVENT",
        f"UID:{uid(occurrence, terms.salt, 'ahead')}",
        *_head(occurrence, terms, f"{days}天后:{_summary(occurrence)}"),
        f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
        "END:VEVENT",
    ]


def _head(occurrence: Occurrence, terms: FeedTerms, summary: str) -> Iterator[str]:
    stamp = _utc(terms.stamp)
    yield f"DTSTAMP:{stamp}"
    changed = [at for at in (occurrence.changed_at, occurrence.mark.at) if at is not None]
    if changed:
        yield f"LAST-MODIFIED:{_utc(max(changed))}"
    yield f"SEQUENCE:{occurrence.sequence + occurrence.mark.sequence}"
    yield f"STATUS:{_status(occurrence)}"
    yield "TRANSP:TRANSPARENT"
    yield "CLASS:PRIVATE"
    yield f"CATEGORIES:{_text(occurrence.kind.label)}"
    yield f"SUMMARY:{_text(summary)}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _is_off(occurrence: Occurrence) -> bool:
    return occurrence.is_cancelled or occurrence.mark.state is OccurrenceState.SKIPPED


def _status(occurrence: Occurrence) -> str:
    if _is_off(occurrence):
        return "CANCELLED"
    return "CONFIRMED" if occurrence.certainty.value == "certain" else "TENTATIVE"


def _summary(occurrence: Occurrence) -> str:
    words = [occurrence.kind.label, occurrence.security_name, occurrence.title]
    text = " ".join(dict.fromkeys(word for word in words if word))
    return f"✓ {text}" if occurrence.mark.state is OccurrenceState.DONE else text


def _description(occurrence: Occurrence, terms: FeedTerms) -> Iterator[str]:
    parts = []
    if occurrence.is_moved:
        parts.append(f"原定{occurrence.nominal_on.month}月{occurrence.nominal_on.day}日")
    if terms.shows_amounts and occurrence.amount_high_fen is not None:
        parts.append(f"金额 {_amount(occurrence)} 元")
    if terms.shows_amounts and occurrence.note:
        parts.append(occurrence.note)
    if parts:
        yield f"DESCRIPTION:{_text(';'.join(parts))}"


def _amount(occurrence: Occurrence) -> str:
    low, high = occurrence.amount_low_fen, occurrence.amount_high_fen
    assert high is not None
    if low is None or low == high:
        return fen_text(high)
    return f"约 {fen_text(low)}-{fen_text(high)}"


def _alarm(entry: FeedEntry) -> Iterator[str]:
    assert entry.remind_on is not None
    days = (entry.occurrence.due_on - entry.remind_on).days
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(_summary(entry.occurrence))}"
    yield f"TRIGGER:{_trigger(days)}"
    yield "END:VALARM"


def _trigger(days: int) -> str:
    """Return nine in the morning, so many days before an all-day event begins at midnight."""
    return "PT9H" if days == 0 else f"-PT{days * 24 - 9}H"


def _text(value: str) -> str:
    return value.translate(_ESCAPES)
