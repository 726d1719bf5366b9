"""wealth: predictions a second, a night of accounts from the database to reminders, the month."""

import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import flask
import msgspec
from flask import Flask
from flask.testing import EnvironBuilder
from jinja2 import Template

from bench.figure import Figure, Round
from bench.stage import Stage, Stages
from h5app.identity import gate
from h5app.identity.model import Tier, Visitor
from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.plumbing.day_tables import load_trading_days
from h5app.plumbing.db import Database, metadata
from h5app.plumbing.outbox import Outbox
from h5app.plumbing.web import create_base
from h5app.wealth import store_bills, store_streams
from h5app.wealth.kept_months import KeptMonths
from h5app.wealth.own_ledger import own_ledger
from h5app.wealth.ports import NoCashFlows, NoMarketEvents, NothingFollowed
from h5app.wealth.predict import AccountLine, Predictor, predictions
from h5app.wealth.service import WealthCalendar
from h5app.wealth.store_reminders import customer_table
from h5app.wealth.views import blueprint

TODAY = date(2026, 11, 24)
MONTHS = 24
SHOPS, SHOPS_FEW = 40, 4
SHORT_MONTHS = 6
"""About fifty movements with eight payees, as the accounts of the evaluation have them."""
BATCH = 500
HUNDRED_THOUSAND, THREE_MILLION = 100_000, 3_000_000
_PAYEES = (
    ("住房贷款还款", 10, -624_000),
    ("青年公寓房租", 28, -320_000),
    ("平安人寿保险续期", 20, -95_600),
    ("国网电力", 15, -18_000),
    ("某公司 工资", 12, 1_850_000),
)
"""Payee, day of the month and amount in fen; one comes quarterly, one varies."""


def movements(number: int, months: int = MONTHS) -> Iterator[tuple[date, int, str]]:
    """Yield so many months of one account: five streams and a purchase a week."""
    chance, shops = random.Random(number), SHOPS if months == MONTHS else SHOPS_FEW
    first = TODAY.year * 12 + TODAY.month - 1 - months
    for month in range(first, first + months + 1):
        for at, (payee, day, fen) in enumerate(_PAYEES):
            on = date(month // 12, month % 12 + 1, day)
            is_due = at != 2 or month % 3 == 0
            if is_due and on < TODAY:
                yield on, fen - (chance.randrange(9000) if at == 3 else 0), payee
    for week in range(months * 52 // 12):
        on = TODAY - timedelta(days=7 * week + 1 + chance.randrange(7))
        yield on, -chance.randrange(500, 60_000), f"商户 {chance.randrange(shops)}"


def wealth_predict(stages: Stages) -> Iterator[Figure]:
    """Account runs of the program that predicts; the goal is of a thousand."""
    count = stages.size.of(1000, 1000, 10)
    lines = [_line(number) for number in range(count)]
    predictor = Predictor(load_trading_days())
    rounds = []
    for _ in range(stages.size.of(5, 3, 1)):
        value = _seconds(lambda: list(predictions(lines, predictor)))
        ceiling = _seconds(lambda: [_decoded_and_back(line) for line in lines])
        rounds.append(Round(value=value, ceiling=ceiling))
    yield Figure(
        name="wealth_predict",
        about=f"{count} 个账户各约 50 笔流水的预测,一个核的处理器时间;对照只读写同样的 JSON",
        unit="秒",
        rounds=rounds,
        is_less_better=True,
        value_max=5,
    )


def _line(number: int) -> bytes:
    rows = [
        {
            "date": on.isoformat(),
            "amount": fen / 100,
            "counterparty": payee,
            "channel": "transfer_out",
        }
        for on, fen, payee in movements(number, SHORT_MONTHS)
    ]
    account = {"account_id": str(number), "cutoff": "2026-11-23", "transactions": rows}
    return msgspec.json.encode(account)


def _decoded_and_back(line: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(line, type=AccountLine))


def wealth_night(stages: Stages) -> Iterator[Figure]:
    """Learn from every account's two years in the database, then tell what is due that morning."""
    count = stages.size.of(HUNDRED_THOUSAND, 2000, 20)
    calendar, clock, database = _calendar(stages.sqlite, "night.db")
    with database.write() as connection:
        for first in range(0, count, BATCH):
            _seed(connection, range(first, min(count, first + BATCH)))
    clock.set(_moment("2026-11-24T00:30:00"))
    learning = _seconds(calendar.learn_due)
    clock.set(_moment("2026-11-24T09:00:00"))
    told: list[int] = []
    telling = _seconds(lambda: told.append(calendar.remind_due()))
    per_account = (learning + telling) / count
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    hours = per_account * THREE_MILLION / 3600
    yield Figure(
        name="wealth_night",
        about=f"{count} 个账户从库里的两年流水学到提醒 ({told[0]} 条),一个核;学 {learning:.1f} 秒,"
        f"提醒 {telling:.1f} 秒,内存峰值 {memory} MB;按比例 10 万户 "
        f"{per_account * HUNDRED_THOUSAND / 60:.0f} 分,300 万户 {hours:.1f} 核时;对照只读出流水",
        unit="毫秒/户",
        rounds=[
            Round(value=per_account * 1000, ceiling=_reading_only(database, count) / count * 1000)
        ],
        is_less_better=True,
    )


def _reading_only(database: Database, count: int) -> float:
    since = datetime(2024, 1, 1, tzinfo=SHANGHAI)

    def read() -> None:
        for number in range(count):
            with database.read() as connection:
                store_bills.rows_of_account(connection, own_ledger(f"c-{number}"), since)

    return _seconds(read)


def _seed(connection: Any, numbers: Iterable[int]) -> None:  # noqa: ANN401 - SQLAlchemy's
    at = _moment("2026-11-24T00:00:00")
    names = {number: f"c-{number}" for number in numbers}
    connection.execute(
        customer_table.insert(),
        [
            {"customer_id": name, "account_id": own_ledger(name), "look_at": at}
            for name in names.values()
        ],
    )
    connection.execute(
        store_streams.account_table.insert(),
        [{"account_id": own_ledger(name), "is_bound": True} for name in names.values()],
    )
    connection.execute(
        store_bills.import_table.insert(), [_import(name, at) for name in names.values()]
    )
    connection.execute(
        store_bills.row_table.insert(),
        [row for number, name in names.items() for row in _rows(number, name)],
    )


def _import(name: str, at: datetime) -> dict[str, object]:
    days = {"first_on": TODAY, "last_on": TODAY, "known_until": TODAY - timedelta(days=1)}
    counts = {"count_new": 1, "count_updated": 0}
    return {"customer_id": name, "origin": "wechat", "imported_at": at, **days, **counts}


def _rows(number: int, name: str) -> Iterator[dict[str, object]]:
    for at, (on, fen, payee) in enumerate(movements(number)):
        yield {
            "customer_id": name,
            "row_key": f"{number:08d}{at:08d}",
            "import_id": 1,
            "origin": "wechat",
            "at": datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI),
            "amount_fen": abs(fen),
            "effect": "in" if fen > 0 else "out",
            "counterparty": payee,
            **dict.fromkeys(("item", "method", "status"), ""),
            "order_id": str(at),
            "refunded_fen": 0,
        }


def wealth_month(stages: Stages) -> Iterator[Figure]:
    """The month's page of a learned account, against a bare view and against its bare template."""
    calendar, clock, database = _calendar(stages.sqlite, "month.db")
    with database.write() as connection:
        _seed(connection, range(1))
    clock.set(_moment("2026-11-24T00:30:00"))
    calendar.learn_due()
    app = _app(stages.sqlite, calendar)
    body, drawn_parts = _page(app)
    ask = _asking(app, "/wealth/")
    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: body)
    ask_bare = _asking(bare, "/")
    seconds, rounds, drawn, first = stages.size.of(4, 1, 1), [], [], []
    for _ in range(stages.size.of(5, 5, 1)):
        value = _rate(ask, seconds)
        rounds.append(Round(value=value, ceiling=_rate(ask_bare, seconds)))
        with app.test_request_context("/wealth/"):
            ceiling = _rate(drawn_parts, seconds)
        drawn.append(Round(value=value, ceiling=ceiling))
        first.append(Round(value=_rate(lambda: _ask_anew(calendar, ask), seconds), ceiling=ceiling))
    yield Figure(
        name="wealth_month",
        about="理财日历的一个月,没有变化时再看 (进程内 WSGI),对照返回相同字节的 Flask 视图",
        unit="次/秒",
        rounds=rounds,
        ratio_min=0.1,
    )
    yield Figure(
        name="wealth_month_jinja",
        about="同一页,对照只把同样的数据填进模板",
        unit="次/秒",
        rounds=drawn,
        ratio_min=0.6,
    )
    yield Figure(
        name="wealth_month_first",
        about="同一页第一次看,或变化之后 (重新画),对照同上",
        unit="次/秒",
        rounds=first,
    )


def _ask_anew(calendar: WealthCalendar, ask: Callable[[], object]) -> object:
    calendar.months.kept = KeptMonths()
    return ask()


class _Bound:
    """Everybody is the first customer, with his password given."""

    def visitor_of_request(self) -> Visitor:
        """Return him."""
        return Visitor(tier=Tier.FOLLOWER, customer_id="c-0", openid="o-0")


def _app(stage: Stage, calendar: WealthCalendar) -> Flask:
    app = create_base(stage.house.ground.config)
    gate.install(app, _Bound())
    app.register_blueprint(blueprint(calendar))
    return app


def _page(app: Flask) -> tuple[bytes, Callable[[], object]]:
    """Return the page, and what draws all its templates again from what they were given."""
    seen: list[tuple[Template, dict[str, Any]]] = []

    def note(_sender: Flask, template: Template, context: dict[str, Any], **_more: object) -> None:
        seen.append((template, context))

    with flask.template_rendered.connected_to(note, app):
        body = app.test_client().get("/wealth/").data
    return body, lambda: [template.render(context) for template, context in seen]


def _asking(app: Flask, path: str) -> Callable[[], object]:
    def ask() -> bytes:
        environ = EnvironBuilder(app, path).get_environ()
        return b"".join(app.wsgi_app(environ, lambda *_said: lambda _data: None))

    assert len(ask()) > 0, path
    return ask


def _calendar(stage: Stage, name: str) -> tuple[WealthCalendar, FrozenClock, Database]:
    clock = FrozenClock(_moment("2026-11-24T00:00:00"))
    database = Database(f"sqlite:///{stage.folder / name}")
    metadata.create_all(database.engine)
    calendar = WealthCalendar(
        database,
        Outbox(database, clock),
        market=clock,
        trading_days=stage.house.ground.trading_days,
        cash_flows=NoCashFlows(),
        market_events=NoMarketEvents(),
        followed=NothingFollowed(),
    )
    return calendar, clock, database


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def _seconds(act: Callable[[], object]) -> float:
    """Return seconds of one processor, whatever else the machine does."""
    began = time.process_time()
    act()
    return time.process_time() - began


def _rate(act: Callable[[], object], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        act()
        count += 1
    return count / (time.perf_counter() - began)
