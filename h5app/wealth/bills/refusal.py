"""What is refused of a bill file, with the sentence that the customer reads; nothing is kept."""

from h5app.kernel.error import AppError


class NotABill(AppError):
    """Neither WeChat Pay's nor Alipay's export, or an empty file."""

    code = "wealth.not_a_bill"
    status = 422
    sentence = "没有认出这个文件,请上传微信支付或支付宝导出的账单(CSV、XLSX 或 ZIP)"


class BillTooLarge(AppError):
    """More bytes or rows than are taken, before or after unpacking."""

    code = "wealth.bill_too_large"
    status = 413
    sentence = "文件太大(压缩包最大 6 MB,最多 5 万笔),请按较短的时间段分次导出"


class BillDamaged(AppError):
    """The container cannot be read to its end."""

    code = "wealth.bill_damaged"
    status = 422
    sentence = "文件已损坏或没有下载完整,请重新下载后再上传"


class BillTruncated(AppError):
    """Fewer rows than the file itself states; the text says how many."""

    code = "wealth.bill_truncated"
    status = 422
    sentence = "文件不完整,请重新下载后再上传"


class BillEncodingUnknown(AppError):
    """Neither UTF-8 nor GB18030."""

    code = "wealth.bill_encoding_unknown"
    status = 422
    sentence = "文件的文字编码无法识别,请直接上传导出的原文件,不要另存"


class BillResaved(AppError):
    """A spreadsheet turned the order numbers into 4.2E+27: rows can no longer be told apart."""

    code = "wealth.bill_resaved"
    status = 422
    sentence = "这个文件被表格软件另存过,交易单号已经损坏,请上传导出的原文件"


class BillForeign(AppError):
    """Amounts of another currency than yuan."""

    code = "wealth.bill_foreign"
    status = 422
    sentence = "文件里有人民币以外的金额,暂时只支持人民币账单,没有导入任何内容"


class BillLocked(AppError):
    """The archive wants a password and none was given."""

    code = "wealth.bill_locked"
    status = 422
    sentence = "压缩包有密码:请填写微信支付或支付宝消息里的 6 位解压密码后重新上传"


class BillPasswordWrong(AppError):
    """The password does not open the archive."""

    code = "wealth.bill_password_wrong"
    status = 422
    sentence = "解压密码不正确,请核对微信支付或支付宝消息里的 6 位数字"


class BillDraftGone(AppError):
    """The preview was replaced, imported already, or is too old."""

    code = "wealth.bill_draft_gone"
    status = 409
    sentence = "这次预览已失效,请重新上传文件;已导入的流水不受影响"


class TooManyBillRows(AppError):
    """The customer keeps as many bill rows as are allowed."""

    code = "wealth.too_many_bill_rows"
    status = 409
    sentence = "导入的流水已达上限,请先删除较早的导入"
