"""The calendar's pages without script."""

from collections.abc import Callable

from flask.testing import FlaskClient

from h5app.identity.model import Tier
from tests.wealth.conftest import Room
from tests.wealth.fakes import FakeVisitors

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
    assert 'data-testid="undo-delete"' in deleted.get_data(as_text=True)
    assert "row-own-1" not in gone
    assert "row-own-1" in get_page("/wealth/")
