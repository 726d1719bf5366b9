"""What a counterparty text tells: the payee without its noise, and how such payees usually pay."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

_NOISE = re.compile(
    r"(?:\s|^)(?:20\d{6}|20\d\d[-/.]\d{1,2}[-/.]\d{1,2})(?=\s|$)|(?:流水|单号|凭证|交易号|订单)[号::]?\s*\w+"
)
"""Dates and running numbers that banks add to a payee; they differ from payment to payment."""
_SPACES = re.compile(r"\s+")
_FORM = re.compile(
    r"有限责任公司|股份有限公司|有限公司|分公司|子公司|公司|股份|集团|总部|支行|分行|[省市区县]"
)
"""What a payee's name may have or lack from one bill to the next: legal form and place."""
_DIGITS = re.compile(r"\d+")
_NO_WORD = re.compile(r"[\W\d_]+")
_CORE_LENGTH_MIN = 3

_PLAN = re.compile(r"定投|定期定额|申购计划|智投")
_BILL = re.compile(
    r"保险|人寿|寿险|续期|保费|社保|公积金|医保|电费|电力|国网|水费|水务|自来水|燃气|煤气|供热|暖气|物业|房租|租金|学费|托费|"
    r"会员|订阅|连续包月|自动续费|贷|还款|信用卡|花呗|白条|月供|按揭|分期|有线|宽带|话费|通信|电信|联通|移动公司|"
    r"家庭转账|生活费|赡养|停车|车位|insurance|household|loan|rent|subscription|mortgage",
    re.IGNORECASE,
)
_INCOME = re.compile(r"工资|薪|代发|养老金|退休金|奖金|salary|pension|payroll", re.IGNORECASE)
_PERSON = re.compile(r"^个人|\*|^(?:微信|支付宝)?转账|红包")
_SHOP = re.compile(
    r"商户|商城|超市|便利|医院|门诊|药房|餐|美团|饿了么|淘宝|天猫|拼多多|京东|滴滴|加油|扫码|酒店|影院"
)
_CASUAL = re.compile(r"inter bank|phone bank|转账支出|手机银行转账", re.IGNORECASE)
_FEE = re.compile(r"fee|interest|手续费|结息|利息|年费|工本费", re.IGNORECASE)


class Telling(StrEnum):
    """What the text says about the habit behind a payment."""

    PLAN = "plan"
    BILL = "bill"
    INCOME = "income"
    PERSON = "person"
    SHOP = "shop"
    OPAQUE = "opaque"
    """A name or an account number that says nothing."""
    CASUAL = "casual"
    """No payee, and a memo used for transfers by hand."""
    MEMO = "memo"
    """No payee, only a memo."""
    NOTHING = "nothing"


@lru_cache(maxsize=65536)
def clean_counterparty(text: str) -> str:
    """Return the payee without dates, running numbers, doubled spaces and full-width forms."""
    return _SPACES.sub(" ", _NOISE.sub(" ", normalize("NFKC", text))).strip()


class Name(NamedTuple):
    """A payee's name taken apart: its numbers (a contract's, an account's), and what is left."""

    numbers: tuple[str, ...]
    core: str

    def is_variant_of(self, other: "Name") -> bool:
        """Say whether both may name one payee: the same numbers, and one name inside the other."""
        if self.numbers != other.numbers:
            return False
        shorter, longer = sorted((self.core, other.core), key=len)
        return len(shorter) >= _CORE_LENGTH_MIN and _is_within(shorter, longer)


def _is_within(shorter: str, longer: str) -> bool:
    """Say whether the letters of one stand in the other in their order (国网电力, 国网北京电力)."""
    rest = iter(longer)
    return shorter[0] == longer[0] and all(letter in rest for letter in shorter)


@lru_cache(maxsize=65536)
def name_of(payee: str) -> Name:
    """Take a cleaned payee apart."""
    core = _NO_WORD.sub("", _FORM.sub("", payee)).casefold()
    return Name(tuple(_DIGITS.findall(payee)), core)


@lru_cache(maxsize=65536)
def telling(counterparty: str, memo: str) -> Telling:
    """Classify a cleaned payee and a memo."""
    both = f"{counterparty} {memo}"
    for pattern, answer in ((_PLAN, Telling.PLAN), (_INCOME, Telling.INCOME)):
        if pattern.search(both):
            return answer
    if counterparty:
        return _telling_payee(counterparty, both)
    if _BILL.search(memo):
        return Telling.BILL
    if _CASUAL.search(memo):
        return Telling.CASUAL
    return Telling.MEMO if memo else Telling.NOTHING


def _telling_payee(counterparty: str, both: str) -> Telling:
    for pattern, answer in ((_PERSON, Telling.PERSON), (_SHOP, Telling.SHOP)):
        if pattern.search(counterparty):
            return answer
    return Telling.BILL if _BILL.search(both) else Telling.OPAQUE


def is_bank_fee(channel: str, memo: str) -> bool:
    """Say whether this is a fee or interest of the bank itself: nobody prepares for those."""
    return channel == "bank" or bool(_FEE.search(memo))
