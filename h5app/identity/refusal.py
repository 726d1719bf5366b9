"""What identity refuses, with the sentence that the customer reads."""

from h5app.identity.model import SignInRequired
from h5app.kernel.error import AppError


class BadFundAccount(AppError):
    """What was typed cannot be a fund account."""

    code = "identity.bad_fund_account"
    status = 422
    sentence = "资金账号是 6 到 20 位数字,请检查后重新输入"


class PasswordMissing(AppError):
    """No trade password, or one that no counter would take."""

    code = "identity.password_missing"
    status = 422
    sentence = "请输入交易密码"


class WrongPassword(AppError):
    """The account does not exist or the password is not its own: one answer for both."""

    code = "identity.wrong_password"
    status = 401
    sentence = "资金账号或交易密码不正确,请检查后重新输入"


class Locked(AppError):
    """Too many wrong passwords; the details say until when."""

    code = "identity.locked"
    status = 429
    sentence = "密码连续输错次数过多,暂时不能再试"


class CodeRequired(AppError):
    """A one-time code was sent and is expected with the next try."""

    code = "identity.code_required"
    status = 401
    sentence = "验证码已发送,请输入短信中的验证码"


class CodeWrong(AppError):
    """The one-time code is not the one that was sent."""

    code = "identity.code_wrong"
    status = 401
    sentence = "验证码不正确,请核对短信后重新输入"


class CodeExpired(AppError):
    """There is no valid one-time code any more: too old, used, or tried too often."""

    code = "identity.code_expired"
    status = 401
    sentence = "验证码已失效,请点「重新获取验证码」"


class CodesTooOften(AppError):
    """The account was sent as many codes as a day allows."""

    code = "identity.codes_too_often"
    status = 429
    sentence = "今天获取验证码的次数已用完,请明天再试,或致电客服"


class NoPhone(AppError):
    """The counter knows no phone for the account, so no code can be sent."""

    code = "identity.no_phone"
    status = 403
    sentence = "资金账号没有预留手机号,请先致电客服或到营业部登记"


class NoticeNotAccepted(AppError):
    """The risk notice was not accepted, or an older wording of it."""

    code = "identity.notice_not_accepted"
    status = 422
    sentence = "请先阅读风险揭示并勾选同意"


class BindingNeedsWeChat(AppError):
    """There is no openid to bind: the page was opened outside of WeChat."""

    code = "identity.binding_needs_wechat"
    status = 403
    sentence = "绑定微信请在微信里从公众号菜单打开;浏览器中直接登录即可"


class BoundToAnother(AppError):
    """The openid is bound to another fund account."""

    code = "identity.bound_to_another"
    status = 409
    sentence = "当前微信已绑定其他资金账号,请先在「我的 - 绑定」中解除"


class NothingBound(AppError):
    """There is no binding that could be undone."""

    code = "identity.nothing_bound"
    status = 409
    sentence = "没有需要解除的绑定,请返回「我的」查看"


class SnapshotUser(AppError):
    """WeChat gave a virtual user of its snapshot page, who is nobody."""

    code = "identity.snapshot_user"
    status = 403
    sentence = "当前是微信的快照页,请点页面右下角「使用完整服务」后再操作"


class SessionNotFound(AppError):
    """The customer has no such session or device."""

    code = "identity.session_not_found"
    status = 404
    sentence = "没有找到这个登录或设备,可能已经退出,请刷新列表"


class SessionOver(SignInRequired):
    """The session ended while the request was on its way."""

    code = "identity.session_over"
    sentence = "登录已过期,请重新登录"
