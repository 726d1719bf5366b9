"""提醒: what a customer waits for: the list, one instrument's form, and what changes them.

Forms give a price in yuan (an index in points) and a change in per cent; a fall is written without
its sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the document reads it from the row's type
from typing import TYPE_CHECKING, Literal

import msgspec
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.kernel.money import NotAnAmount, fen_from_text, milli_from_text
from h5app.kernel.symbol import parse_symbol
from h5app.market.alerting import (
    AlertAlreadyMet,
    BadAlert,
    BadAlertChange,
    BadAlertPrice,
    TooManyAlerts,
    kind_of,
)
from h5app.market.alerts import AlertKind
from h5app.market.views_rows import shown_rows
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, parsed_json, render, see_other, wants_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from h5app.market.alerting import Alerting
    from h5app.market.alerts import Alert
    from h5app.market.model import Instrument
    from h5app.market.service import Market
    from h5app.market.stream import QuoteStream

LIST_PATH = "/market/alerts"
SAID = ("added", "armed", "removed")
Action = Literal["arm", "remove"]
ACTIONS: tuple[Action, ...] = ("arm", "remove")


class NoSuchAlertChange(AppError):
    """Neither arm nor remove."""

    code = "market.no_such_alert_change"
    status = 422
    sentence = "无法识别这个操作,请从提醒页面重新操作"


class AlertWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be waited for.

    `value` is yuan (points of an index) or per cent as text; a fall is positive.
    """

    kind: AlertKind
    value: str = ""


class AlertChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let an alert wait again, or forget it."""

    action: Action


class AlertRow(msgspec.Struct, frozen=True):
    """One alert. `threshold`: milli-yuan of prices, 1/10000 (signed) of changes, else 0.

    `fired_at` is market time; `fired_milli` the price that met it, None for an announcement.
    """

    alert_id: str
    symbol: str
    kind: AlertKind
    threshold: int
    condition: str
    is_armed: bool
    firings: int
    fired_at: datetime | None
    fired_milli: int | None


class AlertsReply(msgspec.Struct, frozen=True):
    """The customer's alerts, the latest armed first."""

    alerts: list[AlertRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    """One alert as a page shows it; `fired_text` is when it fired, empty while it never has."""

    row: AlertRow
    name: str
    decimals: int
    fired_text: str


def blueprint(market: Market, stream: QuoteStream, alerting: Alerting) -> Blueprint:
    """Return the pages and addresses of alerts."""
    room = Blueprint("market_alerts", __name__)
    views = AlertViews(market, stream, alerting)
    room.add_url_rule(LIST_PATH, "list_page", views.list_page, methods=["GET"])
    room.add_url_rule(f"{LIST_PATH}/<alert_id>", "change", views.change, methods=["POST"])
    address = "/market/<symbol>/alerts"
    room.add_url_rule(address, "form_page", views.form_page, methods=["GET"])
    room.add_url_rule(address, "add", views.add, methods=["POST"])
    return room


class AlertViews:
    """The list of all, the form of one instrument, and the two addresses that change them."""

    def __init__(self, market: Market, stream: QuoteStream, alerting: Alerting) -> None:
        self._market = market
        self._stream = stream
        self._alerting = alerting

    @operation("Every alert of the customer", reply=AlertsReply, errors=(401,))
    @requires(Tier.FOLLOWER)
    def list_page(self) -> Response:
        """Show what fired and what still waits."""
        return self._reply() if wants_json() else self._list()

    @operation(
        "Let an alert wait again, or remove it",
        request=AlertChange,
        reply=AlertsReply,
        errors=(400, 401, 404, 422),
    )
    @requires(Tier.FOLLOWER)
    def change(self, alert_id: str) -> Response:
        """Arm or remove one alert and lead back, or answer with all.

        Raises:
            NoSuchAlertChange: No such action.
            NoSuchAlert: The customer has no such alert.
            AlertAlreadyMet: What it would wait for is so already; the page says so in place.
        """
        action = _action()
        back = request.form.get("symbol", "")
        try:
            self._change(action, alert_id)
        except AlertAlreadyMet as refused:
            if wants_json():
                raise
            return self._list(refused)
        if wants_json():
            return self._reply()
        said = "armed" if action == "arm" else "removed"
        return see_other(f"{_form_path(parse_symbol(back)) if back else LIST_PATH}?said={said}")

    @requires(Tier.FOLLOWER)
    def form_page(self, symbol: str) -> Response:
        """Show the form of one instrument, its price, and what waits for it already.

        Raises:
            NotASymbol: Not six digits and an exchange.
            NoSuchInstrument: Nothing of this name is listed.
        """
        return self._form(self._market.existing(parse_symbol(symbol)))

    @operation(
        "Wait for a price, a change or an announcement of one instrument",
        request=AlertWish,
        reply=AlertsReply,
        errors=(400, 401, 404, 422),
    )
    @requires(Tier.FOLLOWER)
    def add(self, symbol: str) -> Response:
        """Keep a new alert; a form that cannot be kept comes back with what was written.

        Raises:
            NoSuchInstrument: Nothing of this name is listed.
            BadAlert: Neither a kind nor a value that can be waited for.
            AlertAlreadyMet: It is so already.
            TooManyAlerts: There is no room.
        """
        instrument = self._market.existing(parse_symbol(symbol))
        try:
            wish = _wish()
            threshold = threshold_of(wish.kind, wish.value)
            self._alerting.add(visitor().owner, instrument.symbol, wish.kind, threshold)
        except (BadAlert, AlertAlreadyMet, TooManyAlerts) as refused:
            if wants_json() or request.is_json:
                raise
            return self._form(instrument, refused)
        if wants_json():
            return self._reply()
        return see_other(f"{_form_path(instrument.symbol)}?said=added")

    # ------------------------------------------------------------

    def _change(self, action: Action, alert_id: str) -> None:
        if action == "arm":
            self._alerting.arm(visitor().owner, alert_id)
        else:
            self._alerting.remove(visitor().owner, alert_id)

    def _alerts(self, symbol: str = "") -> list[Alert]:
        every = self._alerting.alerts(visitor().owner)
        return [one for one in every if symbol in ("", one.symbol)]

    def _reply(self) -> Response:
        return json_reply(AlertsReply(alerts=[self._row(one) for one in self._alerts()]))

    def _row(self, alert: Alert) -> AlertRow:
        return AlertRow(
            alert_id=alert.alert_id,
            symbol=alert.symbol,
            kind=alert.kind,
            threshold=alert.threshold,
            condition=self._alerting.condition(alert),
            is_armed=alert.is_armed,
            firings=alert.firings,
            fired_at=alert.fired_at,
            fired_milli=alert.fired_value,
        )

    def _shown(self, alerts: Iterable[Alert]) -> list[ShownAlert]:
        return [self._shown_alert(self._row(one)) for one in alerts]

    def _shown_alert(self, row: AlertRow) -> ShownAlert:
        instrument = self._market.instrument(row.symbol)
        return ShownAlert(
            row=row,
            name=self._market.display_name(row.symbol) if instrument else row.symbol,
            decimals=instrument.price_decimals if instrument else 2,
            fired_text=f"{row.fired_at:%m-%d %H:%M:%S}" if row.fired_at else "",
        )

    def _list(self, refused: AppError | None = None) -> Response:
        shown = self._shown(self._alerts())
        return render(
            "market/alerts.html",
            refused.status if refused else 200,
            head=self._stream.head(),
            fired=[one for one in shown if not one.row.is_armed],
            waiting=[one for one in shown if one.row.is_armed],
            error=_(refused.message) if refused else "",
            said=_said(),
        )

    def _form(self, instrument: Instrument, refused: AppError | None = None) -> Response:
        sentence = _(refused.message) if refused else ""
        is_of_value = isinstance(refused, BadAlertPrice | BadAlertChange | AlertAlreadyMet)
        return render(
            "market/alert_form.html",
            refused.status if refused else 200,
            head=self._stream.head(),
            instrument=instrument,
            name=self._market.display_name(instrument.symbol),
            quotes=shown_rows(self._market, [instrument.symbol]),
            kinds=_kinds(instrument),
            fields=request.form,
            value_error=sentence if is_of_value else "",
            error="" if is_of_value else sentence,
            alerts=self._shown(self._alerts(instrument.symbol)),
            said=_said(),
        )


def threshold_of(kind: AlertKind, value: str) -> int:
    """Return what a form's text means: milli-yuan, 1/10000 (a fall below 0), 0 of announcements.

    Raises:
        BadAlertPrice: No number, or finer than 1/1000 yuan.
        BadAlertChange: No number, or finer than 0.01 %.
    """
    text = value.strip()
    if kind.is_price:
        return _number(milli_from_text, text, BadAlertPrice)
    if kind.is_ratio:
        hundredths = _number(fen_from_text, text.removesuffix("%"), BadAlertChange)
        return -abs(hundredths) if kind is AlertKind.CHANGE_FALLS_TO else hundredths
    return 0


def _number(read: Callable[[str], int], text: str, refusal: type[BadAlert]) -> int:
    try:
        return read(text)
    except NotAnAmount:
        raise refusal from None


def _kinds(instrument: Instrument) -> list[tuple[str, str]]:
    unit = _("点") if instrument.is_index else _("元")
    units = {kind: unit if kind.is_price else "%" for kind in AlertKind}
    shown = [(kind.value, f"{_(kind.label)}（{units[kind]}）") for kind in AlertKind][:-1]
    news = AlertKind.ANNOUNCEMENT
    return shown if instrument.is_index else [*shown, (news.value, _(news.label))]


def _wish() -> AlertWish:
    if request.is_json:
        asked: AlertWish = parsed_json(AlertWish)
        return asked
    return AlertWish(
        kind=kind_of(request.form.get("kind", "")), value=request.form.get("value", "")
    )


def _action() -> Action:
    if request.is_json:
        asked: AlertChange = parsed_json(AlertChange)
        return asked.action
    action = request.form.get("action", "")
    found = next((one for one in ACTIONS if one == action), None)
    if found is None:
        raise NoSuchAlertChange
    return found


def _said() -> str:
    said = request.args.get("said", "")
    return said if said in SAID else ""


def _form_path(symbol: str) -> str:
    return f"/market/{symbol}/alerts"
