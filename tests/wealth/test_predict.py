"""`python -m h5app predict`: JSON lines in, JSON lines out, by the scorer's interface."""

import io
import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth.predict import Predictor, main, predictions
from tests.wealth.ledgers import demo_ledger

DAYS = load_trading_days()
CUTOFF = date(2026, 11, 23)


def account(region: str = "CN", **more: object) -> dict[str, Any]:
    """The demo customer's ledger as the scorer would give it."""
    transactions = [
        {
            "date": each.on.isoformat(),
            "amount": each.amount_fen / 100,
            "channel": each.channel,
            "counterparty": each.counterparty,
            "memo": each.memo,
        }
        for each in demo_ledger(date(2026, 11, 24), DAYS)
    ]
    line = {"account_id": "a", "cutoff": CUTOFF.isoformat(), "horizon_days": 35, "region": region}
    return line | {"transactions": transactions} | more


def predicted(*accounts: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the program on these accounts."""
    source = [json.dumps(each).encode() for each in accounts]
    target = io.BytesIO()
    assert main(source, target) == 0
    return [json.loads(line) for line in target.getvalue().splitlines()]


def test_what_is_coming_is_named_with_amount_and_reminder() -> None:
    """Mortgage on 10 December, 6,240.00, reminded on the 5th, sure enough to be pushed."""
    [found] = predicted(account())
    loan = next(each for each in found["predictions"] if each["date"] == "2026-12-10")

    assert loan["amount"] == -6240.0
    assert loan["remind_on"] == "2026-12-05"
    assert loan["push"] is True
    assert 0.9 <= loan["confidence"] <= 1.0


def test_nothing_lies_outside_the_window() -> None:
    """From the day after the cut-off to the horizon, and no reminder before the cut-off."""
    [found] = predicted(account())
    dates = [date.fromisoformat(each["date"]) for each in found["predictions"]]
    reminders = [date.fromisoformat(each["remind_on"]) for each in found["predictions"]]

    assert all(1 <= (on - CUTOFF).days <= 35 for on in dates)
    assert all(on > CUTOFF for on in reminders)


def test_the_order_of_the_input_does_not_matter() -> None:
    """Shuffled transactions give the same line."""
    line = account()
    shuffled = list(line["transactions"])
    random.Random(3).shuffle(shuffled)

    assert predicted(line) == predicted(line | {"transactions": shuffled})


@pytest.mark.parametrize("months", range(3, 14))
def test_one_more_payment_never_lowers_confidence(months: int) -> None:
    """A fixed monthly payment: the surer, the longer it is seen."""
    days = [date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 15) for month in range(1, 20)]
    rows = [
        {"date": on.isoformat(), "amount": -500.0, "counterparty": "平安人寿保险"} for on in days
    ]

    def confidence(count: int) -> float:
        cutoff = days[count - 1].isoformat()
        [found] = predicted(account(transactions=rows[:count], cutoff=cutoff))
        return float(found["predictions"][0]["confidence"])

    assert confidence(months + 1) >= confidence(months)


def paid(days: list[date], yuan: float, payee: str = "平安人寿保险") -> dict[str, Any]:
    """An account of one payee, seen on the evening of its last payment."""
    rows = [{"date": on.isoformat(), "amount": -yuan, "counterparty": payee} for on in days]
    return account(transactions=rows, cutoff=days[-1].isoformat())


def test_one_or_two_payments_are_never_pushed() -> None:
    """Two premiums are foreseen but not pushed; from the third on they are."""
    days = [date(2026, month, 15) for month in (7, 8, 9)]
    [twice] = predicted(paid(days[:2], 500))
    [thrice] = predicted(paid(days, 500))

    assert [each["push"] for each in twice["predictions"]] == [False]
    assert [each["push"] for each in thrice["predictions"]] == [True]


@pytest.mark.parametrize(("yuan", "is_foreseen"), [(286.0, True), (39.9, True), (183.27, False)])
def test_a_first_amount_in_whole_jiao_is_a_price(yuan: float, *, is_foreseen: bool) -> None:
    """A membership of 39.90 costs the same again; a bill of 183.27 is a reading and varies."""
    [found] = predicted(paid([date(2026, 7, 15)], yuan))

    assert [each["amount"] for each in found["predictions"]] == ([-yuan] if is_foreseen else [])


def test_another_region_knows_weekends_only() -> None:
    """No Chinese holiday moves a payment elsewhere."""
    [found] = predicted(account("CZ"))

    assert found["predictions"]


def test_years_that_are_not_announced_do_not_stop_it() -> None:
    """A horizon that reaches into 2028 gives dates."""
    [found] = predicted(account(horizon_days=500))

    assert max(each["date"] for each in found["predictions"]) > "2028"


def test_empty_lines_are_left_out() -> None:
    """Nothing but line ends is no account, and no mistake."""
    assert list(predictions([b"\n", b"  "], Predictor(DAYS))) == []


@pytest.mark.parametrize(
    "broken",
    [
        b'{"account_id": 1}',
        b"{",
        b"\xff\xfe",
        json.dumps(account(cutoff="2026-13-01")).encode(),
        json.dumps(account(horizon_days=10**9)).encode(),
    ],
)
def test_a_broken_line_is_named_and_the_ones_before_are_answered(
    broken: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says which line; the status is 1, and no trace is shown."""
    target = io.BytesIO()

    assert main([json.dumps(account()).encode(), broken], target) == 1
    assert json.loads(target.getvalue())["account_id"] == "a"
    assert "第 2 行" in capsys.readouterr().err


def test_it_starts_without_what_it_does_not_need() -> None:
    """No database library is loaded: a run over a few accounts is mostly its start."""
    code = (
        "import sys, h5app.__main__, h5app.wealth.predict as each;"
        "sys.exit('sqlalchemy' in sys.modules or 'flask' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False)
    assert done.returncode == 0


def test_it_runs_as_a_program_without_database_or_settings(tmp_path: Path) -> None:
    """An empty environment and another folder are enough."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "h5app", "predict"],
        input=json.dumps(account()).encode() + b"\n",
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        check=True,
        timeout=60,
    )

    assert json.loads(done.stdout)["account_id"] == "a"
