"""The menu: one declarative file, checked before it is sent, compared with what stands there."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from h5app.kernel.error import AppError
from h5app.wechat.client import WeChatApi
from h5app.wechat.transport import WeChatRefused

MENU_FILE = Path(__file__).parent / "data" / "menu.toml"
TOP_MAX = 3
SUB_MAX = 5
TOP_NAME_BYTES_MAX = 16
SUB_NAME_BYTES_MAX = 60
KEY_BYTES_MAX = 128
URL_BYTES_MAX = 1024
BOUND_TAG = "bound"
"""The name of the platform's tag that customers with a bound account carry."""
NO_MENU = 46003
_LOCAL = re.compile(r"/(?![/\\])[!-~]{0,200}")


class MenuNotValid(AppError):
    """菜单文件有误,请按提示修改后再发布"""

    code = "wechat.menu_not_valid"
    status = 422
    sentence = "菜单文件有误,请按提示修改后再发布"


@dataclass(frozen=True, kw_only=True)
class Button:
    """One entry of the menu: a page of ours, a question to the chat, or a list of entries."""

    name: str
    entry: str = ""
    key: str = ""
    buttons: tuple["Button", ...] = ()


@dataclass(frozen=True, kw_only=True)
class MenuPlan:
    """The menu of everybody, and the one of customers with a bound account (may be empty)."""

    default: tuple[Button, ...]
    bound: tuple[Button, ...] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    """The local address of each entry by its name: what /go/<name> opens."""


def read_menu(path: Path = MENU_FILE) -> MenuPlan:
    """Return the plan of a menu file.

    Raises:
        MenuNotValid: It cannot be read, or holds what no menu has.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise MenuNotValid(problems=[str(wrong)]) from wrong
    unknown = sorted(set(table) - {"default", "bound", "entries"})
    if unknown or not table.get("default"):
        raise MenuNotValid(problems=[f"unknown or missing parts: {unknown or 'default'}"])
    return MenuPlan(
        default=tuple(_button(one) for one in table["default"]),
        bound=tuple(_button(one) for one in table.get("bound", ())),
        entries=_entries(table.get("entries", {})),
    )


def _entries(table: Mapping[str, Any]) -> dict[str, str]:
    for name, address in table.items():
        if not isinstance(address, str) or not _LOCAL.fullmatch(address):
            raise MenuNotValid(problems=[f"entry {name}: not an address of our own"])
    return dict(table)


def _button(values: Mapping[str, Any]) -> Button:
    unknown = sorted(set(values) - {"name", "entry", "key", "buttons"})
    if unknown:
        raise MenuNotValid(problems=[f"unknown settings of a button: {unknown}"])
    return Button(
        name=str(values.get("name", "")),
        entry=str(values.get("entry", "")),
        key=str(values.get("key", "")),
        buttons=tuple(_button(one) for one in values.get("buttons", ())),
    )


def checked_menu(plan: MenuPlan) -> MenuPlan:
    """Return the plan when the platform would take it and every entry exists.

    Raises:
        MenuNotValid: Each problem stands in `details`.
    """
    problems = _problems(plan.default, plan.entries)
    if plan.bound:
        problems += [f"bound: {one}" for one in _problems(plan.bound, plan.entries)]
    if problems:
        raise MenuNotValid("菜单文件有误: " + "; ".join(problems), problems=problems)
    return plan


def _problems(buttons: Sequence[Button], entries: Mapping[str, str]) -> list[str]:
    found = []
    if not 1 <= len(buttons) <= TOP_MAX:
        found.append(f"the bar holds 1 to {TOP_MAX} buttons, not {len(buttons)}")
    for top in buttons:
        found += _button_problems(top, entries, name_bytes_max=TOP_NAME_BYTES_MAX)
        if len(top.buttons) > SUB_MAX:
            found.append(f"{top.name}: at most {SUB_MAX} buttons below")
        for sub in top.buttons:
            found += _button_problems(sub, entries, name_bytes_max=SUB_NAME_BYTES_MAX)
            if sub.buttons:
                found.append(f"{sub.name}: only two levels")
    return found


def _button_problems(
    button: Button, entries: Mapping[str, str], *, name_bytes_max: int
) -> list[str]:
    size, problems = len(button.name.encode()), []
    if not 1 <= size <= name_bytes_max:
        problems.append(f"{button.name or '?'}: a name of {size} bytes, at most {name_bytes_max}")
    if sum(map(bool, (button.entry, button.key, button.buttons))) != 1:
        problems.append(f"{button.name}: exactly one of entry, key, buttons")
    if button.entry and button.entry not in entries:
        problems.append(f"{button.name}: no entry is called {button.entry}")
    if len(button.key.encode()) > KEY_BYTES_MAX:
        problems.append(f"{button.name}: a key longer than {KEY_BYTES_MAX} bytes")
    return problems


class Menu:
    """Publishes the plan and says what differs from it on the platform."""

    def __init__(self, api: WeChatApi, link: Callable[[str], str]) -> None:
        self._api = api
        self._link = link

    def payload(self, buttons: Sequence[Button]) -> dict[str, Any]:
        """Return the platform's form of a menu; entries become our own addresses /go/<entry>.

        Raises:
            MenuNotValid: An address is longer than the platform takes.
        """
        return {"button": [self._platform_button(one) for one in buttons]}

    def publish(self, plan: MenuPlan) -> None:
        """Send the plan: the default menu, then the conditional one of bound customers.

        Raises:
            MenuNotValid: The plan is not one the platform takes; nothing was sent.
            WeChatRefused: The platform refused.
            WeChatSilent: It did not answer; publish again.
        """
        checked_menu(plan)
        self._api.menu_delete()
        self._api.menu_create(self.payload(plan.default))
        if plan.bound:
            rule = {"matchrule": {"tag_id": str(self._api.tag_id(BOUND_TAG))}}
            self._api.menu_add_conditional(self.payload(plan.bound) | rule)

    def differences(self, plan: MenuPlan) -> list[str]:
        """Return what stands on the platform otherwise than in the plan; empty when nothing.

        Raises:
            MenuNotValid: The plan itself is wrong.
        """
        checked_menu(plan)
        standing = self._standing()
        pairs = [("default", plan.default, standing.get("menu"))]
        conditional = standing.get("conditionalmenu") or [None]
        pairs.append(("bound", plan.bound, conditional[0]))
        return [line for name, mine, theirs in pairs for line in self._compared(name, mine, theirs)]

    def _standing(self) -> dict[str, Any]:
        try:
            return self._api.menu_get()
        except WeChatRefused as refused:
            if refused.errcode == NO_MENU:
                return {}
            raise

    def _compared(
        self, name: str, mine: Sequence[Button], theirs: Mapping[str, Any] | None
    ) -> list[str]:
        wanted = _flat(self.payload(mine)["button"]) if mine else {}
        found = _flat((theirs or {}).get("button", []))
        return [
            f"{name} {place}: {found.get(place, '--')} -> {wanted.get(place, '--')}"
            for place in sorted(wanted.keys() | found.keys())
            if wanted.get(place) != found.get(place)
        ]

    def _platform_button(self, button: Button) -> dict[str, Any]:
        if button.buttons:
            inner = [self._platform_button(one) for one in button.buttons]
            return {"name": button.name, "sub_button": inner}
        if button.key:
            return {"type": "click", "name": button.name, "key": button.key}
        url = self._link(f"/go/{button.entry}")
        if len(url.encode()) > URL_BYTES_MAX:
            raise MenuNotValid(problems=[f"{button.name}: an address too long"])
        return {"type": "view", "name": button.name, "url": url}


def _flat(buttons: Sequence[Mapping[str, Any]], place: str = "") -> dict[str, str]:
    """Return `{place: what}` of the platform's form; an empty list below counts as none."""
    flat = {}
    for number, button in enumerate(buttons, 1):
        here = f"{place}{number}"
        target = button.get("url") or button.get("key") or ""
        flat[here] = f"{button.get('name')} {button.get('type', '')} {target}".strip()
        flat.update(_flat(button.get("sub_button") or [], f"{here}."))
    return flat


def preview(plan: MenuPlan) -> str:
    """Return the menu as text, as it will hang under the chat."""
    lines = []
    for title, buttons in (("default", plan.default), ("bound", plan.bound)):
        for top in buttons:
            lines.append(f"[{title}] {top.name}")
            lines += [
                f"    {one.name}  ->  {one.entry or '“' + one.key + '”'}" for one in top.buttons
            ]
    return "\n".join(lines)
