"""Bill files as WeChat Pay and Alipay export them, made of rows; all names are invented."""

# ruff: noqa: E501 - rows stand here as they are exported

import base64
import csv
import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pyzipper

Rows = Sequence[Sequence[object]]

WECHAT_HEADER = (
    "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
)
WECHAT_ROWS: Rows = (
    ("2025-01-31 19:20:11", "商户消费", "晴川便利店", "牛奶,面包", "支出", "¥23.50", "零钱",
     "支付成功", "4200001111202501310000000001\t", "QC20250131001\t", "/"),
    ("2025-01-28 10:02:45", "转账", "林小满", "转账备注:房租分摊", "支出", "¥800.00", "工商银行(0001)",
     "对方已收钱", "1000050001202501280000000002\t", "1000050001202501281111111112\t", "/"),
    ("2025-01-13 09:05:00", "星野书店-退款", "星野书店", "订单0112", "收入", "¥12.00", "零钱",
     "已退款¥12.00", "5030001111202501130000000003\t", "XY0112R1\t", "/"),
    ("2025-01-12 21:40:02", "商户消费", "星野书店", "订单0112", "支出", "¥45.00", "零钱",
     "已退款(¥12.00)", "4200001111202501120000000004\t", "XY0112\t", "/"),
    ("2025-01-05 12:00:00", "零钱提现", "工商银行(0001)", "/", "/", "¥500.50", "工商银行(0001)",
     "提现已到账", "2072501050000000000000000005\t", "/\t", "服务费¥0.50"),
)  # fmt: skip
WECHAT_TOTALS = ("收入：1笔 12.00元", "支出：3笔 868.50元", "中性交易：1笔 500.50元")
TYPED_ROWS: Rows = (
    (46326.80568287037, "商户消费", "晴川便利店", "晚餐", "支出", 28.4, "零钱通", "支付成功",
     "4200002222202610310000000001", "QC1031", "/"),
    (46323.41857638889, "亲属卡交易", "阿岩", "亲属卡", "支出", 80, "工商银行储蓄卡(0001)", "支付成功",
     "4200002222202610280000000002", "QS1028", "/"),
    (46315.34409722222, "微信红包", "林小满", "/", "收入", 66, "/", "已存入零钱",
     "1000039501202610200000000003", "1000039501202610201111111113", "/"),
    (46307.90280092593, "信用卡还款", "工商银行信用卡还款", "/", "/", 1000, "零钱", "支付成功",
     "4200002222202610120000000004", "XYK1012", "/"),
)  # fmt: skip
TYPED_TOTALS = ("收入：1笔 66.00元", "支出：2笔 108.40元", "中性交易：1笔 1000.00元")
APP_HEADER = "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,"
APP_ROWS = """\
2026-10-31 09:12:40,退款,远山户外旗舰店,yua***@example.com,退款-雨衣 蓝色,不计收支,42.80,花呗,退款成功,2026103022001400000000000001_3001\t,T3001\t,,
2026-10-30 18:31:05,日用百货,远山户外旗舰店,yua***@example.com,雨衣 蓝色,支出,42.80,花呗,交易关闭,2026103022001400000000000001\t,T3001\t,,
2026-10-28 12:02:11,亲友代付,小满面馆,/,亲情卡,支出,15.00,工商银行储蓄卡(0001),交易成功,2026102822001400000000000002\t,T3002\t,,
2026-10-20 10:00:00,信用借还,花呗,/,花呗主动还款-2026年10月账单,不计收支,123.00,余额宝,还款成功,2026102029020000000000000003\t,\t,,
2026-10-18 21:45:00,转账红包,林小满,138******00,转账,收入,200.00,余额,交易成功,2026101800040000000000000004\t,\t,,
"""
APP_TOTALS = ("收入：1笔 200.00元", "支出：2笔 57.80元", "不计收支：2笔 165.80元")
WEB_HEADER = (
    "交易号                  ,商家订单号               ,交易创建时间              ,付款时间                ,"
    "最近修改时间              ,交易来源地     ,类型              ,交易对方            ,商品名称                ,"
    "金额（元）   ,收/支     ,交易状态    ,服务费（元）   ,成功退款（元）  ,备注                  ,资金状态     ,"
)
WEB_ROWS = """\
2020113022001400000000000001\t,T1001\t,2020-11-30 12:10:00 ,2020-11-30 12:10:05 ,2020-11-30 12:10:06 ,其他（包括阿里巴巴和外部商家）,即时到账交易          ,小满面馆     ,午餐        ,35.00   ,支出      ,交易成功    ,0.00     ,0.00     ,                    ,已支出      ,
2020112022001400000000000002_9001\t,T1002\t,2020-11-22 09:00:00 ,                    ,2020-11-22 09:00:00 ,淘宝        ,支付宝担保交易         ,远山户外     ,退款-雨衣     ,88.00   ,        ,退款成功    ,0.00     ,0.00     ,                    ,已收入      ,
2020112022001400000000000002\t,T1002\t,2020-11-20 20:00:00 ,2020-11-20 20:00:09 ,2020-11-22 09:00:00 ,淘宝        ,支付宝担保交易         ,远山户外     ,雨衣        ,88.00   ,支出      ,交易关闭    ,0.00     ,88.00    ,                    ,已支出      ,
2020112000032000000000000003\t,                    \t,2020-11-20 05:00:00 ,                    ,2020-11-20 05:00:00 ,支付宝网站     ,即时到账交易          ,示例基金     ,余额宝-2020.11.19-收益发放 ,0.12    ,收入      ,交易成功    ,0.00     ,0.00     ,                    ,已收入      ,
"""
OLD_APP_ROWS = """\
支出                  ,小满面馆                ,xia***@example.com  ,午餐                  ,工商银行(0001)          ,18.00               ,交易成功                ,餐饮美食                ,2021061422001400000000000001\t,T2001\t,2021-06-14 12:00:38 ,
收入                  ,*满                  ,138******00         ,转账                  ,余额                  ,50.00               ,交易成功                ,转账红包                ,2021061200040000000000000002\t,                    \t,2021-06-12 08:00:00 ,
其他                  ,示例基金                ,                    ,余额宝-2021.06.10-收益发放 ,余额宝                 ,0.11                ,交易成功                ,投资理财                ,2021061100032000000000000003\t,                    \t,2021-06-11 02:57:13 ,
"""
OLD_APP_HEADER = (
    "收/支                 ,交易对方                ,对方账号                ,商品说明                ,收/付款方式              ,"
    "金额                  ,交易状态                ,交易分类                ,交易订单号                       ,"
    "商家订单号               ,交易时间                ,"
)
LEDGER_ROWS = """\
90000000000003\t,B003\t,M003\t,货款\t,2026-10-03 10:00:00,a***@example.com\t,200.00,0.00,1298.20,支付宝,在线支付,
90000000000002\t,B002\t,M001\t,服务费\t,2026-10-02 10:00:01,\t,0.00,1.80,1098.20,支付宝,收费,
90000000000001\t,B001\t,M001\t,货款\t,2026-10-02 10:00:00,b***@example.com\t,100.00,0.00,1100.00,支付宝,在线支付,
"""
LEDGER_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,"
    "交易渠道,业务类型,备注"
)


def wechat_preamble(count: int, totals: Sequence[str], until: str = "2025-01-31 23:59:59") -> str:
    """The sixteen lines above WeChat's header, with their eight commas."""
    lines = (
        *(
            "微信支付账单明细",
            "微信昵称：[小满]",
            f"起始时间：[2025-01-01 00:00:00] 终止时间：[{until}]",
        ),
        *("导出类型：[全部]", "导出时间：[2026-11-20 11:26:11]", "", f"共{count}笔记录", *totals),
        *("注：", "1. 充值/提现/理财通购买/零钱通存取/信用卡还款等交易，将计入中性交易"),
        *("2. 本明细仅展示当前账单中的交易，不包括已删除的记录", "3. 本明细仅供个人对账使用", ""),
        "----------------------微信支付账单明细列表--------------------",
    )
    return "".join(f"{line}{',' * 8}\r\n" for line in lines)


def wechat_csv(
    rows: Rows = WECHAT_ROWS, totals: Sequence[str] = WECHAT_TOTALS, count: int | None = None
) -> bytes:
    """Return the CSV of the years up to 2025."""
    text = io.StringIO()
    text.write(wechat_preamble(len(rows) if count is None else count, totals))
    text.write(WECHAT_HEADER + "\r\n")
    csv.writer(text).writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def wechat_xlsx(
    rows: Rows = TYPED_ROWS, totals: Sequence[str] = TYPED_TOTALS, *, is_typed: bool = True
) -> bytes:
    """Return the workbook: text cells in 2025, moments and numbers since 2026."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    until = "2026-10-31 23:59:59"
    for line in wechat_preamble(len(rows), totals, until).split("\r\n")[:-1]:
        sheet.append([line.rstrip(",")])
    sheet.append(WECHAT_HEADER.split(","))
    for row in rows:
        sheet.append([str(cell).strip() if not is_typed else cell for cell in row])
        if is_typed:
            sheet.cell(sheet.max_row, 1).number_format = "yyyy-mm-dd hh:mm:ss"
            sheet.cell(sheet.max_row, 6).number_format = "¥#,##0.00"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def alipay_csv(rows: str = APP_ROWS, count: int = 5, totals: Sequence[str] = APP_TOTALS) -> bytes:
    """Return the app's CSV of today: facts on top, GBK, mixed line ends."""
    dashes = "-" * 24
    lines = (
        *("-" * 84, "导出信息：", "姓名：小满", "支付宝账户：xia***@example.com"),
        "起始时间：[2026-10-01 00:00:00]    终止时间：[2026-10-31 23:59:59]",
        *(
            "导出交易类型：[全部]",
            "导出时间：[2026-11-02 08:00:00]",
            f"共{count}笔记录",
            *totals,
            "",
        ),
        *("特别提示：", "1.本回单内容可表明支付宝受理了相应支付交易申请，包括但不限于,下列", ""),
        f"{dashes}支付宝支付科技有限公司  电子客户回单{dashes}",
    )
    return ("\r\n".join((*lines, APP_HEADER)) + "\n" + rows).encode("gb18030")


def alipay_old_csv() -> bytes:
    """Return the app's CSV of 2021: facts at the bottom."""
    head = f"{'-' * 20}支付宝（中国）网络技术有限公司  电子客户回单{'-' * 20}\n{OLD_APP_HEADER}\n"
    foot = (
        f"{'-' * 60}\n导出信息：\n姓名：小满\n起始时间：[2021-06-01 00:00:00]    "
        "终止时间：[2021-06-30 23:59:59]\n导出时间：[2021-07-08 11:43:33]\n共3笔记录\n收入：1笔,50.00元\n"
        "支出：1笔,18.00元\n其他：1笔,0.11元\n\n特别提示：\n1.本回单,内容,可,表明,支付\n"
    )
    return (head + OLD_APP_ROWS + foot).encode("gbk")


def alipay_web_csv() -> bytes:
    """Return the web's CSV."""
    head = (
        "支付宝交易记录明细查询\r\n账号:[x@example.com]\r\n"
        "起始日期:[2020-01-01 00:00:00]    终止日期:[2020-12-01 00:00:00]\r\n"
        f"{'-' * 33}交易记录明细列表{'-' * 36}\r\n{WEB_HEADER}\r\n"
    )
    foot = (
        f"{'-' * 90}\r\n共4笔记录\r\n已收入:2笔,88.12元\r\n待收入:0笔,0.00元\r\n已支出:2笔,123.00元\r\n"
        "待支出:0笔,0.00元\r\n导出时间:[2020-12-02 09:00:00]    用户:小满\r\n"
    )
    return (head + WEB_ROWS.replace("\n", "\r\n") + foot).encode("gbk")


def alipay_ledger_csv() -> bytes:
    """Return the fund ledger with its lines of #."""
    head = (
        "#支付宝账务明细查询\n#账号：[20880000]\n"
        "#起始日期：[2026年10月01日 00:00:00]   终止日期：[2026年11月01日 00:00:00]\n"
        "#-----------------------------------------账务明细列表----------------------------------------\n"
    )
    foot = (
        "#-----------------------------------------账务明细列表结束------------------------------------\n"
        "#支出合计：1笔，共1.80元\n#收入合计：2笔，共300.00元\n#导出时间：[2026年11月02日 10:00:00]\n"
    )
    return (head + LEDGER_HEADER + "\n" + LEDGER_ROWS + foot).encode("gbk")


def zipped(name: str, data: bytes) -> bytes:
    """Return an archive with a folder before the file, as some arrive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("账单/", b"")
        archive.writestr(f"账单/{name}", data)
    return packed.getvalue()


def locked(name: str, data: bytes, password: str = "123456") -> bytes:
    """Return an archive locked with AES-256, as Alipay's app sends it."""
    packed = io.BytesIO()
    with pyzipper.AESZipFile(
        packed, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, data)
    return packed.getvalue()


CLASSIC_LOCKED = base64.b64decode(
    "UEsDBBQACwAIAIaNeV3uJRF3EQMAAEEGAAAFABwAdy5jc3ZVVAkAA2weB2tsHgdrdXgLAAEEAAAAAAQAAAAAZeWXNRXughbzeYxgERxrchNbOd"
    "ZnLs1kPRyp18tBDUjMWkIpFYxpjqvuTOs8iYImadAyxB89PUxQlk2sBAL+KIn0d7uA/rRMwCQAzqfqQ3wXM3oX/eWkbd9/7b3gbVyJtFDuo+WU"
    "Gp7mZ8+TWU8eM81d4Zjlhnt6uxyVwf+BhuhU3Fab0IRJBNlWHczNKtNx+IPdEw6XTnmhPRowUyj7kaHcwwEkN3gO+xrdUVp2Oq+EGP3DK0JyCN"
    "wuTsxcL8TPDf6/6/dIA4viiUkEVdv+Z4EMicIOxBym0XxaEQlNDohYiD/py5FQkWgGC04KPnhW8Zuf3Jw1w+KQ58yJZjbTk0YnutZGdczSudWw"
    "O3PAnjqTs/dxSAM/E3DGiMXccVLDdyxBvjh8E/aRKijvVlSWVBQ4obymD7x91mJm2TYvlsF5b/aMWmyopfjAQvDL0SvjKu/e3pQFWsWzaRS3N9"
    "sCivZJ19zq775ZPr+RaDi4r1rWG05eSHApM9Riv56zcd8N+FlOxsTEo2XQR8JzSFOqpz1XTj80tunXgupNrFtR+wI4Eq6ERDbqzhrbHqSKZwo5"
    "FReTRaKQSuMmvHOIr2xVysO7Sg80vbVLAdxbycq6Lf4CDWHINvwYwHy2Ue/RFRRSoxXiW8rm+eBmVP6I0r/Wr+Gf+Qcda3saXd6o06c3RBdofq"
    "vGDcItercr3qbpdflIZo1Xz/fOEzys/ZF5lUD0L2jurirPb+5+mhVKuc+zeF0JMr3ZrqHKzqjsBTx776TFuwbkZKjK3ZElOM4mf1oJ0bzowHQS"
    "HRjI/PmYgT40Y6HmjNNiZpVgyFkqritm7ycgXv+Zx1elkCGPwjWN4SG85VnLYsr28W41muepG2Z1zmi6SJnzRFSCsxP5HRWYrYTQp/v8Ik6OIa"
    "d8IdqEaBQ8bnD0Le9o70I1k6KFMOEFgdgayqKU6bXmtJKms2gxLccDxqqFM8KfKa9TIRHM3HeuzKvGsYAIEXl5PAcu1QWDDC/VFd8V+QXdDFyp"
    "oAeOJk6cXyNHPDZ8Z9teKG3e6IbO9V1QSwcI7iURdxEDAABBBgAAUEsBAh4DFAALAAgAho15Xe4lEXcRAwAAQQYAAAUAGAAAAAAAAQAAAKSBAA"
    "AAAHcuY3N2VVQFAANsHgdrdXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEASwAAAGADAAAAAA=="
)
"""`wechat_csv()` in an archive locked with ZipCrypto by Info-ZIP; its password is 135790."""
