"""What trading itself refuses, with the sentence that the customer reads."""

from h5app.kernel.error import AppError


class BadClientOrderId(AppError):
    """The mark of the ticket is missing or not of its form."""

    code = "trading.bad_client_order_id"
    status = 422
    sentence = "委托标识不正确,请重新打开交易页面"


class BadSymbol(AppError):
    """No such security, or one that cannot be traded."""

    code = "trading.bad_symbol"
    status = 422
    sentence = "没有这个可交易的证券代码,请检查后重新输入,例如 600519.SH"


class BadSide(AppError):
    """The side is neither buy nor sell."""

    code = "trading.bad_side"
    status = 422
    sentence = "买卖方向不正确,请选择买入或卖出"


class BadKind(AppError):
    """There is no such kind of order."""

    code = "trading.bad_kind"
    status = 422
    sentence = "没有这种委托方式,请选择限价委托或页面上列出的市价委托"


class BadPrice(AppError):
    """The price is not a positive decimal text."""

    code = "trading.bad_price"
    status = 422
    sentence = "委托价格不正确,请输入大于 0 的数字,例如 10.25"


class BadQuantity(AppError):
    """The quantity is not a positive whole number."""

    code = "trading.bad_quantity"
    status = 422
    sentence = "委托数量不正确,请输入大于 0 的整数,例如 100"


class MalformedOrder(AppError):
    """The body cannot be read as one order."""

    code = "trading.malformed_order"
    status = 400
    sentence = "委托内容无法识别,没有提交任何委托,请从交易页面重新下单"


class OrderConflict(AppError):
    """The same client_order_id came with another content; the first order stands alone."""

    code = "trading.order_conflict"
    status = 409
    sentence = "这张委托单已经提交过别的内容,没有再次提交;请打开新的交易页面下单"


class OrderNotFound(AppError):
    """The customer has no such order."""

    code = "trading.order_not_found"
    status = 404
    sentence = "没有找到这笔委托,请在当日委托中查看"


class TicketNotFound(AppError):
    """The ticket is unknown or was kept too long."""

    code = "trading.ticket_not_found"
    status = 404
    sentence = "这张委托单已失效,请重新填写"


class OrderNotReported(AppError):
    """The counter has no such order yet, so that there is nothing to take back."""

    code = "trading.order_not_reported"
    status = 409
    sentence = "这笔委托还没有柜台结果,暂不能撤单,请稍后刷新再试"


class OutcomeUnknown(AppError):
    """The wish was written down, what became of it could not be learned or stored."""

    code = "trading.outcome_unknown"
    status = 503
    sentence = "委托结果未知,请勿重复提交,请稍后在当日委托中查看结果"


class BadDay(AppError):
    """The text is not a day that may be looked at."""

    code = "trading.bad_day"
    status = 422
    sentence = "日期不正确,请按 2026-11-24 的格式填写"


class NeverArrived(AppError):
    """The counter said twice, after the settle time, that it has no such order."""

    code = "trading.never_arrived"
    status = 422
    sentence = "委托没有送达柜台,未生效,没有冻结资金;如仍需要请重新下单"


class BadSpan(AppError):
    """The days asked for cannot be read, stand the wrong way round, or are too many."""

    code = "trading.bad_span"
    status = 422
    sentence = "日期范围不正确,请选择一年以内的起止日期,起始日不能晚于截止日"


class BadMonth(AppError):
    """The text is not a month that may be looked at."""

    code = "trading.bad_month"
    status = 422
    sentence = "月份不正确,请按 2026-11 的格式填写,不能是以后的月份"
