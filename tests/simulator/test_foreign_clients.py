"""Other people's programs drive the simulator: the examples of docs/simulator.md, as they stand."""

import re

import pytest

from tests.conftest import ROOT
from tests.simulator.served import RunningSimulator

BLOCKS = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "simulator.md").read_text("utf-8"), re.DOTALL
)


def test_the_document_shows_a_plain_and_a_wechatpy_client() -> None:
    """There are two examples: plain requests, and wechatpy unmodified."""
    assert len(BLOCKS) == 2
    assert "import WeChatClient" in BLOCKS[1]


@pytest.mark.parametrize("place", range(2))
def test_an_example_of_the_document_runs(simulator: RunningSimulator, place: int) -> None:
    """Each example works against a fresh simulator; only the port is another."""
    text = BLOCKS[place].replace("http://127.0.0.1:8001", simulator.url)

    exec(compile(text, "docs/simulator.md", "exec"), {})  # noqa: S102 - our own document

    assert simulator.api("/cgi-bin/menu/get")["menu"]["button"][0]["name"] == "帮助"
