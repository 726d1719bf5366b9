"""资金流水: what came into the account and what left it, by days."""

from datetime import date, timedelta

import msgspec
from flask import Blueprint, Response

from h5app.counter.model import CashEntry, DaySpan
from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.money import fen_text
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, wants_json
from h5app.trading.past import ROWS_MAX, CashMoves
from h5app.trading.ports import Prices
from h5app.trading.service import Trading
from h5app.trading.views_page import span_of_request

DAYS_SHOWN = timedelta(days=30)
"""So far back where nothing else is asked for."""
KINDS = {
    "deposit": "银行转入",
    "withdrawal": "转出到银行",
    "buy": "证券买入",
    "sell": "证券卖出",
    "fee": "交易费用",
    "purchase": "理财扣款",
    "repay": "归还垫付",
}


class CashEntryReply(msgspec.Struct, frozen=True):
    """One movement; `amount` is decimal text in yuan, positive where it came in."""

    entry_id: int
    on: date
    kind: str
    label: str
    amount: str
    counterparty: str
    memo: str


class CashReply(msgspec.Struct, frozen=True):
    """The newest movements of some days; the sums are of all of them: net = in + out."""

    first: date
    last: date
    came_in: str
    went_out: str
    net: str
    entries: list[CashEntryReply]


def add_routes(room: Blueprint, trading: Trading, prices: Prices) -> None:
    """Add the address of the movements."""

    @room.get("/cash")
    @operation(
        "资金流水,新的在前",
        reply=CashReply,
        query=(("first", "YYYY-MM-DD,默认 30 天前"), ("last", "YYYY-MM-DD,默认今天")),
        errors=(401, 403, 422),
    )
    @requires(Tier.STEPPED_UP)
    def cash() -> Response:
        today = prices.today()
        asked = span_of_request(prices)
        span = asked or DaySpan(first=today - DAYS_SHOWN, last=today)
        found = trading.past.cash(visitor().account, span)
        if wants_json():
            return json_reply(_reply(found, span))
        return render(
            "trading/cash.html",
            moves=found,
            rows=found.entries[:ROWS_MAX],
            rows_max=ROWS_MAX,
            kinds=KINDS,
            span=span,
            is_asked=asked is not None,
            today=today,
            is_private=True,
        )


def _reply(found: CashMoves, span: DaySpan) -> CashReply:
    return CashReply(
        first=span.first,
        last=span.last,
        came_in=fen_text(found.in_fen),
        went_out=fen_text(found.out_fen),
        net=fen_text(found.net_fen),
        entries=[_entry(entry) for entry in found.entries[:ROWS_MAX]],
    )


def _entry(entry: CashEntry) -> CashEntryReply:
    return CashEntryReply(
        entry_id=entry.entry_id,
        on=entry.on,
        kind=entry.kind,
        label=KINDS.get(entry.kind, entry.kind),
        amount=fen_text(entry.amount_fen),
        counterparty=entry.counterparty,
        memo=entry.memo,
    )
