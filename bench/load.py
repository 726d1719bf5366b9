"""Requests as fast as they are answered: wrk where it is there, else a slower one of our own."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from urllib.parse import urlsplit

CONNECTIONS = 16
_RATE = re.compile(r"^Requests/sec:\s*([\d.]+)", re.MULTILINE)
_WRONG = re.compile(r"^\s*(Non-2xx or 3xx responses: \d+|Socket errors: .*)", re.MULTILINE)


class BadLoad(Exception):
    """Answers that are none: a rate of refusals is no figure."""


def generator() -> str:
    """Return the name of what makes the load."""
    return "wrk" if shutil.which("wrk") else "http.client"


def requests_per_second(url: str, seconds: int) -> float:
    """Return how many requests are answered in a second over CONNECTIONS kept connections.

    Raises:
        BadLoad: Some were refused or broke off.
    """
    if generator() == "wrk":
        return rate_said(_wrk(url, seconds))
    return _own(url, seconds)


def _wrk(url: str, seconds: int) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30)
    return done.stdout


def rate_said(text: str) -> float:
    """Return the rate that wrk printed.

    Raises:
        BadLoad: It counted refusals or broken connections.
    """
    wrong, rate = _WRONG.search(text), _RATE.search(text)
    if wrong or not rate:
        raise BadLoad(wrong.group(0).strip() if wrong else text)
    return float(rate.group(1))


def _own(url: str, seconds: int) -> float:
    counts: list[int] = []
    until = time.monotonic() + seconds
    callers = [threading.Thread(target=_call, args=(url, until, counts)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    if len(counts) < len(callers):
        raise BadLoad(url)
    return sum(counts) / seconds


def _call(url: str, until: float, counts: list[int]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    count = 0
    while time.monotonic() < until:
        connection.request("GET", f"{parts.path}?{parts.query}")
        reply = connection.getresponse()
        reply.read()
        if reply.status != http.client.OK:
            return
        count += 1
    connection.close()
    counts.append(count)
