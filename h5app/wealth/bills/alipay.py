"""Rows of Alipay's exports: of the app (two generations), of the web, and the fund ledger. Pure."""

from h5app.wealth.bills.cell import (
    Cell,
    Unreadable,
    fen_of,
    moment_of,
    order_of,
    text_of,
    words_of,
)
from h5app.wealth.bills.layout import Cells
from h5app.wealth.bills.model import BillRow, Effect

_CLOSED = {"交易关闭", "已关闭"}
_NOT_DONE = ("失败", "等待付款", "待付款")
_HOLDS = ("冻结", "免押", "信用服务使用")
_REFUND_ITEM = "退款-"
_REPAYS = ("还款",)
_BUYS = ("-买入", "-定投")
_INTEREST = "收益发放"
"""The fund's daily fen: income, but nothing that comes due."""
_MOVES = (
    *("转入", "转出", "提现", "充值", _INTEREST, "小荷包", "卖出", "赎回", "余额宝-"),
    *("自动攒", "笔笔攒"),
)


def read_app_row(cells: Cells) -> BillRow:
    """Return a row of the app's export.

    Raises:
        Unreadable: Moment or amount cannot be read.
        BillResaved: The order number was rounded by a spreadsheet.
    """
    status, item = text_of(cells.get("交易状态")), text_of(cells.get("商品说明"))
    is_refund = (
        status == "退款成功"
        or text_of(cells.get("交易分类")) == "退款"
        or item.startswith(_REFUND_ITEM)
    )
    method = text_of(cells.get("收/付款方式"))
    amount_fen = fen_of(cells.get("金额"))
    effect = Effect.REFUND
    if not is_refund:
        effect = _effect(text_of(cells.get("收/支")), status, item, method)
    order_id = order_of(cells.get("交易订单号"))
    return _row(
        order_id,
        Effect.NOTHING if amount_fen == 0 else effect,
        amount_fen,
        at=cells.get("交易时间"),
        words=(cells.get("交易对方"), item, method, status),
    )


def _effect(direction: str, status: str, item: str, method: str) -> Effect:
    if any(word in status for word in _NOT_DONE) or any(word in status for word in _HOLDS):
        return Effect.NOTHING
    if status in _CLOSED and not (direction == "支出" and method):
        return Effect.NOTHING  # Never paid: whoever paid and was refunded has a way of payment.
    if direction == "支出":
        return Effect.REPAY if "还款" in status or "花呗主动还款" in item else Effect.OUT
    if direction == "收入":
        return Effect.IN
    return _neutral(f"{status} {item}")


def _neutral(words: str) -> Effect:
    """Return what 不计收支 does; what is not known stays to be reviewed, its sign never guessed."""
    for effect, signs in (
        (Effect.REPAY, _REPAYS),
        (Effect.REFUND, ("买入退款",)),
        (Effect.INVEST, _BUYS),
        (Effect.MOVE, _MOVES),
        (Effect.NOTHING, _HOLDS),
    ):
        if any(sign in words for sign in signs):
            return effect
    return Effect.REVIEW


def read_web_row(cells: Cells) -> BillRow:
    """Return a row of the web's export: 资金状态 says what happened, not 收/支.

    Raises:
        Unreadable: Moment or amount cannot be read.
        BillResaved: The order number was rounded by a spreadsheet.
    """
    status, item = text_of(cells.get("交易状态")), text_of(cells.get("商品名称"))
    amount_fen, fund_state = fen_of(cells.get("金额(元)")), text_of(cells.get("资金状态"))
    effect = {"已支出": Effect.OUT, "已收入": Effect.IN}.get(fund_state, Effect.NOTHING)
    if fund_state == "资金转移":
        effect = _neutral(f"{status} {item}")
    elif status == "退款成功" or item.startswith(_REFUND_ITEM):
        effect = Effect.REFUND
    elif _INTEREST in item:
        effect = Effect.MOVE
    paid_at = cells.get("付款时间")
    return _row(
        order_of(cells.get("交易号")),
        Effect.NOTHING if amount_fen == 0 else effect,
        amount_fen,
        at=paid_at if text_of(paid_at) else cells.get("交易创建时间"),
        words=(cells.get("交易对方"), item, "", status),
    )


def read_ledger_row(cells: Cells) -> BillRow:
    """Return a row of the fund ledger: two columns of amounts, one of them 0.

    Raises:
        Unreadable: Moment or amounts cannot be read.
        BillResaved: The running number was rounded by a spreadsheet.
    """
    came, went = _part(cells.get("收入金额(+元)")), _part(cells.get("支出金额(-元)"))
    kind = text_of(cells.get("业务类型"))
    if "退款" in kind:
        effect = Effect.REFUND
    elif any(word in kind for word in ("提现", "充值", "转账到银行卡")):
        effect = Effect.MOVE
    else:
        effect = Effect.IN if came else Effect.OUT if went else Effect.NOTHING
    return _row(
        order_of(cells.get("账务流水号")),
        effect,
        came or went,
        at=cells.get("发生时间"),
        words=(cells.get("对方账号"), text_of(cells.get("商品名称")), "", kind),
    )


def _part(cell: Cell) -> int:
    """Return the amount of one of two columns; a minus sign says again what the column says."""
    text = text_of(cell).lstrip("-+")
    return fen_of(text) if text else 0


def _row(
    order_id: str,
    effect: Effect,
    amount_fen: int,
    *,
    at: Cell,
    words: tuple[Cell, str, str, str],
) -> BillRow:
    party, item, method, status = words
    is_refund = effect is Effect.REFUND
    if at is None:
        raise Unreadable
    return BillRow(
        key=f"alipay|{order_id}|{is_refund}" if order_id else "",
        at=moment_of(at),
        amount_fen=amount_fen,
        effect=effect,
        counterparty=words_of(party) or words_of(item),
        item=words_of(item),
        method=words_of(method),
        status=words_of(status),
        order_id=order_id,
    )
