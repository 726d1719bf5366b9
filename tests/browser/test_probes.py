"""The probes find what they are there to find: each one on a page that is wrong on purpose."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PROBES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("house")]
BAR = '<div class="ui-tabbar" style="position: fixed; bottom: 0; height: 60px">行情</div>'
PAIRS = [
    ("wide", [], '<p style="width: 500px">9,876.00</p>', "<p>9,876.00</p>"),
    (
        "small",
        [44],
        '<button style="height: 30px">撤单</button>',
        '<button style="width: 60px; height: 44px">撤单</button>',
    ),
    (
        "small",
        [44],
        '<p><a href="/" style="display: block">条款</a></p>',
        '<p>请看 <a href="/">条款</a></p>',
    ),
    (
        "overlapping",
        [],
        '<p>10.25</p><p style="margin-top: -30px">1,000</p>',
        "<p>10.25</p><p>1,000</p>",
    ),
    (
        "cut",
        [],
        '<p style="width: 40px; overflow: hidden; white-space: nowrap">1,234,567.89</p>',
        '<p style="overflow: hidden">1,234,567.89</p>',
    ),
    (
        "tiny",
        [18],
        '<p style="font-size: 12px">已报</p>',
        '<p style="font-size: 18px">已报</p>',
    ),
    (
        "covered",
        [],
        f'<p style="height: 844px">合计</p><p>最后一行</p>{BAR}',
        f'<p style="height: 844px">合计</p><p style="padding-bottom: 80px">最后一行</p>{BAR}',
    ),
]
"""A probe, what it is given, a page with the fault and the same page without it."""


@pytest.fixture(scope="module")
def paper(browser: Browser) -> Iterator[Page]:
    """An empty page of 390 by 844."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("probe", "given", "wrong", "right"), PAIRS)
def test_a_probe_tells_wrong_from_right(
    paper: Page, probe: str, given: list[int], wrong: str, right: str
) -> None:
    """A fault is named; the same page without it passes."""
    found = []
    for body in (wrong, right):
        paper.set_content(f'<meta name="viewport" content="width=device-width">{body}')
        paper.evaluate(PROBES)
        found.append(
            paper.evaluate("([probe, given]) => window.probes[probe](...given)", [probe, given])
        )

    assert found[0]
    assert found[1] == []
