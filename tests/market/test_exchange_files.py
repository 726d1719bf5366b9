"""The exchanges' own files: golden samples, torn writes, silence, and what stands for nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from h5app.kernel.clock import FrozenClock
from h5app.market.feeds.file_feed import FileFeed
from h5app.market.feeds.sse_files import SseLayout, whole_lines
from h5app.market.feeds.szse_files import SzseLayout, Table
from h5app.market.model import Board, Level, Phase, Product
from h5app.market.ports import FeedGarbled, FeedSilent
from h5app.market.quality import Door
from tests.market.exchange_files import mktdt00, put, sjshq
from tests.market.live_stage import rows_at, troupe
from tests.market.sample_market import DAY, at, rule_book, share

if TYPE_CHECKING:
    from pathlib import Path

    from h5app.market.model import Instrument, Quote

SAMPLE_DAY = date(2026, 9, 18)
SAMPLED_AT = datetime.fromisoformat("2026-09-18T14:30:02+08:00")


class WritingClock(FrozenClock):
    """A clock during whose waits somebody goes on writing the file."""

    def __init__(self, path: Path, *contents: bytes) -> None:
        super().__init__("2026-11-24T10:00:00")
        self._path = path
        self._contents = list(contents)

    def sleep(self, seconds: float) -> None:
        """Let the other program write."""
        super().sleep(seconds)
        if self._contents:
            put(self._path, self._contents.pop(0))


def feed_of(path: Path, clock: FrozenClock | None = None) -> FileFeed:
    """The feed that reads a file; the layout by its name."""
    layout = SzseLayout() if path.suffix == ".dbf" else SseLayout()
    return FileFeed(layout, path, rule_book(), clock or FrozenClock("2026-11-24T10:00:00"))


def sample(shared_dir: Path, name: str, *instruments: Instrument) -> dict[str, Quote]:
    """The quotes of a golden file, after the door."""
    feed = feed_of(shared_dir / "data" / "market" / "feed_samples" / name)
    feed.open(instruments, SAMPLE_DAY)
    batch = feed.read(SAMPLED_AT)
    assert batch.dropped == 0
    door = Door(rule_book())
    door.start(instruments, SAMPLE_DAY)
    quotes = {quote.symbol: quote for quote in door.admit(batch.quotes)}
    assert dict(door.flaws) == {}
    return quotes


def sse_cast() -> list[Instrument]:
    """What the sample file of Shanghai has lines of."""
    etf = {"tick_milli": 1, "board": Board.ETF, "product": Product.ETF_DOMESTIC_STOCK}
    return [
        share("000001.SH", "上证指数", board=Board.INDEX, product=Product.INDEX),
        share("600000.SH", "浦发银行"),
        share("600396.SH", "华电辽能"),
        share("600001.SH", "停牌样本"),
        share("510300.SH", "300ETF", **etf),
    ]


def test_the_golden_file_of_shanghai(shared_dir: Path) -> None:
    """mktdt00.txt: every figure in its place, in milli, fen and whole shares."""
    quotes = sample(shared_dir, "mktdt00.txt", *sse_cast())

    bank = quotes["600000.SH"]
    assert (bank.previous_close_milli, bank.open_milli) == (10_000, 10_010)
    assert (bank.high_milli, bank.low_milli, bank.last_milli) == (10_200, 9_980, 10_040)
    assert (bank.volume_shares, bank.turnover_fen) == (12_345_600, 12_399_988_812)
    assert bank.bid_1 == Level(10_040, 120_000)
    assert bank.asks[-1] == Level(10_090, 7_700)
    assert bank.at == datetime.fromisoformat("2026-09-18T14:30:00.120+08:00")
    assert bank.phase is Phase.CONTINUOUS


def test_a_sealed_board_in_the_golden_file(shared_dir: Path) -> None:
    """At the limit up there is nobody to buy from: the other side is empty, not 0."""
    sealed = sample(shared_dir, "mktdt00.txt", *sse_cast())["600396.SH"]

    assert sealed.limit_up_milli == sealed.last_milli == 16_410
    assert sealed.bid_1 == Level(16_410, 6_409_200)
    assert sealed.asks == ()


def test_what_is_not_there_is_not_zero(shared_dir: Path) -> None:
    """A suspended stock has a previous close and no price; an index exact points."""
    quotes = sample(shared_dir, "mktdt00.txt", *sse_cast())

    still = quotes["600001.SH"]
    assert (still.is_suspended, still.phase) == (True, Phase.HALTED)
    assert (still.last_milli, still.open_milli, still.bids) == (None, None, ())
    index = quotes["000001.SH"]
    assert index.index_points is not None
    assert index.index_points.last_e4 == 39_118_700
    assert index.volume_shares == 48_571_250_700
    assert quotes["510300.SH"].iopv_milli == 4_582


def test_the_golden_table_of_shenzhen(shared_dir: Path) -> None:
    """sjshq.dbf: columns by name, the stamp from record 000000."""
    quotes = sample(
        shared_dir,
        "sjshq.dbf",
        share("300750.SZ", "宁德时代", board=Board.CHINEXT),
        share("000001.SZ", "平安银行", board=Board.SZSE_MAIN),
    )

    one = quotes["300750.SZ"]
    assert (one.previous_close_milli, one.last_milli) == (304_300, 301_950)
    assert (one.volume_shares, one.turnover_fen) == (38_071_300, 1_153_766_464_800)
    assert (one.bids, one.asks) == ((Level(301_950, 100),), (Level(301_960, 500),))
    assert one.trades == 90_000
    assert one.at == datetime.fromisoformat("2026-09-18T14:30:00+08:00")


@pytest.mark.parametrize("name", ["mktdt00.txt", "sjshq.dbf"])
def test_a_torn_file_is_read_again(tmp_path: Path, name: str) -> None:
    """Half a file is waited for; what is told is the whole one."""
    whole = file_of(name, "10:00:00")
    path = tmp_path / name
    put(path, whole[: len(whole) // 2])
    feed = feed_of(path, WritingClock(path, whole[: len(whole) - 5], whole))
    feed.open(troupe(), DAY)

    assert len(feed.read(at("10:00:00")).quotes) > 2


@pytest.mark.parametrize("name", ["mktdt00.txt", "sjshq.dbf"])
def test_what_stays_torn_is_garbled_and_the_next_whole_one_is_read(
    tmp_path: Path, name: str
) -> None:
    """Nothing of a torn file is told, so that the board keeps the last good figures."""
    whole, path = file_of(name, "10:00:00"), tmp_path / name
    feed = feed_of(path)
    feed.open(troupe(), DAY)
    put(path, whole[:-20])
    with pytest.raises(FeedGarbled):
        feed.read(at("10:00:00"))
    assert feed.health().failures == 1

    put(path, whole)

    assert feed.read(at("10:00:01")).quotes
    assert feed.health().failures == 0


def test_a_mixture_of_two_writings_fails_the_checksum() -> None:
    """Right length, new beginning, old end: the checksum tells."""
    old, new = file_of("mktdt00.txt", "10:00:00"), file_of("mktdt00.txt", "10:00:03")
    assert len(old) == len(new)
    assert whole_lines(new)

    with pytest.raises(FeedGarbled, match="checksum"):
        whole_lines(new[: len(new) // 2] + old[len(new) // 2 :])


def test_a_name_may_hold_the_separator(tmp_path: Path) -> None:
    """The second byte of 箌 in GBK is "|": a name is cut out by its place."""
    assert "箌".encode("gbk")[1:] == b"|"
    odd = share("600100.SH", "箌箌股份")
    quote = next(quote for one, quote in rows_at(at("10:00:00"), ".SH") if one.symbol == odd.symbol)
    put(tmp_path / "mktdt00.txt", mktdt00([(odd, quote)], at("10:00:00")))
    feed = feed_of(tmp_path / "mktdt00.txt")
    feed.open([odd], DAY)

    assert feed.read(at("10:00:00")).quotes[0].last_milli == quote.last_milli


def test_unknown_kinds_are_passed_over_and_bad_lines_counted(tmp_path: Path) -> None:
    """A newer revision's lines are no mistake; a line with a letter in a number is one."""
    content = file_of("mktdt00.txt", "10:00:00")
    lines = content.split(b"\n")[1:-2]
    lines[0] = lines[0].replace(b"MD002", b"MD005")
    lines[1] = lines[1][:40] + b"x" + lines[1][41:]
    put(tmp_path / "mktdt00.txt", _sealed(lines, content[:82]))
    feed = feed_of(tmp_path / "mktdt00.txt")
    feed.open(troupe(), DAY)
    batch = feed.read(at("10:00:00"))

    assert batch.dropped == 1
    assert len(batch.quotes) == len(lines) - 2


def test_only_changes_are_told(tmp_path: Path) -> None:
    """The same file gives nothing new; the next one what differs."""
    path, rows = tmp_path / "mktdt00.txt", rows_at(at("10:00:00"), ".SH")
    put(path, mktdt00(rows, at("10:00:00")))
    feed = feed_of(path)
    feed.open(troupe(), DAY)
    assert len(feed.read(at("10:00:00")).quotes) == len(rows)

    assert feed.read(at("10:00:02")).quotes == ()

    put(path, mktdt00([*rows[:-1], rows_at(at("10:00:03"), ".SH")[-1]], at("10:00:03")))
    assert [quote.symbol for quote in feed.read(at("10:00:03")).quotes] == [rows[-1][0].symbol]


@pytest.mark.parametrize("name", ["mktdt00.txt", "sjshq.dbf"])
def test_a_file_that_is_not_rewritten_falls_silent_while_prices_move(
    tmp_path: Path, name: str
) -> None:
    """Over lunch a file may stand; in the afternoon it may not, nor may yesterday's."""
    put(tmp_path / name, file_of(name, "11:30:00"))
    feed = feed_of(tmp_path / name)
    feed.open(troupe(), DAY)

    assert feed.read(at("12:30:00")).quotes
    assert feed.read(at("13:00:10")).quotes == ()
    with pytest.raises(FeedSilent):
        feed.read(at("13:00:30"))

    feed.open(troupe(), DAY + timedelta(days=1))
    with pytest.raises(FeedSilent):
        feed.read(at("09:15:00", DAY + timedelta(days=1)))


def test_a_missing_file_is_silence(tmp_path: Path) -> None:
    """Nothing there is like nothing said."""
    feed = feed_of(tmp_path / "mktdt00.txt")
    feed.open(troupe(), DAY)

    with pytest.raises(FeedSilent, match=r"mktdt00\.txt"):
        feed.read(at("10:00:00"))


def file_of(name: str, moment: str) -> bytes:
    """The whole file of a moment."""
    if name.endswith(".dbf"):
        return sjshq(rows_at(at(moment), ".SZ"), at(moment))
    return mktdt00(rows_at(at(moment), ".SH"), at(moment))


def _sealed(lines: list[bytes], header: bytes) -> bytes:
    """Return a file of these lines with length and checksum made right."""
    body = b"".join(line + b"\n" for line in lines)
    content = header[:16] + f"{len(body) + 12:>10}".encode() + header[26:] + body + b"TRAILER|"
    return content + f"{sum(content) % 256:03}\n".encode()


SHAPES = {
    "flush right": (b"   12.340", b"        1200", 12_340, 1_200),
    "flush left": (b"12.340   ", b"1200        ", 12_340, 1_200),
    "two decimals, one blank": (b"   12.34 ", b"        1200", 12_340, 1_200),
    "no decimals": (b"       12", b"        1200", 12_000, 1_200),
    "an empty price": (b"         ", b"        1200", 0, 1_200),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_column_may_be_written_in_any_way_that_is_a_number(shape: str) -> None:
    """Records are read in one go where all is flush right, else column by column: to one result."""
    price, quantity, milli, shares = SHAPES[shape]
    rows = [row for row in rows_at(at("10:00:00")) if row[0].symbol == "000001.SZ"]
    table = Table(sjshq(rows, at("10:00:00")))
    record, places = bytearray(table.records[1]), table.columns
    before = table.numbers(bytes(record))
    record[places["HQZRSP"][0]], record[places["HQCJSL"][0]] = price, quantity

    assert table.numbers(bytes(record)) == [milli, *before[1:5], shares, *before[6:]]


@pytest.mark.parametrize("wrong", [b"   1x.340", b"  1 2.340", b"   12|340", b"   12.3.0"])
def test_what_is_no_number_is_no_number_in_one_go_either(wrong: bytes) -> None:
    """Such a record is counted as dropped."""
    rows = [row for row in rows_at(at("10:00:00")) if row[0].symbol == "000001.SZ"]
    table = Table(sjshq(rows, at("10:00:00")))
    record = bytearray(table.records[1])
    record[table.columns["HQZRSP"][0]] = wrong

    with pytest.raises(ValueError, match="invalid literal"):
        table.numbers(bytes(record))


def test_a_point_in_a_quantity_is_no_number() -> None:
    """It is not taken out with the points of prices."""
    rows = [row for row in rows_at(at("10:00:00")) if row[0].symbol == "000001.SZ"]
    table = Table(sjshq(rows, at("10:00:00")))
    record = bytearray(table.records[1])
    record[table.columns["HQCJSL"][0]] = b"        1.20"

    with pytest.raises(ValueError, match="invalid literal"):
        table.numbers(bytes(record))
