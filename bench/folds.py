"""python -m bench.folds --eval FOLDER --suite NAME: how the learner does on accounts it never saw.

Five folds over accounts. What may be fitted is fitted on four of them: the shares of cadences and
posting rules (counted from the learner's own beliefs, without looking at the answers), and the two
thresholds. The fifth is predicted with that. Beside it stands the same with the numbers that are
written down in the product, so that one sees what those owe to the accounts they were made from.
"""

import argparse
import hashlib
import importlib.util
import io
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bench.misses import Case, error_table
from h5app.plumbing.day_tables import load_trading_days
from h5app.wealth import predict
from h5app.wealth.learning import priors
from h5app.wealth.learning.forecast import Occurrence

FOLDS = 5
COUNTED_AS = 20.0
"""The written shares weigh as much as so many streams beside those that are counted."""
REGULAR_MIN = 0.5
FALSE_MAX = {"stress": 0.118}
"""False reminders per account and 30 days on the fitting folds: the goal of that suite is 0.12, the
others have none."""
PUSH_PRECISION_MIN = 0.958
HORIZON_DAYS = 35
NAME_GRID = [at / 100 for at in range(28, 46)]
PUSH_GRID = [at / 100 for at in range(60, 97)]
WITHIN_THREE = ("out", "t3")
Named = TypeVar("Named")


@dataclass(frozen=True)
class Suite:
    """One suite of the evaluation, read by the scorer itself."""

    name: str
    scorer: Any
    accounts: Mapping[str, Any]
    cutoffs: Sequence[tuple[str, date]]
    lines: Sequence[predict.AccountLine]


def read_suite(folder: Path, name: str) -> Suite:
    """Return the public accounts of a suite.

    Raises:
        OSError: The folder holds no evaluation.
    """
    spec = importlib.util.spec_from_file_location("calendar_score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "score.py")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    data = str(folder / "data" / "public")
    accounts, cutoffs = scorer.load(data, name)
    text = io.StringIO()
    scorer.make_input(data, name, text)
    decode = msgspec.json.Decoder(predict.AccountLine).decode
    lines = [decode(line) for line in text.getvalue().splitlines()]
    return Suite(name, scorer, accounts, cutoffs, lines)


def fold_of(account_id: str) -> int:
    """Return a fold that depends on nothing but the name's digest."""
    return hashlib.sha256(account_id.encode()).digest()[0] % FOLDS


def counted(predictor: predict.Predictor, lines: Iterable[predict.AccountLine]) -> priors.Beliefs:
    """Count cadences and posting rules over the last cut-off of every account, answers unseen."""
    shapes = {telling: _weighed(share) for telling, share in priors.SHAPES.items()}
    postings = {telling: _weighed(share) for telling, share in priors.POSTINGS.items()}
    for line in {line.account_id: line for line in lines}.values():
        for stream in predictor.streams(line):
            if stream.regular < REGULAR_MIN:
                continue
            for each in stream.posterior.hypotheses:
                cadence, weight = each.cadence, each.weight
                shapes[stream.telling][cadence.kind, cadence.stride] += weight
                postings[stream.telling][cadence.rule, cadence.is_by_hand] += weight
    return priors.Beliefs(
        {telling: _shares(share) for telling, share in shapes.items()},
        {telling: _shares(share) for telling, share in postings.items()},
    )


def _weighed(shares: Mapping[Named, float]) -> dict[Named, float]:
    return {key: share * COUNTED_AS for key, share in shares.items()}


def _shares(counts: Mapping[Named, float]) -> dict[Named, float]:
    total = sum(counts.values())
    return {key: count / total for key, count in counts.items()}


Key = tuple[str, date]
Candidates = dict[Key, list[tuple[Any, ...]]]
"""Per account and cut-off what the scorer takes, then the two chances and the occurrence."""
NAME, PUSH, OCCURRENCE = 5, 6, 7


def candidates(predictor: predict.Predictor, lines: Iterable[predict.AccountLine]) -> Candidates:
    """Return everything thinkable with its chances; thresholds come later."""
    found: Candidates = {}
    for line in lines:
        cutoff = date.fromisoformat(line.cutoff)
        key = (line.account_id, cutoff)
        found[key] = [_candidate(each, cutoff) for each in predictor.expected(line)]
    return found


def _candidate(each: Occurrence, cutoff: date) -> tuple[Any, ...]:
    sign = 1 if each.stream.key.is_income else -1
    remind = date.fromordinal(each.earliest) - timedelta(days=predict.LEAD_DAYS)
    push = predict.push_chance(each)
    return (
        date.fromordinal(each.on),
        sign * each.amount.amount_fen / predict.FEN,
        push,
        max(cutoff + timedelta(days=1), remind),
        len(each.stream.payments) >= predict.PUSH_COUNT_MIN,
        predict.name_chance(each),
        push,
        each,
    )


@dataclass(frozen=True)
class Thresholds:
    """From which chance on a payment is named, and pushed."""

    name: float = predict.EMIT_CHANCE_MIN
    push: float = predict.PUSH_CHANCE_MIN


def named(found: Candidates, thresholds: Thresholds) -> Candidates:
    """Return what would be said, with the push tier marked."""
    return {
        key: [
            (*each[:4], each[4] and each[PUSH] >= thresholds.push, *each[5:])
            for each in row
            if each[NAME] >= thresholds.name
        ]
        for key, row in found.items()
    }


def pushed(said: Candidates) -> Candidates:
    """Return the push tier alone."""
    return {key: [each for each in row if each[4]] for key, row in said.items()}


def fitted(suite: Suite, found: Candidates, accounts: Collection[str]) -> Thresholds:
    """Return the lowest thresholds that keep false reminders and pushes rare on these accounts."""
    cutoffs = [each for each in suite.cutoffs if each[0] in accounts]

    def total(said: Candidates, key: tuple[str, str]) -> dict[str, float]:
        own = {account: suite.accounts[account] for account in accounts}
        answer: dict[str, float] = suite.scorer.total(own, cutoffs, said, key)
        return answer

    def is_quiet(name: float) -> bool:
        wrong = total(named(found, Thresholds(name=name)), WITHIN_THREE)["fp"]
        return wrong / len(cutoffs) * 30 <= FALSE_MAX.get(suite.name, 1.0) * HORIZON_DAYS

    def is_precise(push: float) -> bool:
        said = pushed(named(found, Thresholds(name=0.0, push=push)))
        return total(said, WITHIN_THREE)["precision"] >= PUSH_PRECISION_MIN

    return Thresholds(_first(NAME_GRID, is_quiet), _first(PUSH_GRID, is_precise))


def _first(grid: Sequence[float], is_good: Callable[[float], bool]) -> float:
    return next((value for value in grid if is_good(value)), grid[-1])


def held_out(suite: Suite) -> tuple[Candidates, list[Thresholds]]:
    """Return what is said of every account with what was fitted on the other folds."""
    days = load_trading_days()
    said: Candidates = {}
    used = []
    for fold in range(FOLDS):
        rest = [line for line in suite.lines if fold_of(line.account_id) != fold]
        own = [line for line in suite.lines if fold_of(line.account_id) == fold]
        predictor = predict.Predictor(days, counted(predict.Predictor(days), rest))
        accounts = {line.account_id for line in rest}
        thresholds = fitted(suite, candidates(predictor, rest), accounts)
        said |= named(candidates(predictor, own), thresholds)
        used.append(thresholds)
    return said, used


def figures(suite: Suite, said: Candidates) -> dict[str, float]:
    """Return the figures of the goals over all accounts."""
    scored = suite.scorer.summarize(suite.accounts, suite.cutoffs, said, boot=2)
    day, three = scored["out_t1"], scored["out_t3"]
    return {
        "F1": day["f1"],
        "precision": day["precision"],
        "known": day["recall_known"],
        "lead5": three["lead5"],
        "false/30d": three["fp_per_30d"],
        "one earlier": scored["strata_out_t3"].get("prior=1", {}).get("recall", 0.0),
        "spring F1": scored.get("spring_t1", {}).get("f1", 0.0),
        "Brier": scored.get("brier_out_t3", 0.0),
        "push P": scored.get("push_t3", {}).get("precision", 0.0),
        "push R": scored.get("push_t3", {}).get("recall", 0.0),
        "income F1": scored.get("in_t1", {}).get("f1", 0.0),
    }


def cases(suite: Suite, said: Candidates, found: Candidates) -> Iterator[Case]:
    """Give account by account what was said, what was thinkable and what came."""
    for account, cutoff in suite.cutoffs:
        end = cutoff + timedelta(days=HORIZON_DAYS)
        rows = suite.accounts[account]
        seen: dict[str, int] = defaultdict(int)
        for on, _, _, truth in rows:
            seen[truth["stream_id"]] += on <= cutoff
        window = [(on, amount, truth) for on, amount, _, truth in rows if cutoff < on <= end]
        yield Case(
            said=[each for each in said[account, cutoff] if each[1] < 0],
            thinkable=[each for each in found[account, cutoff] if each[1] < 0],
            came=[each for each in window if each[2]["label"] == "pay" and each[1] < 0],
            neutral=[each for each in window if each[2]["label"] != "pay" and each[1] < 0],
            earlier=seen,
        )


def main(arguments: Sequence[str]) -> int:
    """Print the figures of both ways and the table of errors."""
    parser = argparse.ArgumentParser(prog="python -m bench.folds", description=__doc__)
    parser.add_argument("--eval", type=Path, required=True, help="calendar_eval 所在的目录")
    parser.add_argument("--suite", default="stress")
    options = parser.parse_args(arguments)
    suite = read_suite(options.eval, options.suite)
    predictor = predict.Predictor(load_trading_days())
    found = candidates(predictor, suite.lines)
    written = named(found, Thresholds())
    unseen, used = held_out(suite)
    print(f"{options.suite}: {len(suite.accounts)} 个账户, {len(suite.cutoffs)} 个截止日")
    print(f"{'':13}{'写下的数':>10}{'折外':>10}")
    own, other = figures(suite, written), figures(suite, unseen)
    for name, value in own.items():
        print(f"{name:13}{value:10.3f}{other[name]:10.3f}")
    print("各折选出的阈值", " ".join(f"{each.name:.2f}/{each.push:.2f}" for each in used))
    for text in error_table(suite.scorer.match, cases(suite, written, found)):
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
