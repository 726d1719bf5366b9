"""How lunar days are written: 初一, 十五, and on the first of a month its name. Pure."""

from datetime import date

from h5app.kernel.lunar import LunarTable

_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_DIGITS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
_TENS = ("初", "十", "廿", "三")
_TEN = 10
_FULL_TENS = {10: "初十", 20: "二十", 30: "三十"}


def month_name(month: int, *, is_leap: bool = False) -> str:
    """Return the name of a lunar month, as 正月 or 闰六月."""
    return f"{'闰' if is_leap else ''}{_MONTHS[month - 1]}月"


def day_name(day: int) -> str:
    """Return the name of a lunar day, as 初一 or 廿三."""
    return _FULL_TENS.get(day) or _TENS[day // _TEN] + _DIGITS[day % _TEN - 1]


def short_name(on: date, lunar: LunarTable) -> str:
    """Return what a cell of the month shows: the month's name on its first day, else the day."""
    found = lunar.to_lunar(on)
    if found is None:
        return ""
    if found.day == 1:
        return month_name(found.month, is_leap=found.is_leap)
    return day_name(found.day)


def long_name(on: date, lunar: LunarTable) -> str:
    """Return the lunar date in full, as 农历八月十五; empty where the table does not reach."""
    found = lunar.to_lunar(on)
    if found is None:
        return ""
    return f"农历{month_name(found.month, is_leap=found.is_leap)}{day_name(found.day)}"
