"""Where the calendar's predictions go wrong: what was missed, what was said in vain, by cause."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DAYS_OFF_MAX = 9
AMOUNT_NEAR = 0.45
_TIGHT = 0.05

Row = Sequence[Any]
"""Day, signed amount, and what the scorer or the evaluation adds."""
Match = Callable[..., tuple[Mapping[int, int], Mapping[int, int]]]


@dataclass(frozen=True)
class Case:
    """One account at one cut-off."""

    said: list[Row]
    thinkable: list[Row]
    came: list[Row]
    neutral: list[Row]
    earlier: Mapping[str, int]
    """Earlier payments by stream."""


def error_table(match: Match, cases: Iterable[Case]) -> Iterator[str]:
    """Give lines: cause, number, and how they spread over history, cadence, rule and amount."""
    missed: Counter[tuple[str, str]] = Counter()
    vain: Counter[tuple[str, str]] = Counter()
    for case in cases:
        by_said, by_came = match(case.said, case.came, 1, _TIGHT)
        for at, one in enumerate(case.came):
            if at not in by_came:
                missed.update((_why_missed(one, case), mark) for mark in _marks(one, case))
        left = [one for at, one in enumerate(case.said) if at not in by_said]
        hit, _ = match(left, case.neutral, 1, _TIGHT)
        for at, one in enumerate(left):
            if at not in hit:
                vain[_why_vain(one, case), ""] += 1
                vain[_why_vain(one, case), f"n={_count(len(one[7].stream.payments))}"] += 1
    yield from _lines("没有说到", missed)
    yield from _lines("说了没有来", vain)


def _marks(one: Row, case: Case) -> list[str]:
    kind = one[2]["kind"].split("/")
    return ["", f"n={_count(case.earlier[one[2]['stream_id']])}", *kind]


def _count(earlier: int) -> str:
    return str(earlier) if earlier <= 2 else "3+"


def _why_missed(one: Row, case: Case) -> str:
    if not case.earlier[one[2]["stream_id"]]:
        return "第一次"
    if any(_days(each, one) <= 1 and _is_same(each, one, _TIGHT) for each in case.thinkable):
        return "把握不够"
    if any(_days(each, one) <= DAYS_OFF_MAX and _is_same(each, one, _TIGHT) for each in case.said):
        return "日期不对"
    near = [each for each in case.thinkable if _is_same(each, one, AMOUNT_NEAR)]
    return "金额不对" if any(_days(each, one) <= 1 for each in near) else "日期金额都不对"


def _why_vain(one: Row, case: Case) -> str:
    if any(_days(each, one) <= 1 and _is_same(one, each, AMOUNT_NEAR) for each in case.came):
        return "金额不对"
    if any(_days(each, one) <= DAYS_OFF_MAX and _is_same(one, each, _TIGHT) for each in case.came):
        return "日期不对"
    return "没有来"


def _days(one: Row, other: Row) -> int:
    return abs(int((one[0] - other[0]).days))


def _is_same(said: Row, came: Row, share: float) -> bool:
    return bool(abs(said[1] - came[1]) <= max(1.0, share * abs(came[1])))


def _lines(title: str, found: Counter[tuple[str, str]]) -> Iterator[str]:
    yield title
    causes = sorted({cause for cause, _ in found}, key=lambda cause: -found[cause, ""])
    for cause in causes:
        parts = sorted((mark, n) for (each, mark), n in found.items() if each == cause and mark)
        spread = " ".join(f"{mark}:{n}" for mark, n in parts)
        yield f"  {cause:10} {found[cause, '']:4}  {spread}"
