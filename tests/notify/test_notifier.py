"""Telling once, at a decent hour, by the first way that carries it."""

import threading
from datetime import datetime, timedelta

import pytest

from h5app.kernel.clock import SHANGHAI, FrozenClock
from h5app.notify.channels.inbox import InboxChannel
from h5app.notify.model import NoticeKind, Preferences, masked_name, may_be_sent_at, opaque_key
from h5app.notify.ports import Delivery, Outcome, Recipient
from h5app.notify.service import Notifier, ResultTooEarly
from h5app.plumbing.db import Database
from tests.notify.conftest import FakeChannel, People, notice, notifier_over

LATER = Delivery(outcome=Outcome.LATER, code="45011", retry_after=timedelta(seconds=61))
UNKNOWN = Delivery(outcome=Outcome.UNKNOWN, code="silent")
REFUSED = Delivery(outcome=Outcome.REFUSED, code="43004")


def ways(notifier: Notifier) -> list[tuple[str, str, str]]:
    """Return what became of the customer's newest notice."""
    return notifier.deliveries(notifier.inbox.entries("c1")[0].notice_id)


def test_a_notice_is_in_the_inbox_and_sent_once(
    any_notifier: Notifier, channel: FakeChannel
) -> None:
    """The same notice told twice is one entry and one message."""
    assert any_notifier.tell(notice())
    assert not any_notifier.tell(notice())

    assert any_notifier.deliver_due() == 1
    assert any_notifier.deliver_due() == 0

    assert [one.title for one in any_notifier.inbox.entries("c1")] == ["成交通知"]
    assert len(channel.sent) == 1
    assert channel.sent[0][1] == Recipient(address="wechat:c1")
    assert ways(any_notifier) == [("wechat", "sent", "")]


def test_the_same_key_of_two_customers_is_two(notifier: Notifier, channel: FakeChannel) -> None:
    """A key names a fact within one customer."""
    notifier.tell(notice())
    notifier.tell(notice(customer_id="c2"))
    notifier.deliver_due()

    assert {one.customer_id for one, _recipient in channel.sent} == {"c1", "c2"}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T21:59:59", "2026-11-24T21:59:59"),
        ("2026-11-24T22:00:00", "2026-11-25T07:30:00"),
        ("2026-11-24T23:59:59", "2026-11-25T07:30:00"),
        ("2026-11-25T00:00:00", "2026-11-25T07:30:00"),
        ("2026-11-25T07:29:59", "2026-11-25T07:30:00"),
        ("2026-11-25T07:30:00", "2026-11-25T07:30:00"),
    ],
)
def test_quiet_hours(moment: str, expected: str) -> None:
    """From 22:00 to 07:30 nothing is sent but what is about the account's safety."""
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    until = datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)

    assert may_be_sent_at(NoticeKind.REMINDER, at) == until
    assert may_be_sent_at(NoticeKind.SECURITY, at) == at


def test_at_night_it_waits_for_the_morning(
    notifier: Notifier, channel: FakeChannel, market: FrozenClock
) -> None:
    """The inbox holds it at once, the message goes at 07:30 of the market's clock."""
    market.set(datetime(2026, 11, 24, 23, 0, tzinfo=SHANGHAI))
    notifier.tell(notice(1))
    notifier.tell(notice(2, NoticeKind.SECURITY))
    notifier.deliver_due()

    assert [one.kind for one, _recipient in channel.sent] == [NoticeKind.SECURITY]
    assert len(notifier.inbox.entries("c1")) == 2
    market.set(datetime(2026, 11, 25, 7, 30, tzinfo=SHANGHAI))
    notifier.deliver_due()
    assert len(channel.sent) == 2


def test_a_kind_that_is_off_stays_in_the_inbox(
    any_notifier: Notifier, channel: FakeChannel
) -> None:
    """Switched off means not pushed; what is about safety cannot be switched off."""
    every = frozenset(NoticeKind)
    any_notifier.wishes.keep("c1", Preferences(kinds_off=every))
    any_notifier.tell(notice(1))
    any_notifier.tell(notice(2, NoticeKind.SECURITY))
    any_notifier.deliver_due()

    assert [one.kind for one, _recipient in channel.sent] == [NoticeKind.SECURITY]
    assert len(any_notifier.inbox.entries("c1")) == 2
    assert NoticeKind.SECURITY not in any_notifier.wishes.of("c1").kinds_off


def test_figures_are_for_who_asked(notifier: Notifier, channel: FakeChannel) -> None:
    """The channel learns whether this customer wants to see figures."""
    notifier.wishes.keep("c1", Preferences(shows_private=True))
    notifier.tell(notice())
    notifier.deliver_due()

    assert channel.sent[0][1].shows_private


def test_without_an_address_it_is_recorded(
    notifier: Notifier, channel: FakeChannel, people: People
) -> None:
    """Who is not reached there still finds it in the inbox."""
    people.without.add("c1")
    notifier.tell(notice())
    notifier.deliver_due()

    assert channel.sent == []
    assert ways(notifier) == [("wechat", "refused", "no_address")]


def test_later_is_tried_again_when_it_was_said(
    notifier: Notifier, channel: FakeChannel, wall: FrozenClock
) -> None:
    """A pause that the channel names is kept, by the wall clock."""
    channel.answers = [LATER]
    notifier.tell(notice())
    notifier.deliver_due()
    wall.advance(timedelta(seconds=60))
    assert notifier.deliver_due() == 0
    wall.advance(timedelta(seconds=2))

    assert notifier.deliver_due() == 1
    assert ways(notifier) == [("wechat", "sent", "")]


def test_silence_is_tried_three_times(
    notifier: Notifier, channel: FakeChannel, wall: FrozenClock
) -> None:
    """After three attempts without an answer nobody knows, and it says so."""
    channel.answers = [UNKNOWN] * 5
    notifier.tell(notice())
    for _ in range(6):
        notifier.deliver_due()
        wall.advance(timedelta(minutes=3))

    assert len(channel.sent) == 3
    assert ways(notifier) == [("wechat", "unknown", "silent")]


def test_the_next_way_carries_what_the_first_refused(
    sqlite_database: Database, market: FrozenClock, wall: FrozenClock, people: People
) -> None:
    """A refusal wakes the next way; a way that is not needed is spared."""
    first, second = FakeChannel(answers=[REFUSED]), FakeChannel(name="text")
    notifier = notifier_over(sqlite_database, (market, wall), people, first, second)
    for number in (1, 2):
        notifier.tell(notice(number))
        while notifier.deliver_due():
            pass

    assert [len(first.sent), len(second.sent)] == [2, 1]
    assert ways(notifier) == [("wechat", "sent", ""), ("text", "spared", "")]


def test_a_result_that_comes_later_is_recorded(any_notifier: Notifier) -> None:
    """What the platform says afterwards replaces what was believed; too early is told again."""
    failed = Delivery(outcome=Outcome.REFUSED, code="user_block")
    with pytest.raises(ResultTooEarly):
        any_notifier.record_result("wechat", "r1", failed)
    any_notifier.tell(notice())
    any_notifier.deliver_due()

    any_notifier.record_result("wechat", "r1", failed)

    assert ways(any_notifier) == [("wechat", "refused", "user_block")]


def test_a_batch_whose_process_died_is_sent_later(
    notifier: Notifier, channel: FakeChannel, wall: FrozenClock
) -> None:
    """A claim ends by itself; the notice is not lost."""

    class Died(Exception):
        """The process ended in the middle."""

    def die(*_given: object) -> Delivery:
        raise Died

    send, channel.send = channel.send, die  # type: ignore[method-assign, assignment]
    notifier.tell(notice())
    with pytest.raises(Died):
        notifier.deliver_due()
    channel.send = send  # type: ignore[method-assign]
    assert notifier.deliver_due() == 0
    wall.advance(timedelta(seconds=61))

    assert notifier.deliver_due() == 1
    assert ways(notifier) == [("wechat", "sent", "")]


def test_two_processes_send_each_notice_once(any_notifier: Notifier, channel: FakeChannel) -> None:
    """What one has claimed the other leaves alone."""
    for number in range(30):
        any_notifier.tell(notice(number))
    workers = [threading.Thread(target=any_notifier.deliver_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    keys = [one.dedupe_key for one, _recipient in channel.sent]
    assert sorted(keys) == sorted({f"key|{number}" for number in range(30)})


def test_the_inbox_is_read_in_pages(notifier: Notifier) -> None:
    """Newest first, twenty a page, nothing twice."""
    for number in range(45):
        notifier.tell(notice(number))

    first = notifier.inbox.entries("c1")
    second = notifier.inbox.entries("c1", first[-1].notice_id)
    third = notifier.inbox.entries("c1", second[-1].notice_id)

    ids = [one.notice_id for one in (*first, *second, *third)]
    assert [len(first), len(second), len(third)] == [20, 20, 5]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 45


def test_reading_is_counted(any_notifier: Notifier) -> None:
    """What was opened is read; the rest can be marked at once."""
    for number in range(3):
        any_notifier.tell(notice(number))
    newest = any_notifier.inbox.entries("c1")[0].notice_id

    any_notifier.inbox.entry("c1", newest)
    assert any_notifier.inbox.unread("c1") == 2
    assert any_notifier.inbox.read_all("c1") == 2
    assert any_notifier.inbox.unread("c1") == 0


def test_merged_customers_keep_what_they_were_told(
    any_notifier: Notifier, channel: FakeChannel
) -> None:
    """Notices move, doubles are one, and a message on its way leads to the same notice."""
    any_notifier.tell(notice(1, customer_id="old"))
    any_notifier.tell(notice(2, customer_id="old"))
    any_notifier.tell(notice(2, customer_id="c1"))
    sent_key = notice(1, customer_id="old").key

    any_notifier.inbox.move("old", "c1")
    any_notifier.deliver_due()

    assert len(any_notifier.inbox.entries("c1")) == 2
    assert any_notifier.inbox.entries("old") == []
    assert sent_key in {one.key for one, _recipient in channel.sent}
    assert any_notifier.inbox.entry_by_key("c1", sent_key).is_read in {True, False}


def test_a_key_says_nothing() -> None:
    """Letters only, the same every time, different for each customer."""
    key = opaque_key("c1", "filled|10000001|700001")

    assert key == opaque_key("c1", "filled|10000001|700001")
    assert len(key) == 24
    assert key.isalpha()
    assert key != opaque_key("c2", "filled|10000001|700001")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("贵州茅台", "贵*茅台"), ("万科A", "万*A"), ("长虹", "长*"), ("A", "*"), ("", "*")],
)
def test_names_are_masked(name: str, expected: str) -> None:
    """The inside of a name is hidden from strangers."""
    assert masked_name(name) == expected


def test_the_inbox_is_a_channel_too(notifier: Notifier) -> None:
    """Sending twice by it shows one entry, and it is for the recipient only."""
    inbox = InboxChannel(notifier)

    assert inbox.send(notice(), Recipient(address="c1")).outcome is Outcome.SENT
    assert inbox.send(notice(), Recipient(address="c1")).outcome is Outcome.SENT
    assert inbox.send(notice(), Recipient(address="c2")).outcome is Outcome.REFUSED
    assert len(notifier.inbox.entries("c1")) == 1
