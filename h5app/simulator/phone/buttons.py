"""A tap on the menu: what each type of button does on the phone and tells the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.simulator.phone.chat import ACCOUNT, NOTICE
from h5app.simulator.phone.impossible import Impossible

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.phone.deeds import Deeds
    from h5app.simulator.store import Json

NOTHING: Json = {}


class Buttons:
    """The default and conditional menus under a thumb."""

    def __init__(self, platform: Platform, deeds: Deeds) -> None:
        self._platform = platform
        self._deeds = deeds
        self._by_type: dict[str, Callable[[sqlite3.Row, Json], Json]] = {
            "click": self._click,
            "view": self._view,
            "miniprogram": self._program,
            "scancode_push": self._scan,
            "scancode_waitmsg": self._scan,
            "pic_sysphoto": self._picture,
            "pic_photo_or_album": self._picture,
            "pic_weixin": self._picture,
            "location_select": self._place,
            "media_id": self._media,
        }

    def tap(self, user_id: str, top: int, sub: int | None) -> Json:
        """Tap a button by its place; return {"open": address} when a web page opens.

        Raises:
            Impossible: There is no such button, or the user does not follow.
        """
        user = self._deeds.user_of(user_id)
        if not user["is_following"]:
            raise Impossible("请先关注服务号")
        button = _at(self._platform.menus.buttons_of(user["openid"]), top)
        if sub is not None:
            button = _at(button["sub_button"], sub)
        if button.get("sub_button"):
            return NOTHING
        return self._by_type.get(str(button.get("type")), self._article)(user, button)

    def _click(self, user: sqlite3.Row, button: Json) -> Json:
        self._platform.windows.open(user["openid"], "click")
        self._platform.courier.send_event(user["openid"], "CLICK", EventKey=button["key"])
        return NOTHING

    def _view(self, user: sqlite3.Row, button: Json) -> Json:
        self._platform.courier.send_event(
            user["openid"], "VIEW", EventKey=button["url"], MenuId=self._menu_id()
        )
        return {"open": button["url"]}

    def _program(self, user: sqlite3.Row, button: Json) -> Json:
        self._platform.courier.send_event(
            user["openid"],
            "view_miniprogram",
            EventKey=button["pagepath"],
            MenuId=self._menu_id(),
        )
        sentence = f"小程序 {button['appid']} 不在模拟范围,页面 {button['pagepath']}"
        return self._say(user, sentence)

    def _scan(self, user: sqlite3.Row, button: Json) -> Json:
        self._platform.windows.open(user["openid"], "click")
        result = {"ScanType": "qrcode", "ScanResult": user["scan_result"]}
        self._platform.courier.send_event(
            user["openid"], button["type"], EventKey=button["key"], ScanCodeInfo=result
        )
        is_page = button["type"] == "scancode_push" and user["scan_result"].startswith("http")
        return {"open": user["scan_result"]} if is_page else NOTHING

    def _picture(self, user: sqlite3.Row, button: Json) -> Json:
        self._deeds.send_pictures_event(user, button["type"], button["key"])
        return NOTHING

    def _place(self, user: sqlite3.Row, button: Json) -> Json:
        label = "上海市浦东新区"
        place = {"Location_X": user["latitude"], "Location_Y": user["longitude"]}
        info = {**place, "Scale": "16", "Label": label, "Poiname": ""}
        self._platform.courier.send_event(
            user["openid"], "location_select", EventKey=button["key"], SendLocationInfo=info
        )
        self._deeds.share_place(user["user_id"], label)
        return NOTHING

    def _media(self, user: sqlite3.Row, button: Json) -> Json:
        found = self._platform.media.find(button["media_id"])
        if found is None:
            return self._say(user, "菜单里的素材已经不存在")
        body = {"media_id": button["media_id"]}
        self._platform.chat.add(user["openid"], ACCOUNT, found["kind"], body)
        return NOTHING

    def _article(self, user: sqlite3.Row, button: Json) -> Json:
        return self._say(user, f"图文 {button.get('article_id') or button.get('media_id')}")

    def _say(self, user: sqlite3.Row, sentence: str) -> Json:
        self._platform.chat.add(user["openid"], NOTICE, "notice", {"content": sentence})
        return NOTHING

    def _menu_id(self) -> int:
        return self._platform.store.number("SELECT MAX(id) FROM menu")


def _at(buttons: list[Json], place: int) -> Json:
    if not 0 <= place < len(buttons):
        raise Impossible("菜单里没有这一项,请刷新手机")
    return buttons[place]
