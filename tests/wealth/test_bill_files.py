"""Bill files of WeChat Pay and Alipay: every generation, and everything that may be wrong."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5app.kernel.clock import SHANGHAI
from h5app.kernel.error import AppError
from h5app.wealth.bills import refusal
from h5app.wealth.bills.cell import Unreadable, fen_of, moment_of, words_of
from h5app.wealth.bills.model import BillFile, Effect
from h5app.wealth.bills.opening import UNPACKED_BYTES_MAX
from h5app.wealth.bills.reading import FILE_BYTES_MAX, read_bill
from h5app.wealth.bills.refunds import settle
from tests.wealth import bill_files as files

OUT, IN, REFUND, MOVE = Effect.OUT, Effect.IN, Effect.REFUND, Effect.MOVE


def told(bill: BillFile) -> list[tuple[str, int, Effect]]:
    """Return day, amount and effect of every row."""
    return [(f"{row.on:%m-%d}", row.amount_fen, row.effect) for row in bill.rows]


WECHAT_TOLD = [
    ("01-05", 50050, MOVE),
    ("01-12", 4500, OUT),
    ("01-13", 1200, REFUND),
    ("01-28", 80000, OUT),
    ("01-31", 2350, OUT),
]
APP_TOLD = [
    ("10-18", 20000, IN),
    ("10-20", 12300, Effect.REPAY),
    ("10-28", 1500, OUT),
    ("10-30", 4280, OUT),
    ("10-31", 4280, REFUND),
]


def test_wechat_s_csv_is_read() -> None:
    """UTF-8 with its mark, sixteen lines above the header, tabs behind order numbers."""
    bill = read_bill(files.wechat_csv())

    assert told(bill) == WECHAT_TOLD
    assert bill.known_until == date(2025, 1, 31)
    assert (bill.notes, bill.unreadable) == ((), ())


def test_the_same_rows_have_the_same_names_in_csv_and_workbook() -> None:
    """One period exported twice, as CSV and as workbook of text: not a row more."""
    text = read_bill(files.wechat_csv())
    book = read_bill(files.wechat_xlsx(files.WECHAT_ROWS, files.WECHAT_TOTALS, is_typed=False))

    assert {row.key for row in text.rows} == {row.key for row in book.rows}


def test_wechat_s_typed_workbook_is_read() -> None:
    """Day numbers are moments to the second, amounts are numbers, 信用卡还款 is a repayment."""
    bill = read_bill(files.wechat_xlsx())

    assert told(bill) == [
        ("10-12", 100000, Effect.REPAY),
        ("10-20", 6600, IN),
        ("10-28", 8000, OUT),
        ("10-31", 2840, OUT),
    ]
    assert bill.rows[-1].at == datetime(2026, 10, 31, 19, 20, 11, tzinfo=SHANGHAI)


def test_alipay_s_app_export_is_read() -> None:
    """GB18030, mixed line ends; what was bought and given back costs nothing in the end."""
    bill = read_bill(files.alipay_csv())
    settled = settle(bill.rows)

    assert told(bill) == APP_TOLD
    assert [settled.left_of(row) for row in bill.rows if row.effect is OUT] == [1500, 0]
    assert settled.unmatched == frozenset()


def test_alipay_s_older_exports_are_read() -> None:
    """The app's of 2021 with its facts below, the web's with its sixteen columns, the ledger."""
    old, web, ledger = map(
        read_bill, (files.alipay_old_csv(), files.alipay_web_csv(), files.alipay_ledger_csv())
    )

    assert told(old) == [("06-11", 11, MOVE), ("06-12", 5000, IN), ("06-14", 1800, OUT)]
    assert told(web) == [
        ("11-20", 12, MOVE),
        ("11-20", 8800, OUT),
        ("11-22", 8800, REFUND),
        ("11-30", 3500, OUT),
    ]
    assert told(ledger) == [("10-02", 10000, IN), ("10-02", 180, OUT), ("10-03", 20000, IN)]
    assert [each.known_until.isoformat() for each in (old, web, ledger)] == [
        "2021-06-30",
        "2020-11-30",
        "2026-10-31",
    ]


def test_utf8_and_tabs_between_cells_are_read_too() -> None:
    """A file that was converted, and one that was pasted from a spreadsheet."""
    plain = files.alipay_csv().decode("gb18030")
    pasted = files.wechat_csv().decode("utf-8-sig").replace("\t", "")
    rows = csv.reader(io.StringIO(pasted, newline=""))
    tabbed = "\n".join("\t".join(row) for row in rows)

    assert told(read_bill(plain.encode())) == APP_TOLD
    assert told(read_bill(tabbed.encode())) == WECHAT_TOLD


@pytest.mark.parametrize("name", ["支付宝交易明细(20261001-20261031).csv", "record.txt"])
def test_an_archive_is_opened(name: str) -> None:
    """A folder before the file does not matter, nor its name."""
    assert told(read_bill(files.zipped(name, files.alipay_csv()))) == APP_TOLD


def test_a_locked_archive_wants_its_password() -> None:
    """AES-256 as Alipay locks it: without, with a wrong, with the right password."""
    data = files.locked("a.csv", files.alipay_csv(), "482913")

    with pytest.raises(refusal.BillLocked):
        read_bill(data)
    with pytest.raises(refusal.BillPasswordWrong):
        read_bill(data, "000000")
    assert told(read_bill(data, "482913")) == APP_TOLD


def test_the_classic_lock_opens_too() -> None:
    """ZipCrypto, which WeChat's archives are said to have: one of a CSV, locked with 135790."""
    assert told(read_bill(files.CLASSIC_LOCKED, "135790")) == WECHAT_TOLD
    with pytest.raises(refusal.BillPasswordWrong):
        read_bill(files.CLASSIC_LOCKED, "135791")


def test_an_unquoted_comma_shifts_nothing() -> None:
    """Alipay does not quote: the surplus cell belongs to the text before the direction."""
    spilt = files.APP_ROWS.replace("雨衣 蓝色,支出", "雨衣,蓝色,XL,支出")
    bill = read_bill(files.alipay_csv(spilt))

    assert told(bill) == APP_TOLD
    assert "雨衣,蓝色,XL" in [row.item for row in bill.rows]


def test_partial_refunds_are_taken_off_once() -> None:
    """By the payment's status where it says so, by the refunds' order numbers where they do."""
    row = "2026-10-{},日用百货,远山户外,x,{},{},{},花呗,{},20261030{}\t,T\t,,\n"
    rows = (
        row.format("01 10:00:00", "帐篷", "支出", "300.00", "交易成功", "A")
        + row.format("05 10:00:00", "退款-帐篷", "不计收支", "40.00", "退款成功", "A_1")
        + row.format("06 10:00:00", "退款-帐篷", "不计收支", "60.00", "退款成功", "A*2_3")
        + row.format("07 10:00:00", "退款-别的", "不计收支", "9.00", "退款成功", "B_1")
    )
    alipay = read_bill(files.alipay_csv(rows, 4, ()))
    wechat = read_bill(files.wechat_csv())
    in_alipay, in_wechat = settle(alipay.rows), settle(wechat.rows)

    assert [in_alipay.left_of(each) for each in alipay.rows if each.effect is OUT] == [20000]
    assert len(in_alipay.unmatched) == 1
    assert [in_wechat.left_of(each) for each in wechat.rows if each.effect is OUT] == [
        3300,
        80000,
        2350,
    ]


def test_a_refund_in_a_later_file_finds_its_payment() -> None:
    """The payment's row was exported before it was given back."""
    bought = tuple(
        ("2025-01-12 21:40:02", *row[1:7], "支付成功", *row[8:])
        if row[7] == "已退款(¥12.00)"
        else row
        for row in files.WECHAT_ROWS
    )
    bill = read_bill(files.wechat_csv(bought))
    settled = settle(bill.rows)

    [book] = [row for row in bill.rows if row.counterparty == "星野书店" and row.effect is OUT]
    assert settled.left_of(book) == 3300
    assert settled.unmatched == frozenset()


def test_rows_that_say_the_same_are_still_two() -> None:
    """The same order number twice in one file, and two rows without any."""
    twice = (files.WECHAT_ROWS[0], files.WECHAT_ROWS[0])
    bare = tuple((*row[:8], "/", *row[9:]) for row in twice)
    for rows in (twice, bare):
        keys = [row.key for row in read_bill(files.wechat_csv(rows, ())).rows]
        again = [row.key for row in read_bill(files.wechat_csv(rows[::-1], ())).rows]

        assert len(set(keys)) == 2
        assert keys == again


def test_what_cannot_be_read_is_named_and_the_rest_is_kept() -> None:
    """A row with a date that is none; the file's own count still fits."""
    broken = (("2025-02-30 19:20:11", *files.WECHAT_ROWS[0][1:]), *files.WECHAT_ROWS[1:])
    bill = read_bill(files.wechat_csv(broken))

    assert bill.unreadable == (1,)
    assert len(bill.rows) == 4


def test_formulas_stay_text() -> None:
    """A formula as an amount is no amount; as a name it loses the sign that would make it one."""
    rows = (
        (*files.TYPED_ROWS[0][:5], "=1+1", *files.TYPED_ROWS[0][6:]),
        (*files.TYPED_ROWS[1][:2], '=HYPERLINK("http://x","y")', *files.TYPED_ROWS[1][3:]),
    )
    bill = read_bill(files.wechat_xlsx(rows, ()))

    assert bill.unreadable == (1,)
    assert bill.rows[0].counterparty.startswith("HYPERLINK")
    assert words_of("@SUM(A1)") == "SUM(A1)"


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (UNPACKED_BYTES_MAX + 1))
    return packed.getvalue()


def _workbook_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<w/>")
        archive.writestr("xl/sharedStrings.xml", b" " * (UNPACKED_BYTES_MAX + 1))
    return packed.getvalue()


def _far_row() -> bytes:
    book = openpyxl.Workbook()
    book.active.cell(1_048_576, 1).value = "x"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _million_rows() -> bytes:
    row = "2025-01-31 19:20:11,a,b,c,支出,1,e,f,g,h,i\n".encode()
    text = files.WECHAT_HEADER.encode() + b"\n" + row * (UNPACKED_BYTES_MAX // len(row) - 10)
    return files.zipped("a.csv", text)


def _in_dollars() -> bytes:
    return files.wechat_csv().replace("¥23.50".encode(), b"US$23.50")


def _resaved() -> bytes:
    return files.wechat_csv().replace(b"4200001111202501310000000001\t", b"4.2E+27")


HOSTILE = {
    "empty": (b"", refusal.NotABill),
    "only a mark": (b"\xef\xbb\xbf", refusal.NotABill),
    "something else": ("姓名,年龄\n小满,3\n".encode(), refusal.NotABill),
    "a header and nothing": (files.wechat_csv((), (), 0), refusal.NotABill),
    "no encoding": (b"\xff\xff\x81\x20" * 50, refusal.BillEncodingUnknown),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, AppError),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, refusal.BillDamaged),
    "too many bytes": (b"a" * (FILE_BYTES_MAX + 1), refusal.BillTooLarge),
    "bomb": (_bomb(), refusal.BillTooLarge),
    "workbook bomb": (_workbook_bomb(), refusal.BillTooLarge),
    "a row far below": (_far_row(), refusal.BillTooLarge),
    "hundreds of thousands of rows": (_million_rows(), refusal.BillTooLarge),
    "archive cut": (files.zipped("a.csv", files.alipay_csv())[:-40], refusal.BillDamaged),
    "workbook cut": (files.wechat_xlsx()[:-200], refusal.BillDamaged),
    "text cut": (files.wechat_csv()[:-300], refusal.BillTruncated),
    "text cut inside a character": (files.alipay_csv()[:-201], refusal.BillTruncated),
    "rows missing": (files.wechat_csv(count=9), refusal.BillTruncated),
    "another currency": (_in_dollars(), refusal.BillForeign),
    "saved by a spreadsheet": (_resaved(), refusal.BillResaved),
    "an endless quote": (files.wechat_csv() + b',"' + b"x" * 200_000, refusal.BillDamaged),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_files_end_in_one_sentence(name: str) -> None:
    """Each is refused by a refusal of its own kind, with a sentence that says what to do."""
    data, expected = HOSTILE[name]

    with pytest.raises(expected) as refused:
        read_bill(data)
    assert refused.value.message
    assert refused.value.status in {413, 422}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but refusals, whatever comes; also behind the beginnings that matter."""
    for head in (b"", b"PK\x03\x04", files.WECHAT_HEADER.encode() + b"\n"):
        try:
            read_bill(head + data)
        except AppError:
            continue


@given(st.integers(0, 100 * 366 * 86400))
def test_a_moment_is_the_same_as_text_and_as_day_number(seconds: int) -> None:
    """To the second, leap days and midnights included."""
    at = datetime(2000, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    number = (at - datetime(1899, 12, 30, tzinfo=SHANGHAI)) / timedelta(days=1)

    assert moment_of(f"{at:%Y-%m-%d %H:%M:%S}\t") == moment_of(number) == at


@pytest.mark.parametrize(
    ("text", "fen"),
    [("¥1,234.50", 123450), ("￥28.16", 2816), ("?0.10", 10), (28.4, 2840), (80, 8000), ("0", 0)],
)
def test_amounts_of_every_spelling(text: object, fen: int) -> None:
    """With either sign of the yuan, thousands, and as numbers of a workbook."""
    assert fen_of(text) == fen


@pytest.mark.parametrize("text", ["", "abc", "-5", "1.2.3", "=2", "9" * 20])
def test_what_is_no_amount(text: str) -> None:
    """Neither negative nor without bounds."""
    with pytest.raises(Unreadable):
        fen_of(text)
