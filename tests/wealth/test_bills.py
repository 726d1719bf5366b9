"""Imported bills: looked at, taken twice without doubling, learned from, deleted."""

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from h5app.identity.model import CustomerBound, CustomersMerged, CustomerUnbound
from h5app.kernel.clock import FrozenClock
from h5app.kernel.error import AppError
from h5app.kernel.trading_day import TradingDays
from h5app.wealth.bills import refusal
from h5app.wealth.bills.reading import FILE_BYTES_MAX
from h5app.wealth.cash_flows import without_doubles
from h5app.wealth.own_ledger import own_ledger
from h5app.wealth.ports import CashFlow
from tests.wealth import bill_files as files
from tests.wealth.conftest import Room
from tests.wealth.fakes import ACCOUNT, CUSTOMER, OTHER, FakeVisitors

SINCE = date(2000, 1, 1)
OWN = own_ledger(CUSTOMER)


def taken(room: Room, data: bytes, customer_id: str = CUSTOMER) -> tuple[int, int, int]:
    """Look at a file and import it; return how many rows were new, updated and unchanged."""
    preview = room.calendar.bills.look(customer_id, data)
    room.calendar.bills.take(customer_id, preview.draft_id)
    return len(preview.new), len(preview.updated), preview.count_unchanged


def flows(room: Room, account_id: str = OWN) -> list[tuple[str, int]]:
    """Return day and amount of what the account's bills tell."""
    found = room.calendar.streams._source.flows(account_id, SINCE)
    return sorted((f"{flow.on:%m-%d}", flow.amount_fen) for flow in found)


def rents(days: TradingDays, last: str = "2026-10-31", months: int = 8) -> bytes:
    """A bill of WeChat with a rent on every first of a month, paid by hand to the landlord."""
    return files.wechat_csv(tuple(_rents(last, months)), ())


def _rents(last: str, months: int) -> Iterator[tuple[object, ...]]:
    for back in range(months):
        on = date(2026, 10 - back, 1)
        yield (
            *(f"{on} 09:00:00", "转账", "房东老周", "转账备注:房租", "支出", "¥3,200.00"),
            *("工商银行(0001)", "对方已收钱", f"10000{on:%Y%m%d}", "x", "/"),
        )
    yield (
        *(f"{last} 20:00:00", "商户消费", "晴川便利店", "水", "支出", "¥2.00", "零钱", "支付成功"),
        *("4200000001", "x", "/"),
    )


def coming(room: Room, customer_id: str = CUSTOMER, account_id: str = OWN) -> list[tuple[str, str]]:
    """Return what the calendar shows of learned streams in the next weeks."""
    today = room.calendar.today()
    found = room.calendar.occurrences(customer_id, today, today + timedelta(days=40), account_id)
    return [(each.title, each.due_on.isoformat()) for each in found if each.is_learned]


def test_a_file_taken_twice_is_there_once(room: Room) -> None:
    """The second time everything is known; refunds are taken off what they belong to."""
    first = taken(room, files.wechat_csv())
    again = taken(room, files.wechat_xlsx(files.WECHAT_ROWS, files.WECHAT_TOTALS, is_typed=False))

    assert (first, again) == ((5, 0, 0), (0, 0, 5))
    assert flows(room) == [("01-12", -3300), ("01-28", -80000), ("01-31", -2350)]


def test_a_later_export_updates_the_status(room: Room) -> None:
    """What was paid in the first file is given back in the second: the same row, brought up."""
    before = tuple(
        (*row[:7], "支付成功", *row[8:]) if row[7] == "已退款(¥12.00)" else row
        for row in files.WECHAT_ROWS
        if row[4] != "收入"
    )
    first = taken(room, files.wechat_csv(before, ()))
    flows_before = flows(room)
    second = taken(room, files.wechat_csv())

    assert (first, second) == ((4, 0, 0), (1, 1, 3))
    assert ("01-12", -4500) in flows_before
    assert ("01-12", -3300) in flows(room)


def test_nothing_is_imported_before_it_is_confirmed(small_room: Room) -> None:
    """A preview writes no row; a new file replaces it; half an hour later it is gone."""
    bills, wall = small_room.calendar.bills, FrozenClock("2026-11-24T09:30:00")
    bills._wall = wall
    first = bills.look(CUSTOMER, files.wechat_csv())
    second = bills.look(CUSTOMER, files.alipay_csv())
    assert flows(small_room) == []

    with pytest.raises(refusal.BillDraftGone):
        bills.take(CUSTOMER, first.draft_id)
    with pytest.raises(refusal.BillDraftGone):
        bills.take(OTHER, second.draft_id)
    small_room.at("2026-12-24T10:00:01")
    assert bills.preview(CUSTOMER, second.draft_id).new, "the market's month is no half hour"
    wall.advance(timedelta(minutes=30, seconds=1))
    with pytest.raises(refusal.BillDraftGone):
        bills.take(CUSTOMER, second.draft_id)
    assert bills.imports(CUSTOMER) == []


def test_a_second_tap_imports_once(small_room: Room) -> None:
    """The preview is gone with the first."""
    bills = small_room.calendar.bills
    preview = bills.look(CUSTOMER, files.wechat_csv())
    bills.take(CUSTOMER, preview.draft_id)

    with pytest.raises(refusal.BillDraftGone):
        bills.take(CUSTOMER, preview.draft_id)
    assert len(bills.imports(CUSTOMER)) == 1


def test_bills_are_learned_from_without_an_account(
    small_room: Room, trading_days: TradingDays
) -> None:
    """A follower imports his rents: the next one stands in the calendar and is told."""
    taken(small_room, rents(trading_days))
    shown = coming(small_room)
    small_room.at("2026-11-26T09:00:00")
    small_room.calendar.run_due()

    assert ("房东老周", "2026-12-01") in shown
    assert [(fact.title, fact.customer_id) for fact in small_room.told()] == [
        ("房东老周", CUSTOMER)
    ]


def test_the_end_of_a_file_is_no_silence(small_room: Room, trading_days: TradingDays) -> None:
    """The file ends in June and it is November: the rent goes on, none of its days is missed."""
    taken(small_room, files.wechat_csv(tuple(_rents_until_july()), ()))
    states = {
        each.mark.state.value
        for each in small_room.calendar.occurrences(
            CUSTOMER, date(2026, 8, 1), date(2026, 12, 5), OWN
        )
        if each.is_learned
    }

    assert ("房东老周", "2026-12-01") in coming(small_room)
    assert states == {"open"}


def _rents_until_july() -> Iterator[tuple[object, ...]]:
    for row in _rents("2026-08-02", 8):
        if str(row[0]) < "2026-08-03":
            yield row


def test_binding_an_account_keeps_what_was_learned(room: Room, trading_days: TradingDays) -> None:
    """The same stream under the same number, with the account's own ledger beside it; and back."""
    taken(room, rents(trading_days))
    before = [each.stream_id for each in room.calendar.streams.all(OWN)]
    at = room.clock.now()
    bound = CustomerBound(customer_id=CUSTOMER, account_id=ACCOUNT, openid="o", at=at)
    room.calendar.on_customer_bound(bound)
    after = [each.stream_id for each in room.calendar.streams.all(ACCOUNT)]
    shown = coming(room, CUSTOMER, ACCOUNT)

    gone = CustomerUnbound(customer_id=CUSTOMER, account_id=ACCOUNT, openid="o", at=at)
    room.calendar.on_customer_unbound(gone)
    room.calendar.learn_due()

    assert before == after
    assert ("房东老周", "2026-12-01") in shown
    assert ("房东老周", "2026-12-01") in coming(room)


def test_bills_go_along_when_two_customers_become_one(
    small_room: Room, trading_days: TradingDays
) -> None:
    """Rows, imports and what was learned."""
    taken(small_room, rents(trading_days), "c-old")
    for _twice in range(2):
        event = CustomersMerged(from_customer_id="c-old", to_customer_id=CUSTOMER)
        small_room.calendar.on_customers_merged(event)
    small_room.calendar.learn_due()

    assert ("房东老周", "2026-12-01") in coming(small_room)
    assert len(small_room.calendar.bills.imports(CUSTOMER)) == 1


def test_a_deleted_import_takes_its_rows_along(small_room: Room, trading_days: TradingDays) -> None:
    """Nothing of it is expected any more; another's import is not found."""
    taken(small_room, rents(trading_days))
    [kept] = small_room.calendar.bills.imports(CUSTOMER)
    with pytest.raises(Exception, match="没有找到"):
        small_room.calendar.bills.remove(OTHER, kept.import_id)

    small_room.calendar.bills.remove(CUSTOMER, kept.import_id)

    assert flows(small_room) == []
    assert coming(small_room) == []


def test_a_bad_file_leaves_everything_as_it_was(small_room: Room) -> None:
    """Neither what was imported nor the preview that waits."""
    taken(small_room, files.wechat_csv())
    waiting = small_room.calendar.bills.look(CUSTOMER, files.alipay_csv())
    before = flows(small_room)
    for data in (b"", files.wechat_csv()[:-300], files.zipped("a.csv", files.alipay_csv())[:-40]):
        with pytest.raises(AppError):
            small_room.calendar.bills.look(CUSTOMER, data)

    assert flows(small_room) == before
    assert small_room.calendar.bills.preview(CUSTOMER, waiting.draft_id) == waiting


def test_what_bank_and_wallet_both_tell_counts_once() -> None:
    """A wallet's payment by card and the bank's booking of it a day later; others stay."""

    def moved(reference: str, day: int, yuan: int, *, by_card: bool = False) -> CashFlow:
        on = date(2026, 10, day)
        return CashFlow(reference=reference, on=on, amount_fen=yuan * 100, is_from_bank=by_card)

    bank = [moved("b1", 2, -30), moved("b2", 2, -30), moved("b3", 9, -30), moved("b4", 1, -7)]
    bills = [moved("w1", 1, -30, by_card=True), moved("w2", 1, -7)]

    assert [flow.reference for flow in without_doubles(bank, bills)] == ["b4", "b2", "b3"]


def _post(client: FlaskClient, data: bytes, **more: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - a test response
    form = {"file": (io.BytesIO(data), "账单.csv"), **more}
    return client.post("/wealth/bills", data=form, content_type="multipart/form-data")


def test_the_pages_lead_from_file_to_calendar(client: FlaskClient, small_room: Room) -> None:
    """Upload, preview with sums and what is new, import, list, delete; a follower may."""
    answer = _post(client, files.locked("a.csv", files.alipay_csv(), "482913"), password="482913")
    draft = answer.headers["Location"]
    page = client.get(draft).get_data(as_text=True)
    done = client.post(f"{draft}/import", follow_redirects=True).get_data(as_text=True)

    assert answer.status_code == 303
    assert "花呗" in page
    assert "57.80" in page
    assert "新增5笔" in done
    assert client.get(draft).status_code == 409
    assert "没有找到" in client.post("/wealth/bills/99/deletion").get_data(as_text=True)
    gone = client.post("/wealth/bills/1/deletion", follow_redirects=True).get_data(as_text=True)
    assert 'data-testid="bill-imports"' not in gone


def test_a_refused_file_is_explained_on_the_same_page(client: FlaskClient) -> None:
    """The sentence stands above the form; without a file too."""
    locked = _post(client, files.locked("a.csv", files.alipay_csv()))
    empty = client.post("/wealth/bills", data={}, content_type="multipart/form-data")

    assert locked.status_code == 422
    assert "解压密码" in locked.get_data(as_text=True)
    assert "请先选择账单文件" in empty.get_data(as_text=True)


def test_only_this_route_takes_large_bodies(client: FlaskClient) -> None:
    """Six megabytes here, 64 KiB elsewhere; more is refused before it is read."""
    some = _post(client, b"a" * 300_000)
    large = _post(client, b"a" * (FILE_BYTES_MAX + 200_000))
    elsewhere = client.post("/wealth/entries", data={"title": "a" * 100_000})

    assert some.status_code == 422
    assert large.status_code == 413
    assert elsewhere.status_code == 413


def test_a_stranger_s_text_stays_text(client: FlaskClient) -> None:
    """Names of a file are escaped on every page."""
    rows = ((*files.WECHAT_ROWS[0][:2], "<script>alert(1)</script>", *files.WECHAT_ROWS[0][3:]),)
    draft = _post(client, files.wechat_csv(rows, ())).headers["Location"]

    assert "<script>alert" not in client.get(draft).get_data(as_text=True)


def test_another_visitor_sees_none_of_it(client: FlaskClient, visitors: FakeVisitors) -> None:
    """A preview belongs to whoever uploaded the file."""
    draft = _post(client, files.wechat_csv()).headers["Location"]
    visitors.follower(OTHER)

    assert client.get(draft).status_code == 409
