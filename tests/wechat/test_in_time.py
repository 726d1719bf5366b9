"""Work with a time limit: its result, its failure, and that nobody waits too long for it."""

import threading

import pytest

from h5app.wechat.in_time import InTime, TooLate


def test_a_result_is_given_back() -> None:
    """Many callers at once each get their own."""
    work: InTime[int] = InTime(4, "test")
    results: list[int] = []

    def ask(number: int) -> None:
        results.append(work.result(lambda: number * 2, 30))

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert sorted(results) == [number * 2 for number in range(20)]


def test_a_failure_is_told_to_who_waits() -> None:
    """The thread lives on and does the next piece."""
    work: InTime[int] = InTime(1, "test")

    with pytest.raises(ZeroDivisionError):
        work.result(lambda: 1 // 0, 30)

    assert work.result(lambda: 7, 30) == 7


def test_what_takes_too_long_keeps_nobody_waiting() -> None:
    """The work goes on; one that comes when every thread is busy is too late as well."""
    work: InTime[bool] = InTime(1, "test")
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> bool:
        may_end.wait(30)
        ended.set()
        return True

    with pytest.raises(TooLate):
        work.result(slow, 0.01)
    with pytest.raises(TooLate):
        work.result(lambda: True, 0.01)
    may_end.set()

    assert ended.wait(30)
    assert work.result(lambda: True, 30)
