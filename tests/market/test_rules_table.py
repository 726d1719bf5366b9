"""The rule file: what an operator may add, and how a mistake is told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from h5app.market.model import Board
from h5app.market.rules import RuleBook, RuleFileUnreadable
from h5app.market.rules_table import load_rule_table, parse_rules
from tests.market.rule_samples import book, sample

LATER = """
[[limit]]
boards = ["CHINEXT"]
status = "normal"
from = 2027-01-04
rate = "0.25"
first_days = 5
first = "none"
source = "假设的修订"
sure = "O"
"""

BACKWARDS = """
[[session]]
exchange = "SSE"
boards = ["ETF"]
from = 2027-01-04
phases = [["15:00", "closed"], ["09:15", "open_call"]]
source = "假设的修订"
"""


def test_a_file_of_the_operator_replaces_rows_from_its_day(tmp_path: Path) -> None:
    """The later file wins from its date on, and only for what it names."""
    path = tmp_path / "rules.toml"
    path.write_text(LATER, encoding="utf-8")
    own = RuleBook.load(book().trading_days, path)
    chinext, star = sample(Board.CHINEXT), sample(Board.STAR)

    assert own.on(date(2026, 12, 31)).limit_prices(chinext, 10_000) == (12_000, 8_000)
    assert own.on(date(2027, 1, 4)).limit_prices(chinext, 10_000) == (12_500, 7_500)
    assert own.on(date(2027, 1, 4)).limit_prices(star, 10_000) == (12_000, 8_000)


def test_the_operators_file_lies_in_the_state_folder(tmp_path: Path) -> None:
    """A file of the right name is used; without one the product's own rules stand."""
    days, chinext, on = book().trading_days, sample(Board.CHINEXT), date(2027, 1, 4)

    assert RuleBook.of_home(days, tmp_path).on(on).limit_prices(chinext, 10_000)[0] == 12_000
    (tmp_path / "market_rules.toml").write_text(LATER, encoding="utf-8")
    assert RuleBook.of_home(days, tmp_path).on(on).limit_prices(chinext, 10_000)[0] == 12_500


def test_a_rule_can_be_switched_on_by_the_operator() -> None:
    """The BSE's written but idle session operates once a row says so."""
    row = """
[[session]]
exchange = "BSE"
boards = ["BSE"]
from = 2027-01-04
phases = [["09:15", "open_call"], ["15:05", "after_hours_fixed"], ["15:30", "closed"]]
source = "假设的实施通知"
"""
    table = load_rule_table().extended_by(parse_rules(row))
    rules = RuleBook(table, book().trading_days)

    phases = dict(rules.on(date(2027, 1, 4)).phases(sample(Board.BSE).exchange, Board.BSE))

    assert "after_hours_fixed" in phases.values()
    before = rules.on(date(2026, 12, 31)).phases(sample(Board.BSE).exchange, Board.BSE)
    assert "after_hours_fixed" not in dict(before).values()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[limit]\n", "TOML"),
        (LATER.replace("[[limit]]", "[[limits]]"), "没有这一类规则"),
        (LATER.replace("rate =", "rates ="), "rates"),
        (LATER.replace('"0.25"', "0.25"), "带引号"),
        (LATER.replace('"0.25"', '"四分之一"'), "limit"),
        (LATER.replace("CHINEXT", "CHINAEXT"), "CHINAEXT"),
        (LATER.replace("2027-01-04", '"2027-01-04"'), "日期"),
        (LATER.replace("from = 2027-01-04\n", ""), "from"),
        (LATER.replace('source = "假设的修订"\n', ""), "source"),
        (LATER.replace('"normal"', '"odd"'), "normal"),
        (LATER.replace("first_days = 5", "first_days = -1"), "非负整数"),
        (LATER.replace('first = "none"', 'first = "some"'), "none"),
        (LATER.replace('sure = "O"', 'sure = "maybe"'), "E O K"),
        (LATER.replace('sure = "O"', 'operative = "yes"'), "true"),
        ('[[tick]]\nboards=["ETF"]\nfrom=2027-01-04\nprice="0.0001"\nsource="x"', "三位小数"),
        ('[[lot]]\nboards=[]\nfrom=2027-01-04\nminimum=1\nstep=1\nsource="x"', "非空"),
        ('[[lot]]\nboards=["ETF"]\nfrom=2027-01-04\nsource="x"', "lot"),
        (BACKWARDS, "排列"),
    ],
)
def test_a_row_that_cannot_be_a_rule_is_named(text: str, told: str) -> None:
    """A mistake ends in a sentence that says which row and what is wrong."""
    with pytest.raises(RuleFileUnreadable, match=told):
        parse_rules(text)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_rule_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A missing or garbled file of the operator is an error, not silently nothing."""
    path = tmp_path / "rules.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RuleFileUnreadable, match=r"rules\.toml"):
        load_rule_table(path)


def test_every_shipped_row_names_its_document() -> None:
    """A rule without a source is no rule; written but idle rules are there and marked."""
    rows = load_rule_table().rows

    assert len(rows) > 60
    assert all(row.source and row.sure in "EOK" for row in rows)
    assert sum(not row.operative for row in rows) == 1


def test_rows_of_one_kind_never_speak_of_a_day_before_their_own() -> None:
    """A row counts from its first to its last day, both included."""
    table = parse_rules(LATER.replace("rate", "to = 2027-01-05\nrate", 1))
    row = table.rows[0]

    held = [row.holds_on(date(2027, 1, day)) for day in (3, 4, 5, 6)]

    assert held == [False, True, True, False]
    assert getattr(row, "rate", None) == Decimal("0.25")
