"""What makes the load, and what listens."""

import socket

import pytest

from bench.listening import Stream
from bench.load import BadLoad, rate_said

SAID = """Running 1s test @ http://127.0.0.1:8000/
  1 threads and 16 connections
  3502 requests in 1.00s, 5.61MB read
{wrong}Requests/sec:   3501.12
Transfer/sec:      5.60MB
"""


def test_the_rate_is_what_was_answered() -> None:
    """As wrk prints it."""
    assert rate_said(SAID.format(wrong="")) == 3501.12


@pytest.mark.parametrize(
    "wrong",
    [
        "  Non-2xx or 3xx responses: 12\n",
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
    ],
)
def test_refusals_are_no_figure(wrong: str) -> None:
    """A rate of 429 or of broken connections says nothing."""
    with pytest.raises(BadLoad, match=r"responses: 12|read 3"):
        rate_said(SAID.format(wrong=wrong))


def test_a_row_cut_in_two_arrives_with_its_end() -> None:
    """What is read need not end where a row ends; the last row of a tick counts."""
    with socket.socket() as unused:
        stream = Stream(unused)
        row = b'data: {"symbol":"600519.SH","sequence":7,"at":1}\n\n'
        stream.heard = [
            (1.0, b'event: state\ndata: {"at":0,"sequence":7}\n\n' + row[:30]),
            (2.0, row[30:]),
            (3.0, row.replace(b"600519", b"600036")),
            (4.0, row.replace(b":7,", b":8,")),
        ]

        assert stream.arrivals() == {7: 3.0, 8: 4.0}
