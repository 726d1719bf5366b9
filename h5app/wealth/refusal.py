"""What the calendar refuses, with the sentence that the customer reads."""

from h5app.kernel.error import AppError


class EntryNotFound(AppError):
    """The customer has no such entry."""

    code = "wealth.entry_not_found"
    status = 404
    sentence = "没有找到这条日程,请回到理财日历查看"


class BadEntry(AppError):
    """A field of an own entry is missing or out of range; the text says which."""

    code = "wealth.bad_entry"
    status = 422
    sentence = "日程内容不完整,请检查后重新保存"


class BadMonth(AppError):
    """The text is not a month that can be shown."""

    code = "wealth.bad_month"
    status = 422
    sentence = "月份不正确,请按 2026-11 的格式填写"


class TooManyEntries(AppError):
    """The customer keeps as many own entries as are allowed."""

    code = "wealth.too_many_entries"
    status = 409
    sentence = "日程数量已达上限,请先删除不需要的日程"


class BadMark(AppError):
    """There is no such word on an occurrence, or no such occurrence."""

    code = "wealth.bad_mark"
    status = 422
    sentence = "这项操作不适用于这条日程,请刷新后重试"


class FeedNotFound(AppError):
    """The token of a calendar link is unknown or was replaced."""

    code = "wealth.feed_not_found"
    status = 404
    sentence = "这个日历订阅地址已失效,请在理财日历中重新生成"


class CashFlowsSilent(AppError):
    """The source of cash flows gave no answer; what was learned before stands."""

    code = "wealth.cash_flows_silent"
    status = 503
    sentence = "暂时取不到资金流水,日历按上次的结果显示,稍后会自动更新"


class BadAccountLine(AppError):
    """A line given to `predict` is no account; the text says which line and what is wrong."""

    code = "wealth.bad_account_line"
    status = 422
    sentence = "输入里有一行不是账户,请每行给出一个账户的 JSON"
