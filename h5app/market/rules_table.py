"""The rows of the dated rule book and how its TOML text becomes them.

Refuses a row with an unknown key, an unknown word or a missing source, and says which row it is:
an operator extends the file by hand.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from h5app.kernel.error import AppError
from h5app.market.model import Board, Exchange, OrderKind, Phase, Product

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SURENESS = ("E", "O", "K")
_ROW_KEYS = frozenset({"from", "to", "operative", "source", "sure"})


class RuleFileUnreadable(AppError):
    """A rule file of the operator cannot be used; the sentence names the row and what is wrong."""

    code = "market.rule_file_unreadable"
    status = 422
    sentence = "规则文件无法读取,请按说明改正后重试"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every rule has: when it holds, whether it operates, and the document it comes from."""

    from_on: date
    to_on: date | None
    operative: bool
    source: str
    sure: str

    def holds_on(self, on: date) -> bool:
        """Whether the rule operates on this day."""
        return self.operative and self.from_on <= on and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class LimitRate:
    """Up and down rate of a day's limit, as ratios of the reference price."""

    up: Decimal
    down: Decimal
    is_order_band: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow(Row):
    """Daily price limit of some boards and one standing."""

    boards: frozenset[Board]
    status: str
    rate: Decimal
    first_days: int = 0
    first: LimitRate | None = None
    section: ClassVar[str] = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow(Row):
    """Phases of the day of some boards of one exchange, in order of their start."""

    exchange: Exchange
    boards: frozenset[Board]
    phases: tuple[tuple[time, Phase], ...]
    section: ClassVar[str] = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRow(Row):
    """What exchanges take in some phases; None = this row says nothing about it."""

    exchanges: frozenset[Exchange]
    phases: frozenset[Phase]
    orders: bool | None = None
    cancels: bool | None = None
    fixed: bool | None = None
    section: ClassVar[str] = "acceptance"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow(Row):
    """Smallest quantity and step of one order, whole shares."""

    boards: frozenset[Board]
    minimum: int
    step: int
    section: ClassVar[str] = "lot"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaximumRow(Row):
    """Largest quantity of one order; kinds are limit, market, after_hours_fixed."""

    boards: frozenset[Board]
    kinds: tuple[str, ...]
    shares: int
    section: ClassVar[str] = "maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMaximumRow(Row):
    """Shares of one risk-warned stock that an investor may buy in a day."""

    boards: frozenset[Board]
    shares: int
    section: ClassVar[str] = "day_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRow(Row):
    """Price step, milli."""

    boards: frozenset[Board]
    price: int
    section: ClassVar[str] = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingRow(Row):
    """An order's price must be below this, milli."""

    exchanges: frozenset[Exchange]
    below: int
    section: ClassVar[str] = "ceiling"


@dataclass(frozen=True, slots=True, kw_only=True)
class CageRow(Row):
    """How far from the reference a limit order may be in the continuous phase."""

    boards: frozenset[Board]
    rate: Decimal
    ticks: int
    beyond: str
    section: ClassVar[str] = "cage"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKindsRow(Row):
    """Order kinds that exist on some boards of one exchange."""

    exchange: Exchange
    boards: frozenset[Board]
    kinds: tuple[OrderKind, ...]
    protected: bool = False
    not_on_free_days: bool = False
    section: ClassVar[str] = "order_kinds"


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltRow(Row):
    """Intraday halts of instruments without a daily limit."""

    boards: frozenset[Board]
    thresholds: tuple[Decimal, ...]
    minutes: int
    section: ClassVar[str] = "halt"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnaroundRow(Row):
    """Trading days after a purchase from which it may be sold."""

    products: frozenset[Product]
    days: int
    section: ClassVar[str] = "turnaround"


AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True, slots=True)
class RuleTable:
    """All rows in file order; of several that fit, the last one counts."""

    rows: tuple[Row, ...]

    def of(self, kind: type[AnyRow], on: date) -> list[AnyRow]:
        """Rows of one kind that operate on this day, in file order."""
        return [row for row in self.rows if isinstance(row, kind) and row.holds_on(on)]

    def extended_by(self, later: RuleTable) -> RuleTable:
        """This table with the rows of a later file, which win."""
        return RuleTable(self.rows + later.rows)


def _date(value: object) -> date:
    if type(value) is not date:
        raise ValueError("日期应写作 2026-07-06 (不加引号)")
    return value


def _ratio(value: object) -> Decimal:
    if not isinstance(value, str):
        raise TypeError('比率应写作带引号的小数, 例如 "0.10"')
    return Decimal(value)


def _milli(value: object) -> int:
    milli = _ratio(value) * 1000
    if milli != int(milli) or milli <= 0:
        raise ValueError("价格须为正数, 最多三位小数")
    return int(milli)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("数量须为非负整数")
    return value


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("须为 true 或 false")
    return value


def _word(allowed: tuple[str, ...]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"须为 {' '.join(allowed)} 之一")
        return str(value)

    return parse


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError("须为非空列表")
    return value


def _first(value: object) -> LimitRate | None:
    if value == "none":
        return None
    if not isinstance(value, dict) or set(value) != {"up", "down"}:
        raise ValueError('须为 "none" 或 { up = "…", down = "…" }')
    return LimitRate(_ratio(value["up"]), _ratio(value["down"]))


def _phases_of_day(value: object) -> tuple[tuple[time, Phase], ...]:
    pairs = [(time.fromisoformat(start), Phase(phase)) for start, phase in _list(value)]
    if pairs != sorted(pairs, key=lambda pair: pair[0]):
        raise ValueError("时段须按开始时间排列")
    return tuple(pairs)


_PARSERS: dict[str, Callable[[object], Any]] = {
    "boards": lambda value: frozenset(Board(word) for word in _list(value)),
    "exchanges": lambda value: frozenset(Exchange(word) for word in _list(value)),
    "products": lambda value: frozenset(Product(word) for word in _list(value)),
    "exchange": lambda value: Exchange(str(value)),
    "status": _word(("normal", "st", "delisting")),
    "beyond": _word(("refused", "held")),
    "rate": _ratio,
    "first": _first,
    "price": _milli,
    "below": _milli,
    "thresholds": lambda value: tuple(_ratio(text) for text in _list(value)),
    **dict.fromkeys(
        ("first_days", "minimum", "step", "shares", "ticks", "minutes", "days"), _count
    ),
    **dict.fromkeys(("orders", "cancels", "fixed", "protected", "not_on_free_days"), _flag),
}
_SECTION_PARSERS: dict[tuple[str, str], Callable[[object], Any]] = {
    ("session", "phases"): _phases_of_day,
    ("acceptance", "phases"): lambda value: frozenset(Phase(word) for word in _list(value)),
    ("order_kinds", "kinds"): lambda value: tuple(OrderKind(word) for word in _list(value)),
    ("maximum", "kinds"): lambda value: tuple(
        _word(("limit", "market", "after_hours_fixed"))(word) for word in _list(value)
    ),
}
_ROW_TYPES: dict[str, type[Row]] = {
    kind.section: kind
    for kind in (
        LimitRow,
        SessionRow,
        AcceptanceRow,
        LotRow,
        MaximumRow,
        DayMaximumRow,
        TickRow,
        CeilingRow,
        CageRow,
        OrderKindsRow,
        HaltRow,
        TurnaroundRow,
    )
}


def parse_rules(text: str) -> RuleTable:
    """Read a rule file.

    Raises:
        RuleFileUnreadable: Not TOML, or a row that cannot be a rule.
    """
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise RuleFileUnreadable(f"规则文件不是有效的 TOML: {problem}") from problem
    rows: list[Row] = []
    for section, entries in sections.items():
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            try:
                rows.append(_row(section, entry))
            except (ValueError, TypeError, KeyError, InvalidOperation) as problem:
                raise RuleFileUnreadable(
                    f"规则文件 [[{section}]] 第 {number} 条: {problem}"
                ) from problem
    return RuleTable(tuple(rows))


def _row(section: str, entry: Mapping[str, Any]) -> Row:
    kind = _ROW_TYPES.get(section)
    if kind is None:
        raise ValueError(f"没有这一类规则: {section}")
    values = dict(entry)
    is_band = values.pop("first_is_order_band", False)
    own = {key for key in values if key not in _ROW_KEYS}
    unknown = own - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"不认识的项: {' '.join(sorted(unknown))}")
    parsed = {key: _parser(section, key)(values[key]) for key in own}
    if is_band and parsed.get("first") is not None:
        first: LimitRate = parsed["first"]
        parsed["first"] = LimitRate(first.up, first.down, is_order_band=True)
    return kind(**_common(values), **parsed)


def _parser(section: str, key: str) -> Callable[[object], Any]:
    return _SECTION_PARSERS.get((section, key)) or _PARSERS[key]


def _common(values: Mapping[str, Any]) -> dict[str, Any]:
    source = values.get("source")
    if not isinstance(source, str) or not source.strip():
        raise ValueError("缺少 source (规则出处)")
    if "from" not in values:
        raise ValueError("缺少 from (起始日)")
    return {
        "from_on": _date(values["from"]),
        "to_on": _date(values["to"]) if "to" in values else None,
        "operative": _flag(values.get("operative", True)),
        "source": source,
        "sure": _word(SURENESS)(values.get("sure", "K")),
    }


def load_rule_table(override: Path | None = None) -> RuleTable:
    """Read the product's rule file and, after it, the operator's.

    Raises:
        RuleFileUnreadable: The operator's file is missing or cannot be used.
    """
    shipped = resources.files("h5app.market").joinpath("data/rules.toml")
    table = parse_rules(shipped.read_text(encoding="utf-8"))
    if override is None:
        return table
    try:
        text = override.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise RuleFileUnreadable(f"规则文件 {override} 读不出来: {problem}") from problem
    return table.extended_by(parse_rules(text))
