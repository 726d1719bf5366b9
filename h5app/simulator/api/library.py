"""Ready-made templates of a broker's service account, and the types behind field labels."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LibraryTemplate:
    """A category template as it stands in the public library."""

    id: str
    short_id: str
    title: str
    content: str


FIELD_LABELS: dict[str, str] = {
    "thing1": "事项",
    "phrase2": "状态",
    "time3": "时间",
    "thing4": "说明",
    "character_string5": "编号",
    "amount6": "金额",
    "date7": "日期",
    "thing8": "备注",
}
"""Field names and labels of the ready-made templates."""

_TYPE_BY_LABEL = {
    "金额": "amount",
    "时间": "time",
    "日期": "date",
    "状态": "phrase",
    "编号": "character_string",
    "单号": "character_string",
    "电话": "phone_number",
    "姓名": "name",
    "数量": "number",
    "类型": "const",
}


def content_of(labels: list[str]) -> str:
    """Return a category template's content for field labels; the label decides the type."""
    lines = []
    for number, label in enumerate(labels, start=1):
        kind = next(
            (kind for ending, kind in _TYPE_BY_LABEL.items() if label.endswith(ending)), "thing"
        )
        lines.append(f"{label}:{{{{{kind}{number}.DATA}}}}")
    return "\n".join(lines)


def _ready(name: str, title: str, *fields: str) -> LibraryTemplate:
    lines = [f"{FIELD_LABELS[field]}:{{{{{field}.DATA}}}}" for field in fields]
    return LibraryTemplate(
        id=f"SIM_{name}", short_id=f"{len(name)}{name}", title=title, content="\n".join(lines)
    )


LIBRARY: tuple[LibraryTemplate, ...] = (
    _ready("ORDER_FILLED", "成交通知", "thing1", "phrase2", "time3", "thing4"),
    _ready("ORDER_REFUSED", "委托未成功通知", "thing1", "phrase2", "time3", "thing4"),
    _ready("CASH_MOVED", "资金变动通知", "thing1", "phrase2", "time3", "thing4"),
    _ready("REMINDER", "理财日历提醒", "thing1", "date7", "thing4"),
    _ready("SECURITY", "账户安全通知", "thing1", "time3", "thing4"),
    _ready("NOTICE", "服务通知", "thing1", "time3", "thing4"),
)
