"""What must not leave the house: amounts, quantities, codes, account numbers."""

import re

_TIMES = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日|\d{1,2}月\d{1,2}日|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}天"
)
"""Dates, times and days left: these may leave."""
_PRIVATE = (
    re.compile(r"\d{5,}"),
    re.compile(r"\d+\.\d+"),
    re.compile(r"[¥￥$]\s*\d"),
    re.compile(r"\d{1,3}(?:,\d{3})+"),
    re.compile(r"\d+\s*(?:元|万|亿|股|手|份|张|%|%)"),
    re.compile(r"[一二三四五六七八九十百千两]+(?:万|亿|千)?(?:元|股|手)"),
)


def is_private(text: str) -> bool:
    """Return whether the text shows an amount, a quantity, a price, a code or an account number."""
    rest = _TIMES.sub(" ", text)
    return any(pattern.search(rest) for pattern in _PRIVATE)
