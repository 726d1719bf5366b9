"""Alarms of the books reach operators: kept once, said once, counted."""

from h5app.counter.model import BooksAlarm
from tests.counter.world import ACCOUNT, World


def test_an_alarm_is_kept_once_however_often_it_arrives(both: World) -> None:
    """The outbox may deliver twice; two problems of one order are two alarms."""
    at = both.stage.clock.now()
    alarm = BooksAlarm(account_id=ACCOUNT, order_id=7, problem="成交超过委托", at=at)
    other = BooksAlarm(account_id=ACCOUNT, order_id=7, problem="垫付", at=at)
    alarms = both.counter.alarms
    assert alarms.count() == 0

    for fact in (alarm, alarm, other):
        alarms.on_books_alarm(fact)

    assert alarms.count() == 2


def test_a_published_alarm_is_delivered_to_its_keeper(both: World) -> None:
    """From the transaction of the books to the count of /metrics."""
    at = both.stage.clock.now()
    alarm = BooksAlarm(account_id="", order_id=9, problem="交易所回报的委托不在账上", at=at)
    with both.database.write() as connection:
        both.outbox.publish(connection, alarm)

    both.outbox.deliver_due({BooksAlarm: [both.counter.alarms.on_books_alarm]})  # type: ignore[list-item]

    assert both.counter.alarms.count() == 1
