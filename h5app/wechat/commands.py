"""The command `menu`: publish, preview or compare the account's menu.

The face for h5app/__main__.py: `add_menu_arguments(parser)` and `run_menu(arguments, menu)`, which
gives an exit code and lines to print.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from h5app.kernel.error import AppError
from h5app.wechat.menu import MENU_FILE, Menu, MenuPlan, checked_menu, preview, read_menu

ACTIONS = {
    "publish": "发布到公众平台 (先检查文件, 有误则不发送)",
    "preview": "在终端里看菜单的样子, 不联网",
    "diff": "比较公众平台上的菜单与文件, 有不同时退出码为 1",
}
_REFUSED = 1
_DIFFERENT = 1


def add_menu_arguments(parser: ArgumentParser) -> None:
    """Add `ACTION [--file FILE]`."""
    parser.description = "公众号自定义菜单: " + "; ".join(
        f"{name} {text}" for name, text in ACTIONS.items()
    )
    parser.add_argument("action", choices=list(ACTIONS), help="publish, preview 或 diff")
    parser.add_argument("--file", type=Path, default=MENU_FILE, help="菜单文件 (TOML)")


def run_menu(arguments: Namespace, menu: Menu) -> tuple[int, list[str]]:
    """Do what was asked; what is refused is said in the lines."""
    try:
        return _done(str(arguments.action), read_menu(arguments.file), menu)
    except AppError as refused:
        problems = refused.details.get("problems", [])
        return _REFUSED, [f"未完成: {refused.message}", *(f"  {one}" for one in problems)]


def _done(action: str, plan: MenuPlan, menu: Menu) -> tuple[int, list[str]]:
    if action == "preview":
        checked_menu(plan)
        return 0, preview(plan).splitlines()
    if action == "publish":
        menu.publish(plan)
        return 0, ["菜单已发布; 手机上最迟五分钟后更新, 重新关注立即可见"]
    different = menu.differences(plan)
    return (_DIFFERENT if different else 0), different or ["公众平台上的菜单与文件一致"]
