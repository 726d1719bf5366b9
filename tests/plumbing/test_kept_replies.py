"""Answers kept between two changes."""

import brotli  # type: ignore[import-untyped]
import pytest
from flask import Flask, Response

from h5app.plumbing.kept_replies import KEPT_MAX, PACKED_BYTES_MIN, KeptReplies

LONG = b'{"row":"' + b"x" * PACKED_BYTES_MIN + b'"}'


class Kitchen:
    """Counts how often a body is made."""

    def __init__(self, body: bytes = LONG) -> None:
        self.replies = KeptReplies("application/json")
        self.body = body
        self.made = 0

    def make(self) -> bytes:
        """Return the body."""
        self.made += 1
        return self.body

    def ask(self, stamp: object, key: object, codings: str = "") -> Response:
        """Answer one request."""
        with Flask("kitchen").test_request_context(headers={"Accept-Encoding": codings}):
            return self.replies.reply(stamp, key, self.make)


@pytest.fixture
def kitchen() -> Kitchen:
    """Nothing was asked yet."""
    return Kitchen()


def test_a_body_is_made_once_for_each_key_and_stamp(kitchen: Kitchen) -> None:
    """The same question between two changes gets the same bytes; a change makes it anew."""
    assert kitchen.ask("one", "a").data == kitchen.ask("one", "a").data == LONG
    assert kitchen.made == 1

    kitchen.ask("one", "b")
    assert kitchen.made == 2

    kitchen.ask("two", "a")
    assert kitchen.made == 3


def test_who_takes_brotli_gets_it_and_caches_keep_the_forms_apart(kitchen: Kitchen) -> None:
    """Compressed for one, plain for the other, of one body; Vary says so."""
    packed = kitchen.ask("one", "a", "gzip, br")
    plain = kitchen.ask("one", "a")

    assert packed.headers["Content-Encoding"] == "br"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert brotli.decompress(packed.data) == plain.data == LONG
    assert "Content-Encoding" not in plain.headers
    assert kitchen.made == 1


def test_what_is_short_is_sent_as_it_is() -> None:
    """Compressing a few bytes makes them more."""
    assert "Content-Encoding" not in Kitchen(b"{}").ask("one", "a", "br").headers


def test_no_more_is_kept_than_fits(kitchen: Kitchen) -> None:
    """Whoever asks for ever new lists does not fill the memory."""
    for number in range(3 * KEPT_MAX):
        kitchen.ask("one", number)
        assert len(kitchen.replies._kept) <= KEPT_MAX
