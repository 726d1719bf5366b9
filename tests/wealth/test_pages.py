"""The calendar's pages without script."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from h5app.identity.model import Tier
from h5app.wealth.model import EntryClass
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, FakeVisitors
from tests.wealth.ledgers import demo_ledger, flow

Page = Callable[[str], str]
RENT = {
    "title": "交房租",
    "kind": "bill",
    "first_on": "2026-12-01",
    "repeat": "month",
    "calendar": "solar",
    "holiday_rule": "keep",
    "amount": "3,200.00",
    "lead_days": "",
    "note": "",
    "once_key": "0123456789abcdef",
}


def test_the_month_shows_days_and_an_empty_agenda(get_page: Page) -> None:
    """A new customer sees the month of today, marks of holidays, and what to do next."""
    text = get_page("/wealth/?month=2026-10")

    assert "2026年10月" in text
    assert 'data-testid="day-2026-10-01"' in text
    assert ">休<" in text
    assert ">班<" in text
    assert 'data-testid="empty"' in get_page("/wealth/")


def test_an_own_entry_is_added_once_and_stands_in_month_and_agenda(
    client: FlaskClient, get_page: Page
) -> None:
    """A double tap on 保存 adds one entry; its amount is hidden until stepped up."""
    first = client.post("/wealth/entries", data=RENT)
    second = client.post("/wealth/entries", data=RENT)

    text = get_page("/wealth/")

    assert first.status_code == second.status_code == 303
    assert text.count('data-testid="row-own-1"') == 1
    assert "还有7天" in text
    assert "3,200.00" not in text
    assert "row-own-2" not in text


def test_amounts_are_shown_when_stepped_up(
    client: FlaskClient, get_page: Page, visitors: FakeVisitors
) -> None:
    """The trade password opens amounts."""
    client.post("/wealth/entries", data=RENT)
    visitors.bound(Tier.STEPPED_UP)

    assert "3,200.00 元" in get_page("/wealth/")
    assert "3,200.00 元" in get_page("/wealth/entries/own-1?on=2026-12-01")


def test_a_bad_form_comes_back_with_its_fields(client: FlaskClient) -> None:
    """What was typed stays, and a sentence says what is wrong."""
    answer = client.post("/wealth/entries", data=RENT | {"amount": "abc"})
    text = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "金额不正确" in text
    assert 'value="交房租"' in text


def test_an_entry_is_changed_deleted_and_restored(
    client: FlaskClient, get_page: Page, small_room: Room
) -> None:
    """Deleting offers an undo that brings the same entry back."""
    client.post("/wealth/entries", data=RENT)
    client.post("/wealth/entries/own-1", data=RENT | {"title": "房租", "amount": ""})
    kept = small_room.calendar.entry("c-1", 1).draft

    deleted = client.post("/wealth/entries/own-1/deletion", follow_redirects=True)
    gone = get_page("/wealth/")
    client.post("/wealth/entries/own-1/restoration")

    assert (kept.title, kept.amount_fen) == ("房租", 320_000)
    assert 'data-testid="undo-last"' in deleted.get_data(as_text=True)
    assert "row-own-1" not in gone
    assert "row-own-1" in get_page("/wealth/")


def test_a_candidate_is_answered_in_one_tap(
    client: FlaskClient, get_page: Page, visitors: FakeVisitors, small_room: Room
) -> None:
    """「疑似每月还款,是否提醒?」: dismissing offers an undo, confirming takes it into the month."""
    small_room.flows.by_account[ACCOUNT] = [
        flow("b", date(2026, 10, 10), -6240, "住房贷款还款"),
        flow("c", date(2026, 11, 10), -6240, "住房贷款还款"),
    ]
    visitors.bound()
    asked = get_page("/wealth/")
    dismissed = client.post("/wealth/streams/1/dismissal", follow_redirects=True)
    listed = get_page("/wealth/dismissed")
    client.post("/wealth/streams/1/restoration")
    client.post("/wealth/streams/1/confirmation")
    confirmed = get_page("/wealth/")

    assert "疑似每月还款,是否提醒?" in asked
    assert 'data-testid="row-stream-1"' not in asked
    assert 'data-testid="undo-last"' in dismissed.get_data(as_text=True)
    assert 'data-testid="candidate-stream-1"' not in dismissed.get_data(as_text=True)
    assert "住房贷款还款" in listed
    assert 'data-testid="row-stream-1"' in confirmed


def test_a_learned_entry_says_why(get_page: Page, visitors: FakeVisitors, small_room: Room) -> None:
    """The reason and the matched payments stand on its page, amounts hidden."""
    ledger = demo_ledger(date(2026, 11, 24), small_room.calendar.trading_days)
    small_room.flows.by_account[ACCOUNT] = ledger
    visitors.bound()
    month = get_page("/wealth/?month=2026-12")
    ref = re.search(r'data-testid="row-(stream-\d+)" data-due="2026-12-10"', month)
    assert ref is not None
    text = get_page(f"/wealth/entries/{ref[1]}?on=2026-12-10")

    assert "每月10日,遇节假日顺延" in text
    assert "相符的流水" in text
    assert "2026-11-10" in text
    assert "6,240" not in text


def test_followers_without_an_account_see_nothing_of_one(
    client: FlaskClient, get_page: Page, visitors: FakeVisitors, small_room: Room
) -> None:
    """What was learned from an account needs the account; the way to bill files is shown."""
    small_room.flows.by_account[ACCOUNT] = demo_ledger(
        date(2026, 11, 24), small_room.calendar.trading_days
    )
    visitors.bound()
    get_page("/wealth/")
    small_room.calendar.dismiss_stream(CUSTOMER, ACCOUNT, 1)
    visitors.follower()
    page = get_page("/wealth/")

    assert "stream-" not in page
    assert "/wealth/bills" in page
    assert "restore-stream" not in get_page("/wealth/dismissed")
    assert client.get("/wealth/entries/stream-1").status_code == 404
    assert client.post("/wealth/streams/1/restoration").status_code == 404


def test_preferences_are_kept(client: FlaskClient, get_page: Page, small_room: Room) -> None:
    """Lead per class, off, and the hour; nonsense is refused with the page."""
    form = {"hour": "8", "lead_bill": "7", "lead_repayment": "off"}
    saved = client.post("/wealth/preferences", data=form)
    refused = client.post("/wealth/preferences", data={"hour": "77"})

    wishes = small_room.calendar.wishes(CUSTOMER)
    assert saved.status_code == 303
    assert refused.status_code == 422
    assert (wishes.hour, wishes.lead_of(EntryClass.BILL)) == (8, 7)
    assert wishes.lead_of(EntryClass.REPAYMENT) is None
    assert "提醒设置" in get_page("/wealth/preferences")


def test_marks_from_the_page(client: FlaskClient, get_page: Page) -> None:
    """Done, undone, skipped, put off: each is said and shown."""
    client.post("/wealth/entries", data=RENT)
    path, on = "/wealth/entries/own-1/mark", {"on": "2026-12-01"}
    done = client.post(path, data=on | {"word": "done"}, follow_redirects=True)
    client.post(path, data=on | {"word": "undo"})
    later = client.post(
        path, data=on | {"word": "snooze", "until": "2026-11-30"}, follow_redirects=True
    )
    wrong = client.post(path, data=on | {"word": "burn"})
    nowhere = client.post(path, data={"on": "2026-12-02", "word": "done"})

    assert "已标记为完成" in done.get_data(as_text=True)
    assert "2026-11-30 09:00" in later.get_data(as_text=True)
    assert wrong.status_code == 422
    assert nowhere.status_code == 404


def test_the_month_as_json(client: FlaskClient) -> None:
    """Testers read the same calendar as JSON; amounts are null until stepped up."""
    client.post("/wealth/entries", data=RENT)
    answer = client.get("/wealth/?month=2026-12", headers={"Accept": "application/json"})
    [entry] = [each for each in answer.get_json()["occurrences"] if each["ref"] == "own-1"][:1]

    assert entry["due_on"] == "2026-12-01"
    assert entry["days_left"] == 7
    assert entry["amount_high"] is None


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "day=2026-02-30", "month=1899-01"])
def test_an_address_that_is_no_month_is_refused(client: FlaskClient, query: str) -> None:
    """A clear sentence instead of a trace."""
    answer = client.get(f"/wealth/?{query}")

    assert answer.status_code == 422
    assert "月份不正确" in answer.get_data(as_text=True)


def test_a_year_without_announced_holidays_says_so(get_page: Page) -> None:
    """2027 is not announced: the page falls back and says it."""
    text = get_page("/wealth/?month=2027-02")

    assert "2027年节假日安排尚未公布" in text
    assert ">休<" in text
    assert "尚未公布" not in get_page("/wealth/?month=2026-11")


def test_another_customer_s_entry_is_not_found(client: FlaskClient, visitors: FakeVisitors) -> None:
    """Numbers of others give nothing away, neither to read nor to change."""
    client.post("/wealth/entries", data=RENT)
    visitors.follower("c-2")

    assert client.get("/wealth/entries/own-1?on=2026-12-01").status_code == 404
    assert client.get("/wealth/entries/own-1/form").status_code == 404
    assert client.post("/wealth/entries/own-1", data=RENT).status_code == 404
    assert client.post("/wealth/entries/own-1/deletion").status_code == 404


def test_text_of_the_customer_is_only_text(client: FlaskClient, get_page: Page) -> None:
    """Markup in a name is shown, not run."""
    client.post("/wealth/entries", data=RENT | {"title": "<b>x</b>{{7*7}}"})
    text = get_page("/wealth/")

    assert "&lt;b&gt;x&lt;/b&gt;{{7*7}}" in text
    assert "<b>x" not in text
