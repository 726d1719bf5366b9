"""What must hold before requests are sent here, and the figures an operator watches."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from h5app.demo.clock import refuse_demo_data
from h5app.house import House
from h5app.market.feed_report import FILE_NAME, FeedReport, SourceState
from h5app.market.feeds.make_live import live_names
from h5app.plumbing import migrate
from h5app.plumbing.health import Check, Figure

BEAT_AGE_MAX = timedelta(seconds=20)
FEED_BEAT_AGE_MAX = timedelta(seconds=20)


def checks(house: House) -> list[Check]:
    """Return the checks of /readyz: database, schema, feed, jobs, venue."""
    return [
        Check("database", lambda: _database_problem(house)),
        Check("migrations", lambda: _schema_problem(house)),
        Check("data", lambda: _data_problem(house)),
        Check("feed", lambda: _feed_problem(house)),
        Check("jobs", lambda: _beat_problem(house, "jobs")),
        Check("venue", lambda: _beat_problem(house, "venue")),
    ]


def figures(house: House) -> list[Figure]:
    """Return the gauges of /metrics."""
    ground = house.ground
    return [
        Figure("h5app_outbox_waiting", "Facts not delivered yet", ground.outbox.waiting),
        Figure("h5app_outbox_put_aside", "Facts given up on", ground.outbox.put_aside),
        Figure("h5app_books_alarms", "Alarms of the books so far", house.counter.alarms.count),
        Figure("h5app_notices_waiting", "Notices on their way", house.notifier.waiting),
        Figure(
            "h5app_feed_age_seconds",
            "Market seconds since the newest quote",
            lambda: _or_nan(house.market.feed_age_seconds()),
        ),
        Figure("h5app_board_dropped", "Bad ticks dropped at the door", lambda: _dropped(house)),
        Figure(
            "h5app_board_limit_differences",
            "Instruments whose limits the feed gave unlike our rules, each once a day",
            lambda: float(_report(house).read().limit_differences),
        ),
        Figure(
            "h5app_feed_gaps",
            "Times the feed fell silent for longer than 15 seconds",
            lambda: float(house.market.freshness().gaps),
        ),
        *_source_figures(house),
    ]


def facts(house: House) -> dict[str, Callable[[], object]]:
    """Return what /readyz tells beside its checks: the feed's age and gaps, and its sources."""
    return {"feed": lambda: _feed_facts(house)}


def _feed_facts(house: House) -> dict[str, object]:
    fresh, now = house.market.freshness(), house.market.clock.now()
    news = _report(house).read()
    return {
        "name": fresh.feed,
        "label": fresh.label,
        "age_seconds": fresh.age_seconds,
        "is_stale": fresh.is_stale,
        "gaps": fresh.gaps,
        "failures": fresh.failures,
        "dropped": fresh.dropped,
        "limit_differences": news.limit_differences,
        "sources": [
            {
                "name": source.name,
                "is_active": source.is_active,
                "age_seconds": source.age_seconds(now),
                "gaps": source.gaps,
                "failures": source.failures,
                "dropped": source.dropped,
            }
            for source in news.sources
        ],
    }


def _source_figures(house: House) -> list[Figure]:
    """Return age, gaps and failures of each source that the setting names."""
    kinds: dict[str, tuple[str, Callable[[SourceState], float | None]]] = {
        "age_seconds": (
            "Market seconds since a source's newest stamp",
            lambda source: source.age_seconds(house.market.clock.now()),
        ),
        "gaps": ("Silences of a source", lambda source: source.gaps),
        "failures": ("Failures of a source in a row", lambda source: source.failures),
        "active": ("Whether a source fills the board", lambda source: source.is_active),
    }
    return [
        Figure(
            f"h5app_feed_source_{kind}",
            about,
            partial(_source_value, house, name, read),
            {"source": name},
        )
        for kind, (about, read) in kinds.items()
        for name in live_names(house.ground.config.market)
    ]


def _source_value(house: House, name: str, read: Callable[[SourceState], float | None]) -> float:
    found = (source for source in _report(house).read().sources if source.name == name)
    return _or_nan(next(map(read, found), None))


def _report(house: House) -> FeedReport:
    return FeedReport(house.ground.config.home / FILE_NAME, house.ground.wall)


def _database_problem(house: House) -> str | None:
    with house.ground.database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    return None


def _schema_problem(house: House) -> str | None:
    current, head = migrate.current(house.ground.database), migrate.head()
    return None if current == head else f"at {current}, should be at {head}"


def _data_problem(house: House) -> None:
    if not house.ground.config.is_demo:
        refuse_demo_data(house.ground.database)


def _feed_problem(house: House) -> str | None:
    state = house.ground.reader.state()
    if state is None or state.heartbeat_at is None:
        return "no board yet"
    age = house.ground.wall.now() - state.heartbeat_at
    return None if age <= FEED_BEAT_AGE_MAX else f"silent for {age.total_seconds():.0f} s"


def _beat_problem(house: House, process: str) -> str | None:
    age = house.ground.heartbeats.age(process)
    if age is None:
        return "never seen"
    return None if age <= BEAT_AGE_MAX else f"silent for {age.total_seconds():.0f} s"


def _dropped(house: House) -> float:
    state = house.ground.reader.state()
    return float(state.dropped) if state else 0.0


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
