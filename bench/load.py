"""Requests as fast as they are answered: wrk where it is there, else a slower one of our own."""

import http.client
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 16
_RATE = re.compile(r"^Requests/sec:\s*([\d.]+)", re.MULTILINE)
_WRONG = re.compile(r"^\s*(Non-2xx or 3xx responses: \d+|Socket errors: .*)", re.MULTILINE)


_LUA = """
local paths, bodies, at = {}, {}, 0
for line in io.lines("ASKED") do
  local path, body = line:match("^([^\\t]*)\\t(.*)$")
  paths[#paths + 1], bodies[#bodies + 1] = path, body
end
local headers = {["Content-Type"] = "text/xml"}
request = function()
  at = at % #paths + 1
  return wrk.format("POST", paths[at], headers, bodies[at])
end
"""


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


def posts_per_second(base: str, asked: Sequence[tuple[str, str]], seconds: int) -> float:
    """Return how many posts are answered in a second; each address and body is posted once.

    Raises:
        BadLoad: Some were refused or broke off, or there were too few of them.
    """
    if generator() == "wrk":
        return rate_said(_wrk_posts(base, asked, seconds))
    parts = [asked[start::4] for start in range(4)]
    counts: list[int] = []
    until = time.monotonic() + seconds
    callers = [threading.Thread(target=_post, args=(base, part, until, counts)) for part in parts]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    if len(counts) < len(callers):
        raise BadLoad(base)
    return sum(counts) / seconds


def _wrk_posts(base: str, asked: Sequence[tuple[str, str]], seconds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        lines, script = Path(folder) / "asked", Path(folder) / "post.lua"
        lines.write_text("".join(f"{path}\t{body}\n" for path, body in asked), "utf-8")
        script.write_text(_LUA.replace("ASKED", str(lines)), "utf-8")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
        done = subprocess.run(
            [*command, "-s", str(script), base],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 30,
        )
        return done.stdout


def _post(base: str, asked: Sequence[tuple[str, str]], until: float, counts: list[int]) -> None:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
    count = 0
    for path, body in asked:
        if time.monotonic() > until:
            break
        connection.request("POST", path, body.encode(), {"Content-Type": "text/xml"})
        reply = connection.getresponse()
        reply.read()
        if reply.status != http.client.OK:
            return
        count += 1
    else:
        return
    connection.close()
    counts.append(count)


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
