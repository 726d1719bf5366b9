"""Real recorded days: a folder of files comes in and is played under the rules of its day."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from h5app.market.feeds.replay import ReplayFeed
from h5app.market.feeds.replay_days import Records, ReplayNotReady, Source
from h5app.market.importers.commands import ImportDesk
from h5app.market.importers.replay import import_for_replay
from h5app.market.quality import Door
from h5app.market.store import MarketStore
from tests.market.rule_samples import book
from tests.market.sample_market import at

if TYPE_CHECKING:
    from h5app.market.importers.replay import ReplayImport
    from h5app.plumbing.db import Database

TICK_DAY, STAR_DAY, SNAPSHOT_DAY = date(2019, 2, 1), date(2021, 4, 26), date(2026, 8, 12)


class Folder:
    """A folder of recorded files, cut to what a test needs, and where it is brought in."""

    def __init__(self, source: Path, folder: Path, database: Database) -> None:
        self._source = source / "data" / "market"
        self.path = folder / "files"
        self.path.mkdir()
        self._home = folder / "home"
        self._database = database

    def take(self, name: str, *words: str) -> None:
        """Copy a file; with words only its head and the lines that hold one of them."""
        if not words:
            shutil.copy(self._source / name, self.path / name)
            return
        head, *lines = (self._source / name).read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if any(word in line for word in words)]
        (self.path / name).write_text(head + "".join(kept), encoding="utf-8")

    def desk(self, day: date) -> ImportDesk:
        """Where the files go."""
        return ImportDesk(self._home, MarketStore(self._database), book().on(day))

    def bring_in(self, day: date) -> ReplayImport:
        """Import the folder for a day."""
        return import_for_replay(self.path, day, self.desk(day), book())

    def feed(self, day: date) -> ReplayFeed:
        """The day, opened with the instruments that were stored."""
        desk = self.desk(day)
        records = Records(desk.files, desk.recorded, book(), desk.store.actions())
        feed = ReplayFeed(records, book(), day)
        feed.open(desk.store.instruments(), day)
        return feed


@pytest.fixture
def folder(shared_dir: Path, tmp_path: Path, sqlite_database: Database) -> Folder:
    """An empty folder beside the recorded material."""
    return Folder(shared_dir, tmp_path, sqlite_database)


def _play(folder: Folder, day: date) -> Door:
    """Walk through a day in half minutes; return the door that every quote passed."""
    feed, door = folder.feed(day), Door(book())
    door.start(folder.desk(day).store.instruments(), day)
    moment = at("09:15:00", day)
    while moment <= at("15:31:00", day):
        list(door.admit(feed.read(moment).quotes))
        moment += timedelta(seconds=30)
    return door


def test_prints_of_2019_are_played(folder: Folder) -> None:
    """Three stocks print by print, the previous close from the minutes of the day before."""
    folder.take("ticks_20190201_20190211.csv", "2019-02-01")
    folder.take("intraday_line_201812_201901.csv", "2019-01-31")
    folder.take("instruments.csv", "600000,", "000001,", "000004,", "688001,")
    brought = folder.bring_in(TICK_DAY)

    assert brought.plan.of(Source.PRINTS) == ["000001.SZ", "000004.SZ", "600000.SH"]
    feed = folder.feed(TICK_DAY)
    quote, end = (feed.quote("600000.SH", at(text, TICK_DAY)) for text in ("09:29:30", "15:00:30"))
    assert quote is not None
    assert end is not None
    assert (quote.last_milli, quote.volume_shares) == (10_820, 536_800)
    assert quote.limit_up_milli is not None
    assert quote.limit_up_milli == (quote.previous_close_milli * 11 // 10 + 5) // 10 * 10
    assert end.volume_shares == 19_119_300
    assert folder.desk(TICK_DAY).store.instruments()[-1].short_name == "浦发银行"
    assert dict(_play(folder, TICK_DAY).flaws) == {}


def test_minutes_of_a_star_stock_are_played(folder: Folder) -> None:
    """The second recorded day has a previous close, the first has none; 20 % on STAR."""
    folder.take("minute_1m_688001.csv")
    folder.take("instruments.csv", "688001")
    with pytest.raises(ReplayNotReady, match="2021-04-26"):
        folder.bring_in(date(2021, 4, 23))
    plan = folder.bring_in(STAR_DAY).plan

    assert plan.of(Source.MINUTES) == ["688001.SH"]
    quote = folder.feed(STAR_DAY).quote("688001.SH", at("10:00:00", STAR_DAY))
    assert quote is not None
    assert (quote.previous_close_milli, quote.limit_up_milli) == (35_650, 42_780)
    assert dict(_play(folder, STAR_DAY).flaws) == {}


def test_a_closing_snapshot_of_2026_is_played(folder: Folder) -> None:
    """Names of that day with their risk warnings; 10 % for ST since 2026-07-06."""
    folder.take("snapshot_main_board_2026_08.csv", "000001.SZ", "000002.SZ", "*ST", "XD")
    folder.take("instruments.csv", "000001,", "000002,", "600115,")
    plan = folder.bring_in(SNAPSHOT_DAY).plan
    stored = {one.symbol: one for one in folder.desk(SNAPSHOT_DAY).store.instruments()}

    assert len(plan.of(Source.CLOSE)) > 50
    assert stored["000002.SZ"].short_name == "万科A"
    warned = [one for one in stored.values() if one.is_st]
    assert warned
    assert all("ST" in one.short_name for one in warned)
    assert dict(_play(folder, SNAPSHOT_DAY).flaws) == {}


def test_bringing_in_twice_changes_nothing(folder: Folder) -> None:
    """The second start of a replay reads no file again; one that was touched stores nothing new."""
    folder.take("minute_1m_688001.csv")
    folder.take("ex_events_2019_2020.csv")
    folder.take("trading_days_1990_2026.csv")
    first = folder.bring_in(STAR_DAY)
    again = folder.bring_in(STAR_DAY)
    (folder.path / "minute_1m_688001.csv").touch()
    touched = folder.bring_in(STAR_DAY)

    assert len(first.reports) == 3
    assert again.reports == ()
    assert [report.stored for report in touched.reports] == [0]
    assert again.plan == first.plan == touched.plan


def test_nobody_knew_of_what_came_later(folder: Folder) -> None:
    """Ex days more than two weeks ahead of the day are left out."""
    folder.take("minute_1m_688001.csv")
    folder.take("ex_events_2019_2020.csv")
    folder.take("ticks_20190201_20190211.csv", "600000.SH,2019-02-01")
    folder.take("intraday_line_201812_201901.csv", "600000.SH,2019-01-31")
    folder.bring_in(TICK_DAY)

    assert folder.desk(TICK_DAY).store.actions() == []


def test_a_risk_warning_of_today_says_nothing_of_then(folder: Folder) -> None:
    """A list of 2026 calls a stock *ST; in 2019, without a word from that day, it is none."""
    folder.take("ticks_20190201_20190211.csv", "000004.SZ,2019-02-01")
    folder.take("intraday_line_201812_201901.csv", "000004.SZ,2019-01-31")
    (folder.path / "instruments.csv").write_text(
        "code,exchange,name,board,list_date\n000004,SZSE,*ST国华,MAIN,1990-12-01\n", "utf-8"
    )
    folder.bring_in(TICK_DAY)
    (instrument,) = folder.desk(TICK_DAY).store.instruments()

    assert (instrument.short_name, instrument.is_st, instrument.pinyin) == ("国华", False, "GH")


def test_without_a_folder_what_was_imported_is_played(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The import command filled the records; nothing around the working folder is read."""
    folder.take("minute_1m_688001.csv")
    folder.bring_in(STAR_DAY)
    monkeypatch.chdir(folder.path)
    (folder.path / "ticks_torn.csv").write_text("not a table", "utf-8")
    brought = import_for_replay(Path(), STAR_DAY, folder.desk(STAR_DAY), book())

    assert brought.reports == ()
    assert brought.plan.of(Source.MINUTES) == ["688001.SH"]


@pytest.mark.parametrize("day", [date(2019, 2, 2), date(2019, 2, 4)])
def test_a_holiday_cannot_be_replayed(folder: Folder, day: date) -> None:
    """A weekend, or Spring Festival: another day is asked for."""
    with pytest.raises(ReplayNotReady, match="不是交易日"):
        folder.bring_in(day)


def test_a_folder_that_is_not_there_is_said(folder: Folder) -> None:
    """With the setting that names it."""
    folder.path.rmdir()
    with pytest.raises(ReplayNotReady, match="H5APP_REPLAY_DIR"):
        folder.bring_in(TICK_DAY)


def test_a_moment_of_a_recorded_day_is_the_same_for_everybody(folder: Folder) -> None:
    """Two feeds over the same records tell the same quotes, whatever they were asked before."""
    folder.take("minute_1m_688001.csv")
    folder.bring_in(STAR_DAY)
    one, other = folder.feed(STAR_DAY), folder.feed(STAR_DAY)
    one.read(at("14:00:00", STAR_DAY))
    moment = datetime.fromisoformat("2021-04-26T10:17:33+08:00")

    assert one.quote("688001.SH", moment) == other.quote("688001.SH", moment)
