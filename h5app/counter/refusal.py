"""What the counter refuses, in the words of the trading floor."""

from h5app.kernel.error import AppError


class CounterRefusal(AppError):
    """The counter said no: nothing was stored and nothing was frozen."""

    code = "counter.refused"
    status = 422
    sentence = "柜台没有接受,请核对后重试"


class NoSuchAccount(CounterRefusal):
    """There is no such fund account, or it is closed."""

    code = "counter.no_such_account"
    status = 404
    sentence = "没有这个资金账号,请核对后重新输入"


class AccountDiffers(CounterRefusal):
    """The fund account exists with another holder."""

    code = "counter.account_differs"
    status = 409
    sentence = "这个资金账号已经开立,且开户资料不同"


class NoSuchOrder(CounterRefusal):
    """This account has no such order."""

    code = "counter.no_such_order"
    status = 404
    sentence = "没有这笔委托,请在当日委托中核对"


class NoSuchSecurity(CounterRefusal):
    """There is no such security, or it cannot be traded."""

    code = "counter.no_such_security"
    sentence = "没有这个证券,或该证券不可交易,请核对代码"


class Suspended(CounterRefusal):
    """The security is suspended."""

    code = "counter.suspended"
    sentence = "该证券停牌,暂时不能委托,请复牌后再下单"


class KindNotOffered(CounterRefusal):
    """The exchange has no such kind of order for this security."""

    code = "counter.kind_not_offered"
    sentence = "该证券不支持这种委托方式,请改用限价委托"


class SessionClosed(CounterRefusal):
    """No order of this kind is taken in this part of the day."""

    code = "counter.session_closed"
    sentence = "当前时段不可委托,请在交易时段下单"


class CancelClosed(CounterRefusal):
    """No cancel is taken in this part of the day."""

    code = "counter.cancel_closed"
    sentence = "当前时段不可撤单,请在可撤单时段重试"


class CancelNotPossible(CounterRefusal):
    """The order is in a state that takes no cancel."""

    code = "counter.cancel_not_possible"
    status = 409
    sentence = "这笔委托当前状态不可撤单,请刷新后查看结果"


class NoPrice(CounterRefusal):
    """There is no quote and no reference to judge a price by."""

    code = "counter.no_price"
    sentence = "该证券暂无行情,无法核对委托价格,请稍后再试"


class PriceNeeded(CounterRefusal):
    """A market order must carry a protection price here."""

    code = "counter.price_needed"
    sentence = "市价委托须填写保护价格,请填写后重新下单"


class OffTick(CounterRefusal):
    """The price is no multiple of the price step."""

    code = "counter.off_tick"
    sentence = "价格不符合最小变动单位,请调整价格"


class PriceTooHigh(CounterRefusal):
    """The price reaches the exchange's ceiling."""

    code = "counter.price_too_high"
    sentence = "委托价格超过交易所允许的最高价格,请调整价格"


class BeyondLimit(CounterRefusal):
    """The price is beyond the daily limit."""

    code = "counter.beyond_limit"
    sentence = "委托价格超过涨跌停限制,请调整价格"


class BeyondCage(CounterRefusal):
    """The price is beyond the range that the exchange takes in the continuous phase."""

    code = "counter.beyond_cage"
    sentence = "超出有效申报价格范围,请调整价格"


class NotALotMultiple(CounterRefusal):
    """The quantity is no multiple of the lot."""

    code = "counter.not_a_lot_multiple"
    sentence = "委托数量必须为100股的整数倍"


class BelowMinimum(CounterRefusal):
    """The quantity is below the least of one order."""

    code = "counter.below_minimum"
    sentence = "委托数量低于单笔最小数量"


class OddLotWhole(CounterRefusal):
    """An odd remainder is sold in one order."""

    code = "counter.odd_lot_whole"
    sentence = "零股须一次性卖出"


class AboveMaximum(CounterRefusal):
    """The quantity is above the most of one order."""

    code = "counter.above_maximum"
    sentence = "超过单笔最大委托数量,请分笔下单"


class AboveDayMaximum(CounterRefusal):
    """More of a stock under a risk warning than one investor may buy in a day."""

    code = "counter.above_day_maximum"
    sentence = "超过风险警示股票单日买入数量上限"


class PermissionMissing(CounterRefusal):
    """The account has no permission for this board."""

    code = "counter.permission_missing"
    sentence = "您未开通该板块的交易权限,请先开通"


class RiskMismatch(CounterRefusal):
    """The security is riskier than the customer was found fit for."""

    code = "counter.risk_mismatch"
    sentence = "风险等级不匹配,请重新做风险测评或选择其他证券"


class NotEnoughCash(CounterRefusal):
    """The available cash does not cover amount and fees."""

    code = "counter.not_enough_cash"
    sentence = "可用资金不足"


class NotEnoughSellable(CounterRefusal):
    """More than is sellable today."""

    code = "counter.not_enough_sellable"
    sentence = "可卖数量不足(当日买入次日可卖)"


class NotWithdrawable(CounterRefusal):
    """More than may leave today; the proceeds of today's sales leave on the next trading day."""

    code = "counter.not_withdrawable"
    sentence = "可取资金不足,当日卖出所得下一交易日可取"


class BadAmount(CounterRefusal):
    """The amount is not positive, or beyond every limit."""

    code = "counter.bad_amount"
    sentence = "金额或数量须大于零且在允许范围内"


class KeyReused(CounterRefusal):
    """The same key was used for another movement."""

    code = "counter.key_reused"
    status = 409
    sentence = "同一流水号已用于另一笔资金变动,请勿重复提交"
