"""What the calendar's pages share: what is said after a change, whether amounts are shown."""

from datetime import date
from urllib.parse import quote

from flask import request

from h5app.identity.gate import visitor
from h5app.identity.model import Tier
from h5app.wealth.customers import ledger_of
from h5app.wealth.model import Occurrence
from h5app.wealth.service import WealthCalendar

SAID = {
    "added": "已添加,到期前会提醒您",
    "changed": "已保存",
    "deleted": "已删除",
    "restored": "已恢复",
    "done": "已标记为完成,不再提醒",
    "skipped": "已跳过这一次",
    "snoozed": "好的,稍后再提醒您",
    "unmarked": "已撤销",
    "confirmed": "好的,到期前会提醒您",
    "dismissed": "已忽略,不会再出现",
    "wished": "设置已保存",
    "revoked": "订阅地址已停用",
    "taken": "已导入,发现的固定收支会显示在理财日历",
    "discarded": "已取消,没有导入任何内容",
    "removed": "已删除这次导入的流水",
    "relearned": "已保存,以您的修改为准",
}
"""What a page says after it was sent somewhere; the address carries the key only."""


def said() -> str:
    """Return the sentence about what was just done; empty when nothing was."""
    return SAID.get(request.args.get("said", ""), "")


def ledger() -> str:
    """Return what the visitor's streams are kept under: his account, else his own ledger."""
    return ledger_of(visitor().owner, visitor().account_id)


def is_open() -> bool:
    """Whether amounts are shown: the trade password was given a short while ago."""
    return visitor().tier >= Tier.STEPPED_UP


def step_up_href(path: str) -> str:
    """Return where amounts are opened, and the way back."""
    return f"/me/step-up?next={quote(path, safe='')}"


def entry_href(occurrence: Occurrence) -> str:
    """Return the page of an occurrence."""
    return f"/wealth/entries/{occurrence.ref}?on={occurrence.nominal_on.isoformat()}"


def unpublished_year(calendar: WealthCalendar, last: date) -> int | None:
    """Return the year up to `last` whose holidays are not announced yet."""
    return None if calendar.trading_days.is_published(last.year) else last.year
