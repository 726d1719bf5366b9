"""Colours are named once, in tokens.css, and everything written in them can be read."""

import re

import pytest

from tests.conftest import ROOT

STATIC = ROOT / "static"
TOKENS = (STATIC / "_ui" / "tokens.css").read_text("utf-8")
HEX = re.compile(r"--(ui-[\w-]+): (#[0-9a-f]{6});")
RAW = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(|:\s*(?:white|black|red|green|blue|grey|gray)\b"
)
GROUNDS = ("ui-ground", "ui-surface", "ui-surface-soft")
INKS = ("ui-text", "ui-text-soft", "ui-link", "ui-primary", "ui-warn", "ui-attention")
PAIRS = [
    *((ink, ground) for ink in INKS for ground in GROUNDS),
    *((ink, "ui-surface") for ink in ("ui-red", "ui-green", "ui-flat", "ui-average")),
    *((ink, ground) for ink in ("ui-red", "ui-green") for ground in ("ui-ground", f"{ink}-ground")),
    ("ui-on-primary", "ui-primary"),
    ("ui-on-warn", "ui-warn"),
    ("ui-surface", "ui-red"),
    ("ui-surface", "ui-green"),
    ("ui-attention", "ui-attention-ground"),
    ("ui-text", "ui-red-ground"),
    ("ui-text", "ui-green-ground"),
]
"""What is written on what: market colours on lists and on their own ground, buttons in ink."""
CONTRAST_MIN = 4.5
CONTROL_CONTRAST_MIN = 3.0


def block(selector: str) -> dict[str, str]:
    """Return the colours that one block of tokens.css names."""
    begin = TOKENS.index(selector)
    return dict(HEX.findall(TOKENS[begin : TOKENS.index("\n}", begin)]))


THEMES = {"light": block("body {"), "dark": block('body[data-weui-theme="dark"] {')}


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 computes it."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_ink_is_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    """4.5:1 at least, on both themes (product.md 0-8)."""
    colours = THEMES[theme]

    assert contrast(colours[ink], colours[ground]) >= CONTRAST_MIN


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_are_seen(theme: str) -> None:
    """3:1 at least between a control's edge and what lies around it."""
    colours = THEMES[theme]

    for ground in GROUNDS:
        assert contrast(colours["ui-control-line"], colours[ground]) >= CONTROL_CONTRAST_MIN


def test_the_dark_that_is_chosen_is_the_dark_of_the_phone() -> None:
    """Both dark blocks of tokens.css hold the same values."""
    assert block('body:not([data-weui-theme="light"])') == THEMES["dark"]


def test_no_colour_is_written_outside_the_tokens() -> None:
    """Rooms name colours, they do not mix them; the simulator stands on the other side."""
    files = [
        path
        for path in STATIC.rglob("*.css")
        if path.parts[len(STATIC.parts)] not in ("dist", "simulator") and path.name != "tokens.css"
    ]

    raw = {
        f"{path.relative_to(STATIC)}: {found.group()}"
        for path in files
        for found in RAW.finditer(
            re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        )
    }

    assert files
    assert raw == set()
