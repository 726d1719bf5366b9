"""What a bench finds: values and ceilings of rounds, their ratio, and whether the goal is met."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isnan
from statistics import median


class Size(Enum):
    """How much is measured: the stated sizes, a tenth, or only that everything runs."""

    FULL = "full"
    TENTH = "tenth"
    TINY = "tiny"

    def of(self, full: int, tenth: int, tiny: int) -> int:
        """Return what belongs to this size."""
        return {Size.FULL: full, Size.TENTH: tenth, Size.TINY: tiny}[self]


@dataclass(frozen=True, kw_only=True)
class Round:
    """One value and the ceiling measured directly before or after it, in the same unit."""

    value: float
    ceiling: float


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    A ratio is value / ceiling where more is better, ceiling / value where `is_less_better`; 1 is as
    good as the bare thing. The goal bounds the ratio from below or the value from above.
    """

    name: str
    about: str
    unit: str
    rounds: Sequence[Round]
    is_less_better: bool = False
    ratio_min: float | None = None
    value_max: float | None = None
    note: str = ""

    @property
    def value(self) -> float:
        """The median of the values."""
        return median(one.value for one in self.rounds)

    @property
    def ceiling(self) -> float:
        """The median of the ceilings."""
        return median(one.ceiling for one in self.rounds)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: both sides of a round met the same machine."""
        return median(self._ratio(one) for one in self.rounds)

    def _ratio(self, one: Round) -> float:
        above, below = one.value, one.ceiling
        if self.is_less_better:
            above, below = below, above
        return above / below if below else float("nan")

    @property
    def goal(self) -> str:
        """The goal as it is printed."""
        if self.ratio_min is not None:
            return f"比值 ≥ {self.ratio_min:g}"
        return f"≤ {self.value_max:g} {self.unit}" if self.value_max is not None else "-"

    @property
    def is_met(self) -> bool:
        """Whether the median keeps to the goal."""
        if self.ratio_min is not None:
            return self.ratio >= self.ratio_min
        return self.value_max is None or self.value <= self.value_max

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the line, in the order of TITLES."""
        return (
            self.name,
            f"{self.value:.4g} {self.unit}",
            f"{self.ceiling:.4g}",
            _short(self.ratio),
            self.goal,
            "达到" if self.is_met else "未达到",
            str(len(self.rounds)),
            self.about,
        )


TITLES = ("名称", "测得", "上限", "比值", "目标", "结果", "n", "是什么")
SMALL = 0.1
"""Ratios below show two digits that say something."""
WIDTHS = (20, 16, 10, 7, 15, 8, 4, 0)


def line(cells: Sequence[str]) -> str:
    """Return one line of the table; a Chinese character is two columns wide."""
    return "".join(_padded(text, width) for text, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _short(ratio: float) -> str:
    if isnan(ratio):
        return "-"
    return f"{ratio:.2f}" if ratio >= SMALL else f"{ratio:.2g}"


def _padded(text: str, width: int) -> str:
    taken = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
    return text + " " * max(1, width - taken)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the smallest value that at least `part` of the values do not exceed."""
    ranked = sorted(values)
    place = min(len(ranked) - 1, max(0, -int(-part * len(ranked) // 1) - 1))
    return ranked[place]
