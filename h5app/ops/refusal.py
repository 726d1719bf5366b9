"""What the console refuses, with the sentence that staff read."""

from h5app.kernel.error import AppError


class OperatorRequired(AppError):
    """Nobody of the staff is signed in here."""

    code = "ops.sign_in_required"
    status = 401
    sentence = "请先登录运维台"


class WrongCredentials(AppError):
    """Name, password or dynamic code is wrong: one answer for all."""

    code = "ops.wrong_credentials"
    status = 401
    sentence = "账号、密码或动态码不正确,请检查后重新输入"


class OperatorLocked(AppError):
    """Too many wrong tries from here."""

    code = "ops.locked"
    status = 429
    sentence = "输错次数过多,请 15 分钟后再试,或由其他运维人员解锁"


class WeakPassword(AppError):
    """The password of an operator is too short, or too simple."""

    code = "ops.weak_password"
    status = 422
    sentence = "密码至少 12 个字符,且不能包含账号名或是单个字符的重复"


class BadOperatorName(AppError):
    """The name cannot be that of an operator."""

    code = "ops.bad_name"
    status = 422
    sentence = "账号名是 2 到 32 个小写字母、数字或 . _ -,请换一个"


class OperatorExists(AppError):
    """There is an operator of that name."""

    code = "ops.operator_exists"
    status = 409
    sentence = "已有这个运维账号,请换一个名字"


class OperatorUnknown(AppError):
    """There is no operator of that name."""

    code = "ops.operator_unknown"
    status = 404
    sentence = "没有这个运维账号,请检查名字"
