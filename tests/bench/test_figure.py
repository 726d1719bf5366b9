"""What a line of the table says."""

import pytest

from bench.figure import TITLES, Figure, Round, Size, line, quantile


def rates(*pairs: tuple[float, float], ratio_min: float | None = None) -> Figure:
    """Return a figure where more is better."""
    rounds = [Round(value=value, ceiling=ceiling) for value, ceiling in pairs]
    return Figure(name="x", about="y", unit="次/秒", rounds=rounds, ratio_min=ratio_min)


def test_the_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    """Both sides of a round met the same machine; two rounds may have met different ones."""
    figure = rates((50, 100), (6, 10), (700, 1000), ratio_min=0.55)

    assert figure.ratio == 0.6
    assert (figure.value, figure.ceiling) == (50, 100)
    assert figure.is_met
    assert not rates((54, 100), ratio_min=0.55).is_met


def test_where_less_is_better_the_ratio_is_turned_round() -> None:
    """1 is as good as the bare thing, whatever is measured."""
    waits = Figure(
        name="x",
        about="y",
        unit="毫秒",
        rounds=[Round(value=200, ceiling=50)],
        is_less_better=True,
        value_max=250,
    )

    assert waits.ratio == 0.25
    assert waits.is_met
    assert waits.cells() == ("x", "200 毫秒", "50", "0.25", "≤ 250 毫秒", "达到", "1", "y")


def test_a_small_ratio_is_not_shown_as_nothing() -> None:
    """Two digits that say something."""
    assert [rates((value, 100_000)).cells()[3] for value in (370, 12_340)] == ["0.0037", "0.12"]


def test_nothing_at_all_has_no_ratio() -> None:
    """A value of 0 where less is better: nothing to divide by."""
    none = Figure(
        name="x",
        about="y",
        unit="KB",
        rounds=[Round(value=0, ceiling=50)],
        is_less_better=True,
        value_max=0,
    )

    assert none.is_met
    assert none.cells()[3] == "-"


def test_lines_stand_below_their_titles() -> None:
    """A Chinese character is two columns wide; what is too long pushes, and loses nothing."""
    cells = ("a_name_that_is_longer_than_its_column", *["x"] * (len(TITLES) - 1))
    assert line(cells).startswith("a_name_that_is_longer_than_its_column x")
    assert line(TITLES).index("测得") == 20 - len("名称")


@pytest.mark.parametrize(
    ("part", "found"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1), (0.991, 100)]
)
def test_a_quantile_is_a_value_that_was_measured(part: float, found: float) -> None:
    """The smallest value that so many do not exceed."""
    assert quantile(list(range(100, 0, -1)), part) == found


def test_sizes() -> None:
    """Each size has its own numbers."""
    assert [one.of(1000, 100, 10) for one in Size] == [1000, 100, 10]
