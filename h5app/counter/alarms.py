"""Alarms of the books: kept for operators, said once in the log, counted in /metrics."""

from h5app.counter.instants import us_of
from h5app.counter.model import BooksAlarm
from h5app.counter.store_alarms import PROBLEM_CHARACTERS_MAX
from h5app.plumbing.db import Database, Sql
from h5app.plumbing.log import get_logger

_KEEP = Sql(
    "INSERT INTO counter_alarms (order_id, at_us, problem, account_id)"
    " VALUES (:order_id, :at_us, :problem, :account_id) ON CONFLICT DO NOTHING"
)
_COUNT = Sql("SELECT COUNT(*) FROM counter_alarms")

log = get_logger(__name__)


class Alarms:
    """What a human must look at: the books held, and something about them was not expected."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_books_alarm(self, fact: BooksAlarm) -> None:
        """Keep an alarm and say it; the same fact again is the same alarm."""
        with self._database.write() as connection:
            is_new = _KEEP.run(
                connection,
                order_id=fact.order_id,
                at_us=us_of(fact.at),
                problem=fact.problem[:PROBLEM_CHARACTERS_MAX],
                account_id=fact.account_id,
            ).rowcount
        if is_new:
            log.error("operator_needed", order_id=fact.order_id, problem=fact.problem)

    def count(self) -> int:
        """Return how many there were; the table is never emptied by the product."""
        with self._database.read() as connection:
            return int(_COUNT.run(connection).scalar_one())
