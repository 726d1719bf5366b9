"""The command `wechat`: what an operator asks of the account itself, outside of its menu.

The face for h5app/__main__.py: `add_account_arguments(parser)`, and `run_account(arguments,
wechat)`, which gives an exit code and lines to print.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from h5app.kernel.error import AppError
from h5app.wechat.client import TEMPORARY_SECONDS_MAX
from h5app.wechat.mass import PER_MONTH_MAX
from h5app.wechat.scenes import read_scenes
from h5app.wechat.service import WeChat
from h5app.wechat.transport import WeChatRefused

DAYS_MAX = TEMPORARY_SECONDS_MAX // 86_400
Lines = list[str]


def add_account_arguments(parser: ArgumentParser) -> None:
    """Add the actions, each with its own arguments."""
    parser.description = "公众号: 二维码、场景、标签、额度、素材、群发"
    actions = parser.add_subparsers(dest="action", required=True)
    qr = actions.add_parser("qr", help="带参数二维码: 场景名, 永久; --days 为临时")
    qr.add_argument("scene")
    qr.add_argument("--days", type=int, default=0, help=f"1 到 {DAYS_MAX} 天后失效;不填为永久")
    actions.add_parser("scenes", help="检查场景文件, 并数每个场景带来的关注者")
    actions.add_parser("templates", help="检查模板消息与订阅通知的模板")
    actions.add_parser("tags", help="核对已绑定客户的标签")
    quota = actions.add_parser("quota", help="某个接口今天的额度")
    quota.add_argument("path", help="例如 /cgi-bin/message/template/send")
    actions.add_parser("clear-quota", help="清零全部接口的今日调用次数 (每月最多 10 次)")
    user = actions.add_parser("user", help="微信给出的一个关注者的资料")
    user.add_argument("openid")
    up = actions.add_parser("upload", help="上传临时素材 (保留三天)")
    up.add_argument("kind", choices=["image", "voice", "video", "thumb"])
    up.add_argument("file", type=Path)
    down = actions.add_parser("download", help="下载临时素材")
    down.add_argument("media_id")
    down.add_argument("file", type=Path)
    mass = actions.add_parser("mass", help="按标签群发文字; 先用 --preview 发给一个人看")
    mass.add_argument("tag")
    mass.add_argument("text")
    mass.add_argument("--preview", metavar="OPENID", default="")


def run_account(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    """Do what was asked; what is refused is said in the lines."""
    try:
        return _ACTIONS[arguments.action](arguments, wechat)
    except WeChatRefused as refused:
        return 1, [f"未完成: 微信返回 {refused.errcode} {refused.errmsg}"]
    except AppError as refused:
        problems = refused.details.get("problems", [])
        return 1, [f"未完成: {refused.message}", *(f"  {one}" for one in problems)]


def _qr(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    scene, days = str(arguments.scene), int(arguments.days)
    if not 1 <= len(scene) <= 64 or not 0 <= days <= DAYS_MAX:  # noqa: PLR2004 - scene_str
        return 2, [f"场景名 1 到 64 个字符, 天数 1 到 {DAYS_MAX}"]
    code = (
        wechat.api.qr_temporary(scene, expire_seconds=days * 86_400)
        if days
        else wechat.api.qr_permanent(scene)
    )
    known = wechat.scenes.of(scene)
    words = known.words if known else f"(场景文件 {wechat.scenes.path} 里没有这个场景)"
    return 0, [f"图片: {code.picture_url}", f"内容: {code.url}", f"问候: {words}"]


def _scenes(_arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    path = wechat.scenes.path
    known = read_scenes(path) if path.exists() else {}
    counts = wechat.followers.by_first_scene()
    said = {name: scene.words for name, scene in known.items()}
    lines = [
        f"{name}  关注 {counts.get(name, 0)}  {said.get(name, '不在文件里')}"
        for name in sorted({*known, *counts} - {""})
    ]
    return 0, lines or [f"还没有场景; 写在 {path}"]


def _templates(_arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    problems = wechat.book.ensure()
    offered = "、".join(kind.label for kind in wechat.subscriptions.offered()) or "无"
    wechat.subscriptions.ensure()
    lines = problems or ["每类模板消息都有可用的模板"]
    return int(bool(problems)), [*lines, f"订阅通知: {offered}"]


def _tags(_arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    given, taken = wechat.bound_menu.reconcile()
    return 0, [f"补上标签 {given} 人, 去掉 {taken} 人"]


def _quota(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    found = wechat.api.quota(arguments.path)
    names = {"daily_limit": "每日上限", "used": "已用", "remain": "剩余"}
    return 0, [f"{words} {found.get(name, '--')}" for name, words in names.items()]


def _clear_quota(_arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    wechat.api.clear_quota()
    return 0, ["今日调用次数已清零"]


def _user(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    found = wechat.api.user(arguments.openid)
    names = ("subscribe", "subscribe_time", "subscribe_scene", "qr_scene_str", "tagid_list")
    scene = wechat.followers.first_scene(arguments.openid)
    return 0, [*(f"{name} {found.get(name, '--')}" for name in names), f"首次场景 {scene or '--'}"]


def _upload(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    file: Path = arguments.file
    if not file.is_file():
        return 2, [f"没有文件 {file}"]
    name = f"upload{file.suffix}" if file.suffix.isascii() else "upload"
    return 0, [wechat.api.media_upload(arguments.kind, file.read_bytes(), name)]


def _download(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    content = wechat.api.media_download(arguments.media_id)
    arguments.file.write_bytes(content)
    return 0, [f"{len(content)} 字节 -> {arguments.file}"]


def _mass(arguments: Namespace, wechat: WeChat) -> tuple[int, Lines]:
    if arguments.preview:
        wechat.mass.preview(arguments.preview, arguments.text)
        return 0, ["已发给一个人预览"]
    msg_id = wechat.mass.send(arguments.tag, arguments.text)
    tag_id = wechat.api.tag_id(arguments.tag)
    count = wechat.mass.sent_this_month(tag_id)
    return 0, [f"已提交 {msg_id}; 这个标签本月第 {count} 次, 每人每月最多收到 {PER_MONTH_MAX} 次"]


_ACTIONS: dict[str, Callable[[Namespace, WeChat], tuple[int, Lines]]] = {
    "qr": _qr,
    "scenes": _scenes,
    "templates": _templates,
    "tags": _tags,
    "quota": _quota,
    "clear-quota": _clear_quota,
    "user": _user,
    "upload": _upload,
    "download": _download,
    "mass": _mass,
}
