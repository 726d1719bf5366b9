"""Alerts of customers: kept, watched over, told once, and armed again."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

from h5app.kernel.error import AppError
from h5app.market import store_alerts as store
from h5app.market.alerts import Alert, AlertKind, condition_text, is_usable, met_value
from h5app.market.model import AlertFired

if TYPE_CHECKING:
    from collections.abc import Iterable

    from h5app.identity.model import CustomersMerged
    from h5app.kernel.clock import Clock
    from h5app.market.events import MarketEvent
    from h5app.market.model import Instrument, Quote
    from h5app.market.service import Market
    from h5app.plumbing.db import Database
    from h5app.plumbing.outbox import Outbox

ALERTS_MAX = 50
TITLE_LENGTH_MAX = 80


class TooManyAlerts(AppError):
    """A customer has ALERTS_MAX alerts, fired ones among them."""

    code = "market.too_many_alerts"
    status = 422
    sentence = f"行情提醒最多 {ALERTS_MAX} 条,请先删除不再需要的"


class BadAlert(AppError):
    """The kind is unknown, or an announcement was given a threshold."""

    code = "market.bad_alert"
    status = 422
    sentence = "提醒条件无法识别,请填写大于 0 的价格或涨跌幅"


class BadAlertPrice(BadAlert):
    """No price that can be reached, or finer than this instrument is quoted."""

    code = "market.bad_alert_price"
    sentence = "请填写大于 0、不超过 1000 万的价格,股票最多 2 位小数,基金和债券最多 3 位"


class BadAlertChange(BadAlert):
    """No change of a day that can be reached, or finer than 0.01 %."""

    code = "market.bad_alert_change"
    sentence = "请填写大于 0 的涨跌幅,最多 2 位小数;涨幅不超过 300%,跌幅不超过 100%"


class AlertAlreadyMet(AppError):
    """What is to be waited for is so already."""

    code = "market.alert_already_met"
    status = 422
    sentence = "现在的行情已经达到这个条件,请换一个数值"


class NoSuchAlert(AppError):
    """The customer has no such alert."""

    code = "market.no_such_alert"
    status = 404
    sentence = "没有这条提醒,请刷新后重试"


class Alerting:
    """Keeps alerts and looks after them. An alert fires once; then it waits to be armed again."""

    def __init__(self, database: Database, outbox: Outbox, market: Market, wall: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._market = market
        self._wall = wall

    def alerts(self, customer_id: str) -> list[Alert]:
        """Return a customer's alerts, the latest armed first."""
        with self._database.read() as connection:
            return store.alerts_of(connection, customer_id)

    def add(
        self, customer_id: str, symbol: str, kind: AlertKind | str, threshold: int = 0
    ) -> Alert:
        """Wait for something; the same wish twice is one alert, armed again if it fired.

        Raises:
            NoSuchInstrument: Nothing of this symbol is listed.
            BadAlert: The kind is unknown.
            BadAlertPrice: The price cannot be reached or is too fine.
            BadAlertChange: The change cannot be reached.
            AlertAlreadyMet: It is so already.
            TooManyAlerts: There is no room.
        """
        instrument, kind = self._market.existing(symbol), kind_of(kind)
        symbol = instrument.symbol
        _refuse_unusable(instrument, kind, threshold)
        for alert in self.alerts(customer_id):
            if (alert.symbol, alert.kind, alert.threshold) == (symbol, kind, threshold):
                return alert if alert.is_armed else self.arm(customer_id, alert.alert_id)
        self._refuse_if_met(symbol, kind, threshold)
        alert = Alert(
            alert_id=secrets.token_hex(8),
            customer_id=customer_id,
            symbol=symbol,
            kind=kind,
            threshold=threshold,
            is_armed=True,
            armed_at=self._wall.now(),
            known=self._known(symbol, kind),
        )
        with self._database.write() as connection:
            if store.count(connection, customer_id) >= ALERTS_MAX:
                raise TooManyAlerts
            store.add(connection, alert)
        return alert

    def arm(self, customer_id: str, alert_id: str) -> Alert:
        """Let an alert wait again; one that waits already goes on.

        Raises:
            NoSuchAlert: The customer has no such alert.
            AlertAlreadyMet: What it waits for is so already.
        """
        alert = self._existing(customer_id, alert_id)
        if alert.is_armed:
            return alert
        self._refuse_if_met(alert.symbol, alert.kind, alert.threshold)
        with self._database.write() as connection:
            known = self._known(alert.symbol, alert.kind)
            store.arm(connection, alert_id, self._wall.now(), known)
        return self._existing(customer_id, alert_id)

    def condition(self, alert: Alert) -> str:
        """Return what an alert waits for in the words of the screen: an index counts in points."""
        instrument = self._market.instrument(alert.symbol)
        is_index = instrument is not None and instrument.is_index
        return condition_text(alert.kind, alert.threshold, "点" if is_index else "元")

    def remove(self, customer_id: str, alert_id: str) -> None:
        """Forget an alert; twice is once."""
        with self._database.write() as connection:
            store.remove(connection, customer_id, alert_id)

    def check(self) -> int:
        """Fire what is met; return how many did. Figures that are too old fire nothing."""
        with self._database.read() as connection:
            waiting = store.armed(connection)
        if not waiting:
            return 0
        symbols = sorted({alert.symbol for alert in waiting if alert.kind != "announcement"})
        quotes = dict(zip(symbols, self._current(symbols), strict=True))
        return sum(self._look_at(alert, quotes.get(alert.symbol)) for alert in waiting)

    def on_customers_merged(self, fact: CustomersMerged) -> None:
        """Give the remaining customer what the other one waited for; doing it twice is once."""
        with self._database.write() as connection:
            own = store.alerts_of(connection, fact.to_customer_id)
            wishes = {(one.symbol, one.kind, one.threshold) for one in own}
            room = ALERTS_MAX - len(own)
            for alert in store.alerts_of(connection, fact.from_customer_id):
                is_new = (alert.symbol, alert.kind, alert.threshold) not in wishes
                if is_new and room > 0:
                    store.give(connection, alert.alert_id, fact.to_customer_id)
                    room -= 1
                else:
                    store.remove(connection, fact.from_customer_id, alert.alert_id)

    # ------------------------------------------------------------

    def _existing(self, customer_id: str, alert_id: str) -> Alert:
        for alert in self.alerts(customer_id):
            if alert.alert_id == alert_id:
                return alert
        raise NoSuchAlert

    def _refuse_if_met(self, symbol: str, kind: AlertKind, threshold: int) -> None:
        if met_value(kind, threshold, self._current([symbol])[0]) is not None:
            raise AlertAlreadyMet

    def _current(self, symbols: list[str]) -> list[Quote | None]:
        """Return today's quotes; none of another day, and none while the board is stale."""
        if self._market.is_stale:
            return [None] * len(symbols)
        today = self._market.today()
        quotes = self._market.quotes(symbols)
        return [one if one is not None and one.at.date() == today else None for one in quotes]

    def _look_at(self, alert: Alert, quote: Quote | None) -> bool:
        if alert.kind is AlertKind.ANNOUNCEMENT:
            news = [one for one in self._events(alert.symbol) if _mark(one) not in alert.known]
            return bool(news) and self._fire(alert, None, news[0].title or news[0].kind.label)
        value = met_value(alert.kind, alert.threshold, quote)
        return value is not None and self._fire(alert, value, "")

    def _fire(self, alert: Alert, value: int | None, title: str) -> bool:
        fact = AlertFired(
            customer_id=alert.customer_id,
            alert_id=alert.alert_id,
            firing=alert.firings + 1,
            symbol=alert.symbol,
            condition=self.condition(alert),
            value_milli=value,
            title=title[:TITLE_LENGTH_MAX],
            at=self._market.clock.now(),
        )
        with self._database.write() as connection:
            fires = store.disarm(connection, alert, fact.at, value)
            if fires:
                self._outbox.publish(connection, fact)
        return fires

    def _known(self, symbol: str, kind: AlertKind) -> frozenset[str]:
        if kind is not AlertKind.ANNOUNCEMENT:
            return frozenset()
        return frozenset(map(_mark, self._events(symbol)))

    def _events(self, symbol: str) -> Iterable[MarketEvent]:
        return self._market.events([symbol], date.min, date.max)


def kind_of(kind: AlertKind | str) -> AlertKind:
    """Return the kind of a name.

    Raises:
        BadAlert: There is no such kind.
    """
    try:
        return AlertKind(kind)
    except ValueError:
        raise BadAlert from None


def _refuse_unusable(instrument: Instrument, kind: AlertKind, threshold: int) -> None:
    is_usual = is_usable(kind, threshold)
    if kind.is_price and not (is_usual and threshold % 10 ** (3 - instrument.price_decimals) == 0):
        raise BadAlertPrice
    if kind.is_ratio and not is_usual:
        raise BadAlertChange
    if not is_usual:
        raise BadAlert


def _mark(event: MarketEvent) -> str:
    """Return what tells an announcement from the ones before: also a change of state or day."""
    return f"{event.event_id}|{event.state.value}|{event.on.isoformat()}"
