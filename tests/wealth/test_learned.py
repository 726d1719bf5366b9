"""Streams learned from the cash ledger, and the customer's word on them."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from h5app.identity.model import CustomerBound, CustomersMerged, CustomerUnbound
from h5app.wealth.jobs import jobs
from h5app.wealth.model import EntryClass, EntryDraft, OccurrenceState
from h5app.wealth.ports import CashFlow
from h5app.wealth.refusal import CashFlowsSilent, EntryNotFound
from h5app.wealth.stream_model import StreamStatus
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER
from tests.wealth.ledgers import demo_ledger, flow

TODAY = date(2026, 11, 24)


def with_ledger(room: Room, flows: list[CashFlow] | None = None) -> Room:
    """Bind the account and learn from its ledger."""
    ledger = demo_ledger(TODAY, room.calendar.trading_days) if flows is None else flows
    room.flows.by_account[ACCOUNT] = list(ledger)
    room.calendar.meet(CUSTOMER, ACCOUNT)
    return room


def shown(room: Room, days: int = 40) -> list[tuple[str, str]]:
    """Return what the calendar shows of learned streams: title and day."""
    today = room.calendar.today()
    found = room.calendar.occurrences(CUSTOMER, today, today + timedelta(days=days), ACCOUNT)
    return [(each.title, each.due_on.isoformat()) for each in found if each.is_learned]


def streams(room: Room) -> dict[str, int]:
    """Return the numbers of all kept streams by title."""
    views = room.calendar.streams.all(ACCOUNT)
    return {each.facts.title: each.stream_id for each in views}


def test_a_demo_ledger_gives_what_is_coming(room: Room) -> None:
    """Salary, rent, 定投, mortgage and premium on their days; noise and what stopped are not."""
    with_ledger(room)

    assert shown(room) == [
        ("青年公寓房租", "2026-11-30"),
        ("沪深300指数基金 定投", "2026-12-08"),
        ("住房贷款还款", "2026-12-10"),
        ("华东科技有限公司 工资", "2026-12-14"),
        ("平安人寿保险续期", "2026-12-20"),
        ("青年公寓房租", "2026-12-31"),
    ]
    assert room.calendar.streams.candidates(ACCOUNT) == []


def test_learning_again_changes_nothing(small_room: Room) -> None:
    """The same ledger on the same day, in any order: same streams, same numbers, same days."""
    with_ledger(small_room)
    before = (streams(small_room), shown(small_room))
    random.Random(7).shuffle(small_room.flows.by_account[ACCOUNT])

    again = small_room.calendar.streams.learn(ACCOUNT)

    assert again is False
    assert (streams(small_room), shown(small_room)) == before


def test_identities_stay_while_the_ledger_grows(small_room: Room) -> None:
    """Night after night over two months: every stream keeps its number, every day is one row."""
    days = small_room.calendar.trading_days
    with_ledger(small_room)
    before = streams(small_room)
    for night in range(1, 62):
        today = TODAY + timedelta(days=night)
        small_room.at(f"{today}T00:05:00")
        small_room.flows.by_account[ACCOUNT] = demo_ledger(today, days)
        small_room.calendar.learn_due()

    after = streams(small_room)
    found = small_room.calendar.occurrences(CUSTOMER, TODAY, date(2027, 1, 20), ACCOUNT)
    learned = [each for each in found if each.is_learned]
    assert before.items() <= after.items()
    assert len({(each.title, each.due_on) for each in learned}) == len(learned)
    assert {each.mark.state for each in learned if each.due_on < date(2027, 1, 10)} == {
        OccurrenceState.DONE
    }


def test_four_months_of_nights_tell_each_payment_once(small_room: Room) -> None:
    """Four months of nightly learning and reminders: one reminder per payment, five days ahead."""
    days = small_room.calendar.trading_days
    with_ledger(small_room)
    for night in range(121):
        today = TODAY + timedelta(days=night)
        small_room.flows.by_account[ACCOUNT] = demo_ledger(today, days)
        small_room.at(f"{today}T00:05:00")
        small_room.calendar.learn_due()
        small_room.calendar.run_due()
        small_room.at(f"{today}T09:00:00")
        small_room.calendar.run_due()
    told = small_room.told()

    rents = [each.due_on.isoformat() for each in told if each.title == "青年公寓房租"]
    assert rents == ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]
    assert len({each.reminder_key for each in told}) == len(told)
    assert {each.class_label for each in told} == {"缴费", "还款", "定投"}
    loans = [each.due_on.isoformat() for each in told if each.class_label == "还款"]
    assert loans == ["2026-12-10", "2027-01-11", "2027-02-15", "2027-03-10"]


def test_two_learners_at_once_keep_one_set(room: Room) -> None:
    """Four workers learn the same account at the same moment."""
    room.flows.by_account[ACCOUNT] = demo_ledger(TODAY, room.calendar.trading_days)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _each: room.calendar.streams.learn(ACCOUNT), range(4)))

    titles = [each.facts.title for each in room.calendar.streams.all(ACCOUNT)]
    assert len(titles) == len(set(titles))


def test_one_or_two_payments_are_asked_about_and_never_told(small_room: Room) -> None:
    """A premium seen once and a loan seen twice are candidates; confirming one makes it told."""
    ledger = [
        flow("a", date(2026, 9, 28), -880, "平安人寿保险续期"),
        flow("b", date(2026, 10, 10), -6240, "住房贷款还款"),
        flow("c", date(2026, 11, 10), -6240, "住房贷款还款"),
        flow("d", date(2026, 11, 3), -512, "个人转账 王*"),
    ]
    with_ledger(small_room, ledger)
    asked = {view.stream.facts.title for view in small_room.calendar.streams.candidates(ACCOUNT)}
    small_room.at("2026-12-05T09:00:00")
    before = small_room.calendar.run_due()

    small_room.at("2026-11-25T10:00:00")
    small_room.calendar.confirm_stream(CUSTOMER, ACCOUNT, streams(small_room)["住房贷款还款"])
    small_room.at("2026-12-05T09:00:00")
    after = small_room.calendar.run_due()

    assert asked == {"平安人寿保险续期", "住房贷款还款"}
    assert (before, after) == (0, 1)
    assert small_room.told()[0].due_on == date(2026, 12, 10)


def test_a_dismissed_stream_never_returns(room: Room) -> None:
    """However often it is learned and however much it grows, until the customer takes it back."""
    with_ledger(room)
    number = streams(room)["青年公寓房租"]
    room.calendar.dismiss_stream(CUSTOMER, ACCOUNT, number)
    days = room.calendar.trading_days
    for night in range(1, 40, 3):
        today = TODAY + timedelta(days=night)
        room.at(f"{today}T00:05:00")
        room.flows.by_account[ACCOUNT] = demo_ledger(today, days)
        room.calendar.learn_due()
    gone = [title for title, _day in shown(room)]
    dismissed = [each.facts.title for each in room.calendar.streams.dismissed(ACCOUNT)]

    room.calendar.unsay_stream(CUSTOMER, ACCOUNT, number)

    assert "青年公寓房租" not in gone
    assert dismissed == ["青年公寓房租"]
    assert "青年公寓房租" in [title for title, _day in shown(room)]


def test_a_payment_seen_early_closes_its_reminder(small_room: Room) -> None:
    """The mortgage is paid six days early; nothing is told of it, and it stands as done."""
    with_ledger(small_room)
    small_room.flows.by_account[ACCOUNT].append(
        flow("early", date(2026, 12, 4), -6240, "住房贷款还款")
    )
    small_room.at("2026-12-05T00:05:00")
    small_room.calendar.learn_due()
    small_room.at("2026-12-05T09:00:00")
    small_room.calendar.run_due()

    found = small_room.calendar.occurrences(
        CUSTOMER, date(2026, 12, 1), date(2026, 12, 20), ACCOUNT
    )
    loan = [each for each in found if each.title == "住房贷款还款"]
    assert [fact.title for fact in small_room.told() if fact.class_label == "还款"] == []
    assert [each.mark.state for each in loan] == [OccurrenceState.DONE]


def test_a_payment_that_does_not_come_is_missed_and_then_ends(small_room: Room) -> None:
    """Past its tolerance the day is 未见付款; after some more silence nothing is expected."""
    with_ledger(small_room)
    states = []
    for day in ("2026-12-11", "2026-12-25", "2027-02-20"):
        small_room.at(f"{day}T00:05:00")
        small_room.calendar.learn_due()
        found = small_room.calendar.occurrences(
            CUSTOMER, date(2026, 12, 1), date(2026, 12, 15), ACCOUNT
        )
        states += [each.mark.state for each in found if each.title == "住房贷款还款"]

    kept = {
        each.facts.title: each.facts.status for each in small_room.calendar.streams.all(ACCOUNT)
    }
    assert states[:2] == [OccurrenceState.OPEN, OccurrenceState.MISSED]
    assert kept["住房贷款还款"] is StreamStatus.ENDED


def test_a_silent_source_leaves_what_is_kept(small_room: Room) -> None:
    """No answer tonight: the calendar stands, and the account is asked again."""
    with_ledger(small_room)
    before = shown(small_room)

    class Silent:
        def flows(self, account_id: str, since: date) -> list[CashFlow]:
            raise CashFlowsSilent

    small_room.calendar.streams._source = Silent()
    small_room.at("2026-11-25T00:05:00")
    learned = small_room.calendar.learn_due()

    assert learned == 0
    assert shown(small_room) == before


def test_an_unbound_account_is_shown_and_told_to_nobody(small_room: Room) -> None:
    """Unbinding hides what was learned; binding again brings it back under the same numbers."""
    with_ledger(small_room)
    numbers, at = streams(small_room), small_room.clock.now()
    gone = CustomerUnbound(customer_id=CUSTOMER, account_id=ACCOUNT, openid="o", at=at)
    small_room.calendar.on_customer_unbound(gone)
    small_room.at("2026-12-05T09:00:00")
    told = small_room.calendar.run_due()

    small_room.at("2026-11-24T10:00:00")
    back = CustomerBound(customer_id=CUSTOMER, account_id=ACCOUNT, openid="o", at=at)
    small_room.calendar.on_customer_bound(back)

    assert told == 0
    assert streams(small_room) == numbers


def test_a_late_unbinding_leaves_the_account_that_was_bound_since(small_room: Room) -> None:
    """Facts may come twice and late: the account of today stays."""
    with_ledger(small_room)
    at = small_room.clock.now()
    late = CustomerUnbound(customer_id=CUSTOMER, account_id="80000009", openid="o", at=at)
    small_room.calendar.on_customer_unbound(late)
    small_room.at("2026-12-05T09:00:00")

    assert small_room.calendar.run_due() > 0


def test_the_jobs_learn_and_remind(small_room: Room) -> None:
    """What the jobs process runs every second does the night's work and the morning's."""
    with_ledger(small_room)
    small_room.at("2026-12-05T09:00:00")
    for job in jobs(small_room.calendar):
        job.run()

    assert "还款" in {fact.class_label for fact in small_room.told()}


def test_another_account_s_stream_is_not_found(small_room: Room) -> None:
    """Numbers of others give nothing away."""
    with_ledger(small_room)

    with pytest.raises(EntryNotFound):
        small_room.calendar.dismiss_stream("c-9", "80000009", 1)


def test_what_a_customer_keeps_moves_when_two_become_one(room: Room) -> None:
    """Entries, marks, preferences and what was told go along; nothing is told twice."""
    draft = EntryDraft(title="房贷", kind=EntryClass.REPAYMENT, first_on=date(2026, 12, 3))
    room.calendar.add_entry("c-old", draft)
    room.at("2026-11-28T09:00:00")
    room.calendar.run_due()

    for _twice in range(2):
        event = CustomersMerged(from_customer_id="c-old", to_customer_id=CUSTOMER)
        room.calendar.on_customers_merged(event)
    again = room.calendar.run_due()

    found = room.calendar.occurrences(CUSTOMER, date(2026, 12, 1), date(2026, 12, 5))
    assert [each.title for each in found] == ["房贷"]
    assert again == 0
    assert room.calendar.occurrences("c-old", date(2026, 12, 1), date(2026, 12, 5)) == []


def test_a_single_transfer_of_one_s_own_is_not_asked_about(small_room: Room) -> None:
    """银证转账 once says nothing; a pension or a bill once is worth the question."""
    ledger = [
        flow("own", date(2026, 10, 26), 3_600, "银证转账"),
        flow("pension", date(2026, 10, 27), 4_200, "养老金代发"),
        flow("power", date(2026, 11, 11), -123, "国网电力"),
    ]
    with_ledger(small_room, ledger)

    asked = {view.stream.facts.title for view in small_room.calendar.streams.candidates(ACCOUNT)}
    assert asked == {"养老金代发", "国网电力"}
