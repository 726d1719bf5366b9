"""Rows of WeChat Pay's export, all generations: the same eleven names. Pure."""

import re

from h5app.wealth.bills.cell import fen_of, moment_of, order_of, text_of, words_of
from h5app.wealth.bills.layout import Cells
from h5app.wealth.bills.model import BillRow, Effect

_REFUNDED = re.compile(r"已退款[（(]?\s*[¥￥?]?\s*([\d,]+(?:\.\d+)?)")
_ALL_BACK = ("已全额退款", "对方已退还", "过期已退还")
_FAILED = ("失败", "已关闭", "已撤销")
_FAMILY_CARD = "亲属卡"
_REFUND = "退款"


def read_row(cells: Cells) -> BillRow:
    """Return one row; its key is that of its order number, direction and whether it refunds.

    Raises:
        Unreadable: Moment or amount cannot be read.
        BillResaved: The order number was rounded by a spreadsheet.
    """
    order_id = order_of(cells.get("交易单号"))
    kind = text_of(cells.get("交易类型"))
    direction = text_of(cells.get("收/支"))
    status = text_of(cells.get("当前状态"))
    amount_fen = fen_of(cells.get("金额(元)"))
    effect = _effect(direction, kind, status, text_of(cells.get("支付方式")), amount_fen)
    party, item = words_of(cells.get("交易对方")), words_of(cells.get("商品"))
    return BillRow(
        key=f"wechat|{order_id}|{direction}|{kind.endswith(_REFUND)}" if order_id else "",
        at=moment_of(cells.get("交易时间")),
        amount_fen=amount_fen,
        effect=effect,
        counterparty=party or (words_of(kind) if effect is not Effect.OUT else item),
        item=" ".join(filter(None, (item, words_of(kind)))),
        method=words_of(cells.get("支付方式")),
        status=words_of(status),
        order_id=order_id,
        refunded_fen=_refunded(status, amount_fen) if effect is Effect.OUT else 0,
    )


def _effect(direction: str, kind: str, status: str, method: str, amount_fen: int) -> Effect:
    if amount_fen == 0 or any(word in status for word in _FAILED):
        return Effect.NOTHING
    if direction == "收入":
        return Effect.REFUND if _REFUND in kind else Effect.IN
    if direction == "支出":
        return Effect.NOTHING if method.startswith(_FAMILY_CARD) else Effect.OUT
    return _neutral(kind)


def _neutral(kind: str) -> Effect:
    """Return what 中性交易 does: most are moves between own pockets."""
    if "还款" in kind:
        return Effect.REPAY
    if kind.startswith("购买"):
        return Effect.INVEST
    known = ("零钱", "提现", "充值", "转入", "转出")
    return Effect.MOVE if any(word in kind for word in known) else Effect.REVIEW


def _refunded(status: str, amount_fen: int) -> int:
    if any(word in status for word in _ALL_BACK):
        return amount_fen
    found = _REFUNDED.search(status)
    return min(amount_fen, fen_of(found[1])) if found else 0
