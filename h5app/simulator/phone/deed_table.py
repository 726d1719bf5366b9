"""The deeds by the names that the phone's script knows, each with the values of its JSON."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from h5app.simulator.phone.deeds import PIXEL
from h5app.simulator.phone.impossible import Impossible

if TYPE_CHECKING:
    from collections.abc import Callable

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json

PICTURE_BYTES_MAX = 2 * 1024 * 1024


class DeedTable:
    """Reads a deed's values and does it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._deeds = platform.deeds
        self._quiet: dict[str, Callable[[str], None]] = {
            "report": self._deeds.report_place,
            "follow": self._deeds.follow,
            "unfollow": self._deeds.unfollow,
        }
        self._worded: dict[str, tuple[Callable[..., None], tuple[str, ...]]] = {
            "say": (self._deeds.say, ("text",)),
            "speak": (self._deeds.speak, ("recognition",)),
            "place": (self._deeds.share_place, ("label",)),
            "link": (self._deeds.share_link, ("title", "url")),
            "scan": (self._deeds.scan, ("code",)),
            "choose": (self._deeds.choose, ("id", "words")),
        }

    def do(self, deed: str, user_id: str, body: Json) -> str:
        """Do a deed and return the address that opens in the web view; mostly none.

        Raises:
            Impossible: The phone knows no such deed, or cannot do it now.
        """
        if deed in self._quiet:
            self._quiet[deed](user_id)
        elif deed in self._worded:
            act, names = self._worded[deed]
            act(user_id, *(str(body.get(name) or "") for name in names))
        elif deed == "open":
            return str(body.get("url") or "")
        elif deed == "tap":
            return self._tap(user_id, body)
        elif deed == "picture":
            self._deeds.show_picture(user_id, _picture(str(body.get("content") or "")))
        elif deed == "subscribe":
            self._subscribe(user_id, body.get("decisions"))
        else:
            raise Impossible("手机不会这样的操作")
        return ""

    def _tap(self, user_id: str, body: Json) -> str:
        top, sub = body.get("top"), body.get("sub")
        if not isinstance(top, int) or not isinstance(sub, int | None):
            raise Impossible("菜单里没有这一项,请刷新手机")
        return str(self._deeds.buttons.tap(user_id, top, sub).get("open", ""))

    def _subscribe(self, user_id: str, decisions: object) -> None:
        if not isinstance(decisions, dict) or not decisions:
            raise Impossible("没有选择任何模板")
        openid = self._deeds.user_of(user_id)["openid"]
        chosen = {str(name): bool(is_accepted) for name, is_accepted in decisions.items()}
        self._platform.subscriptions.decide(openid, chosen)


def _picture(text: str) -> bytes:
    if not text:
        return PIXEL
    try:
        content = base64.b64decode(text.partition(",")[2] or text, validate=True)
    except ValueError:
        raise Impossible("图片无法读取") from None
    if len(content) > PICTURE_BYTES_MAX:
        raise Impossible("图片太大,最多 2 MB")
    return content
