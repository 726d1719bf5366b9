"""Numbers as the reader sees them: one function a kind, registered as Jinja filters by name.

static/_ui/format.js says the same in the browser; tests/ui/format_cases.json holds both to it.
Missing is "--", never 0, and no figure is ever written "-0.00".
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import Flask
from flask_babel import gettext as _

MISSING = "--"
ARROWS = {"up": "▲ ", "down": "▼ ", "flat": ""}
SIGNS = {"up": "+", "down": "-", "flat": ""}
WAN = 10_000
YI = 100_000_000
DIGITS_KEPT = 4


def rounded(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded half away from zero."""
    whole, rest = divmod(abs(numerator), denominator)
    value = whole + (1 if rest * 2 >= denominator else 0)
    return value if numerator >= 0 else -value


def fixed(units: int, decimals: int) -> str:
    """Return `units` of the last place as decimal text with that many places."""
    digits = str(abs(units)).zfill(decimals + 1)
    sign = "-" if units < 0 else ""
    if decimals == 0:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def price(price_milli: int | None, decimals: int = 2) -> str:
    """Return a price (unit: milli-yuan) with its instrument's decimals, at most three."""
    if price_milli is None:
        return MISSING
    return fixed(rounded(price_milli, 10 ** (3 - decimals)), decimals)


def direction(value: int | Decimal | None, base: int | Decimal | None = 0) -> str:
    """Return up, down or flat: where a value stands against its base; missing is flat."""
    if value is None or base is None or value == base:
        return "flat"
    return "up" if value > base else "down"


def change(last_milli: int | None, previous_close_milli: int | None, decimals: int = 2) -> str:
    """Return the signed change of a price with its arrow (units: milli-yuan)."""
    if last_milli is None or previous_close_milli is None:
        return MISSING
    units = rounded(last_milli - previous_close_milli, 10 ** (3 - decimals))
    return _arrowed(units, decimals, "")


def change_ratio(last_milli: int | None, previous_close_milli: int | None) -> str:
    """Return the change in percent of the previous close, with sign and arrow."""
    if last_milli is None or not previous_close_milli:
        return MISSING
    hundredths = rounded((last_milli - previous_close_milli) * 10_000, previous_close_milli)
    return _arrowed(hundredths, 2, "%")


def _arrowed(units: int, decimals: int, unit: str) -> str:
    way = direction(units)
    return f"{ARROWS[way]}{SIGNS[way]}{fixed(abs(units), decimals)}{unit}"


def ratio(value: Decimal | str | None) -> str:
    """Return a ratio (0.0085) as a signed percentage (+0.85%)."""
    if value is None:
        return MISSING
    hundredths = _hundredths(value)
    return f"{SIGNS[direction(hundredths)]}{fixed(abs(hundredths), 2)}%"


def percent(value: Decimal | str | None) -> str:
    """Return a ratio (0.0234) as a percentage without a plus sign (2.34%)."""
    return MISSING if value is None else f"{fixed(_hundredths(value), 2)}%"


def _hundredths(value: Decimal | str) -> int:
    return int((Decimal(value) * 10_000).quantize(Decimal(1), ROUND_HALF_UP))


def lots(quantity_shares: int | None, lot_shares: int = 100) -> str:
    """Return a quantity (whole shares) in 手, 万手 or 亿手."""
    if quantity_shares is None:
        return MISSING
    return _short(rounded(quantity_shares, lot_shares), 1, "手", _("手"))


def shares(quantity_shares: int | None) -> str:
    """Return a quantity in whole shares with thousands separated."""
    return MISSING if quantity_shares is None else f"{quantity_shares:,}"


def yuan(amount_fen: int | None) -> str:
    """Return an amount (unit: fen) in yuan with thousands separated."""
    if amount_fen is None:
        return MISSING
    text = fixed(abs(amount_fen), 2)
    return ("-" if amount_fen < 0 else "") + _grouped(text)


def yuan_signed(amount_fen: int | None) -> str:
    """Return an amount (unit: fen) in yuan with its sign, as a profit is written."""
    if amount_fen is None:
        return MISSING
    return ("+" if amount_fen > 0 else "") + yuan(amount_fen)


def yuan_short(amount_fen: int | None) -> str:
    """Return an amount (unit: fen) in 元, 万, 亿 or 万亿 with two decimals."""
    if amount_fen is None:
        return MISSING
    return _short(amount_fen, 100, "", _("元"))


def _short(units: int, units_of_one: int, unit_of_many: str, unit_of_few: str) -> str:
    """Return a count with at most four digits before the point and the scale behind it."""
    sign = "-" if units < 0 else ""
    size = abs(units)
    few_max = WAN * units_of_one
    if size < few_max:
        return f"{sign}{fixed(size, len(str(units_of_one)) - 1)}{unit_of_few}"
    for scale, name in ((WAN, _("万")), (YI, _("亿"))):
        hundredths = rounded(size * 100, scale * units_of_one)
        if hundredths < WAN * 100:
            return f"{sign}{fixed(hundredths, 2)}{name}{unit_of_many}"
    hundredths = rounded(size * 100, WAN * YI * units_of_one)
    return f"{sign}{fixed(hundredths, 2)}{_('万亿')}{unit_of_many}"


def _grouped(text: str) -> str:
    whole, point, part = text.partition(".")
    return f"{int(whole):,}{point}{part}"


def points(index_e4: int | None) -> str:
    """Return index points (unit: 1/10000 point) with two decimals."""
    return MISSING if index_e4 is None else fixed(rounded(index_e4, 100), 2)


def price_sentence(
    last_milli: int | None, previous_close_milli: int | None, decimals: int = 2
) -> str:
    """Return a price as a screen reader should say it."""
    if last_milli is None or not previous_close_milli:
        return str(_("暂无最新价"))
    hundredths = rounded((last_milli - previous_close_milli) * 10_000, previous_close_milli)
    moves = {
        "up": _("上涨 %(size)s%%", size=fixed(abs(hundredths), 2)),
        "down": _("下跌 %(size)s%%", size=fixed(abs(hundredths), 2)),
        "flat": _("平盘"),
    }
    now = _("最新价 %(price)s 元", price=price(last_milli, decimals))
    return f"{now} {moves[direction(hundredths)]}"


def masked_account(fund_account: str | None) -> str:
    """Return an account number of which only the last four digits show."""
    if fund_account is None:
        return MISSING
    return "****" + (fund_account[-4:] if len(fund_account) > DIGITS_KEPT else "")


def clock_time(moment: datetime | None) -> str:
    """Return the time of day of a moment, as 14:35:03."""
    return MISSING if moment is None else f"{moment:%H:%M:%S}"


def day(on: date | None) -> str:
    """Return a date as 2026-11-24."""
    return MISSING if on is None else f"{on:%Y-%m-%d}"


def day_long(on: date | None) -> str:
    """Return a date with its weekday, as 11月24日 周二."""
    if on is None:
        return MISSING
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    text = str(_("%(month)d月%(day)d日", month=on.month, day=on.day))
    return f"{text} {names[on.weekday()]}"


def moment(at: datetime | None) -> str:
    """Return a moment as 2026-11-24 14:35."""
    return MISSING if at is None else f"{at:%Y-%m-%d %H:%M}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        price,
        direction,
        change,
        change_ratio,
        ratio,
        percent,
        lots,
        shares,
        yuan,
        yuan_signed,
        yuan_short,
        points,
        price_sentence,
        masked_account,
        clock_time,
        day,
        day_long,
        moment,
    )
}


def register_filters(app: Flask) -> None:
    """Make every function above a Jinja filter of its own name."""
    app.jinja_env.filters.update(FILTERS)
