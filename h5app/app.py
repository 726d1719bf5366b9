"""Composition root of the web: the house, its routes, and the one table of side effects."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from h5app import wiring
from h5app.counter import jobs as counter_jobs
from h5app.counter.model import BooksAlarm, CashMoved, OrderCancelled, OrderFilled, OrderRefused
from h5app.demo import views as demo_views
from h5app.demo.menu import DemoMenu
from h5app.house import House, build_house
from h5app.identity import data_classes
from h5app.identity import jobs as identity_jobs
from h5app.identity import views as identity_views
from h5app.identity.appearance import Appearance
from h5app.identity.gate import install, tier_of
from h5app.identity.model import (
    CustomerBound,
    CustomersMerged,
    CustomerUnbound,
    SignedInOnNewDevice,
    Tier,
)
from h5app.identity.refusal_pages import install_refusal_pages
from h5app.identity.sessions import Sessions
from h5app.kernel.error import AppError
from h5app.kernel.event import Event
from h5app.market import jobs as market_jobs
from h5app.market import views as market_views
from h5app.market import views_alerts
from h5app.market.model import AlertFired
from h5app.notify import jobs as notify_jobs
from h5app.notify import views as notify_views
from h5app.ops import views as ops_views
from h5app.plumbing import api_document, health
from h5app.plumbing.config import Config
from h5app.plumbing.jobs import Job
from h5app.plumbing.outbox import Handler
from h5app.plumbing.version import version
from h5app.plumbing.web import create_base
from h5app.readiness import checks, facts, figures
from h5app.trading import jobs as trading_jobs
from h5app.trading import views as trading_views
from h5app.wealth import jobs as wealth_jobs
from h5app.wealth import views as wealth_views
from h5app.wealth.model import ReminderDue, RemindersGathered
from h5app.wechat import jobs as wechat_jobs
from h5app.wechat import views as wechat_views
from h5app.wechat.model import Followed, TemplateJobFinished
from h5app.wechat.sign_in import WeChatSignIn

DEMO_MENU_SECONDS = 2.0
LIMIT_PAGES = "1200 per minute"
LIMIT_PASSWORDS = "60 per minute"
PASSWORD_ROUTES = ("identity.enter", "identity.open_up", "identity.bind", "ops.enter")
LIMIT_BY_ROUTE = {
    **dict.fromkeys(PASSWORD_ROUTES, LIMIT_PASSWORDS),
    "wealth.feed": "120 per minute",
    "wealth.upload_bill": "12 per minute",
}
UNLIMITED_ROUTES = ("wechat.receive", "market.stream", "static")


def create_app(config: Config) -> Flask:
    """Return the application of a configuration."""
    return app_of(build_house(config))


def app_of(house: House) -> Flask:
    """Return the application over a house."""
    config = house.ground.config
    app = create_base(config)
    metrics = health.Metrics(figures(house))
    metrics.watch(app)
    appearance = Appearance(config)
    appearance.install(app)
    sessions = Sessions(house.identity, appearance, config)
    install(app, sessions)
    _register_rooms(app, house, sessions, appearance)
    _limit(app, config)
    app.context_processor(lambda: _label_line(house))
    app.register_blueprint(
        health.blueprint(
            checks(house),
            metrics,
            version=version(),
            metrics_token=config.metrics_token,
            facts=facts(house),
        )
    )
    app.register_blueprint(
        api_document.blueprint(
            app,
            title=config.brand,
            version=version()["version"],
            tier_name=lambda view: (tier_of(view) or Tier.VISITOR).name,
        )
    )
    data_classes.install(app, house.data_classes, config.base_url)
    return app


def _register_rooms(app: Flask, house: House, sessions: Sessions, appearance: Appearance) -> None:
    ground, config, wechat = house.ground, house.ground.config, house.wechat
    sign_in = WeChatSignIn(
        config, wechat.authorization, wiring.SessionsByOpenid(house.identity, sessions)
    )
    install_refusal_pages(app, sign_in.ask_openid)
    stream = wiring.quote_stream(house.market, ground.reader, ground.wall)
    rooms = [
        market_views.blueprint(house.market, stream),
        views_alerts.blueprint(house.market, stream, house.alerting),
        trading_views.blueprint(house.trading, house.tickets, house.market, house.data_classes),
        wealth_views.blueprint(house.calendar),
        notify_views.blueprint(house.notifier),
        identity_views.blueprint(
            house.identity,
            sessions,
            appearance,
            config,
            house.notifier.inbox.unread,
            advisor_of=wechat.advisor_of,
        ),
        wechat_views.blueprint(wechat, sign_in),
        ops_views.blueprint(
            house.operators, config, ops_views.health_of(checks(house), figures(house))
        ),
    ]
    if ground.demo_clock is not None:
        rooms.append(demo_views.blueprint(ground.demo_clock, ground.market_clock))
    for room in rooms:
        app.register_blueprint(room)


def _limit(app: Flask, config: Config) -> None:
    """Limit requests by address; lockouts of passwords are identity's own rows.

    The platform's callbacks come from few addresses and prove themselves by their signature.
    """
    if config.rate_limits == "off":
        return  # A limiter that is off is kept by nobody, and its limits would break their views.
    limiter = Limiter(
        get_remote_address,
        app=app,
        default_limits=[LIMIT_PAGES],
        storage_uri=config.redis_url or "memory://",
        strategy="moving-window" if config.redis_url else "fixed-window",
        swallow_errors=True,
    )
    for endpoint, limit in LIMIT_BY_ROUTE.items():
        limited: Any = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited
    for endpoint in UNLIMITED_ROUTES:
        limiter.exempt(app.view_functions[endpoint])


def _label_line(house: House) -> dict[str, object]:
    """Return what stands above every page; an error page must stand without a database too."""
    ground = house.ground
    try:
        label = house.market.feed_label()
        anchor = ground.reader.anchor() if ground.config.is_demo else None
    except AppError:
        return {}
    return {
        "feed_label": label,
        "market_at": anchor.at(ground.wall.now()) if anchor else None,
    }


def side_effects(house: House) -> Mapping[type[Event], Sequence[Handler]]:
    """Return what follows from each fact; every handler may be called twice with the same one."""
    telling, wechat = house.telling, house.wechat
    table: dict[type[Event], list[Handler]] = {
        OrderFilled: [telling.on_order_filled],  # type: ignore[list-item]
        OrderRefused: [telling.on_order_refused],  # type: ignore[list-item]
        OrderCancelled: [telling.on_order_cancelled],  # type: ignore[list-item]
        BooksAlarm: [house.counter.alarms.on_books_alarm],  # type: ignore[list-item]
        CashMoved: [telling.on_cash_moved],  # type: ignore[list-item]
        ReminderDue: [telling.on_reminder_due],  # type: ignore[list-item]
        AlertFired: [telling.on_alert_fired],  # type: ignore[list-item]
        RemindersGathered: [telling.on_reminders_gathered],  # type: ignore[list-item]
        CustomerBound: [
            telling.on_customer_bound,  # type: ignore[list-item]
            wechat.bound_menu.on_customer_bound,  # type: ignore[list-item]
            house.calendar.on_customer_bound,  # type: ignore[list-item]
        ],
        CustomerUnbound: [
            telling.on_customer_unbound,  # type: ignore[list-item]
            wechat.bound_menu.on_customer_unbound,  # type: ignore[list-item]
            house.calendar.on_customer_unbound,  # type: ignore[list-item]
        ],
        SignedInOnNewDevice: [telling.on_new_device],  # type: ignore[list-item]
        CustomersMerged: [
            house.market.on_customers_merged,  # type: ignore[list-item]
            house.alerting.on_customers_merged,  # type: ignore[list-item]
            house.calendar.on_customers_merged,  # type: ignore[list-item]
            telling.on_customers_merged,  # type: ignore[list-item]
        ],
        Followed: [
            wiring.BoundFollowers(house.identity.directory, wechat.bound_menu).on_followed,  # type: ignore[list-item]
        ],
        TemplateJobFinished: [wechat.template_jobs.on_template_job_finished],  # type: ignore[list-item]
    }
    return table


def house_jobs(house: House) -> list[Job]:
    """Return everything the jobs process looks at."""
    outbox, effects = house.ground.outbox, side_effects(house)
    demo_menu = DemoMenu(house.wechat.menu, house.wechat.plan)
    demo = [Job("demo.menu", DEMO_MENU_SECONDS, demo_menu.publish)]
    return [
        *(demo if house.ground.config.is_demo else []),
        Job("outbox.deliver", 0.0, lambda: outbox.deliver_due(effects)),
        *notify_jobs.jobs(house.notifier),
        *market_jobs.jobs(house.alerting),
        *trading_jobs.jobs(house.trading, house.tickets),
        *counter_jobs.jobs(house.counter, house.ground.market_clock),
        *wealth_jobs.jobs(house.calendar),
        *wechat_jobs.jobs(house.wechat),
        *identity_jobs.jobs(house.identity),
    ]
