"""Pages that strangers share, with a form token for each."""

import re
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from h5app.plumbing.config import Config
from h5app.plumbing.kept_pages import PAGES_MAX, TOKEN_PLACE, KeptPages, token_place
from h5app.plumbing.web import create_base

PAGE = '<meta name="csrf-token" content="{{ csrf_token() }}"><p>{{ words }}</p>'


class Reading:
    """An application whose one page is kept, and a route that takes a form."""

    def __init__(self, folder: Path) -> None:
        self.pages = KeptPages()
        self.stamp = 0
        self.drawn = 0
        self.app: Flask = create_base(Config.from_environ({"H5APP_HOME": str(folder)}))
        self.app.add_url_rule("/read/<words>", "read", self.read)
        self.app.add_url_rule("/write", "write", lambda: "written", methods=["POST"])

    def read(self, words: str) -> Response:
        """Show the words."""
        return self.pages.page(self.stamp, words, lambda: self._draw(words))

    def _draw(self, words: str) -> str:
        self.drawn += 1
        template = self.app.jinja_env.from_string(PAGE)
        return template.render(words=words, csrf_token=token_place)

    def stranger(self) -> FlaskClient:
        """Return somebody who was never here."""
        return self.app.test_client()


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    """Nobody has read anything yet."""
    return Reading(tmp_path)


def token_in(page: str) -> str:
    """Return the form token of a page."""
    found = re.search(r'content="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_page_is_drawn_once_and_each_stranger_writes_with_his_own_token(reading: Reading) -> None:
    """The page is one; its token is of the reader's own session and nobody else's."""
    one, other = reading.stranger(), reading.stranger()
    first, second = one.get("/read/hello").text, other.get("/read/hello").text

    assert reading.drawn == 1
    assert TOKEN_PLACE not in first
    assert token_in(first) != token_in(second)
    assert one.post("/write", data={"csrf_token": token_in(first)}).text == "written"
    assert one.post("/write", data={"csrf_token": token_in(second)}).status_code == 400


def test_what_differs_is_drawn_for_itself(reading: Reading) -> None:
    """Another key, or another state of things, is another page."""
    reader = reading.stranger()
    assert "hello" in reader.get("/read/hello").text
    assert "bye" in reader.get("/read/bye").text
    assert reading.drawn == 2

    reading.stamp = 1
    reader.get("/read/hello")
    assert reading.drawn == 3


def test_caches_must_ask_again_and_keep_readers_apart(reading: Reading) -> None:
    """The page carries a token: no cache gives it to somebody else."""
    answer = reading.stranger().get("/read/hello")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in answer.headers["Vary"]


def test_no_more_pages_are_kept_than_fit(reading: Reading) -> None:
    """Ever new addresses do not fill the memory."""
    reader = reading.stranger()
    for number in range(2 * PAGES_MAX):
        reader.get(f"/read/{number}")
    assert len(reading.pages._kept) <= PAGES_MAX
