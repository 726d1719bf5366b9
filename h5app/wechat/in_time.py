"""Work with a time limit: who waits for it goes on when the time is over, the work does, too."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

Result = TypeVar("Result")


class TooLate(Exception):
    """The result is not there in time."""


class _Job(Generic[Result]):
    """One piece of work; `done` is free once it ended."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self.work = work
        self.result: Result | None = None
        self.failure: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def do(self) -> None:
        """Work, and keep what comes of it."""
        try:
            self.result = self.work()
        except BaseException as failed:  # noqa: BLE001 - told to who waits
            self.failure = failed
        self.done.release()


class InTime(Generic[Result]):
    """Does work in threads of its own that never keep the process from ending.

    One lock and one queue: an executor's futures cost as much as the answer to most questions.
    """

    def __init__(self, threads_max: int, name: str) -> None:
        self._threads_max = threads_max
        self._name = name
        self._jobs: SimpleQueue[_Job[Result]] = SimpleQueue()
        self._started = 0
        self._idle = 0

    def result(self, work: Callable[[], Result], seconds_max: float) -> Result:
        """Return what the work gives.

        Raises:
            TooLate: It is not there after so many seconds; the work goes on.
        """
        job = _Job(work)
        if self._idle <= self._jobs.qsize() and self._started < self._threads_max:
            self._start()
        self._jobs.put(job)
        if not job.done.acquire(timeout=seconds_max):
            raise TooLate
        if job.failure is not None:
            raise job.failure
        return job.result  # type: ignore[return-value]

    def _start(self) -> None:
        self._started += 1
        threading.Thread(
            target=self._work, name=f"{self._name}-{self._started}", daemon=True
        ).start()

    def _work(self) -> None:
        while True:
            self._idle += 1
            job = self._jobs.get()
            self._idle -= 1
            job.do()
