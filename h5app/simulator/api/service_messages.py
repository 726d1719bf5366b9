"""Customer-service messages: sending within the user's windows, and the typing sign."""

import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, post
from h5app.simulator.api.people import People
from h5app.simulator.clock import PlatformClock
from h5app.simulator.phone.chat import ACCOUNT, Chat, ReplyWindows
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

TEXT_BYTES_MAX = 2048
TYPING_SECONDS = 15
TYPING_AFTER_SECONDS = 30
NEEDED: dict[str, tuple[str, ...]] = {
    "text": ("content",),
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "music": ("musicurl", "thumb_media_id"),
    "news": ("articles",),
    "mpnewsarticle": ("article_id",),
    "mpnews": ("media_id",),
    "msgmenu": ("list",),
    "wxcard": ("card_id",),
    "miniprogrampage": ("appid", "pagepath"),
}
"""What each kind of message must hold, besides its name."""
_MISSING = {"content": 44004, "media_id": 40007, "thumb_media_id": 40007}
_MEDIA_KINDS = ("image", "voice", "video")


class ServiceMessages:
    """Five after a message, three after a tap, a follow or a scan."""

    def __init__(
        self, store: Store, clock: PlatformClock, people: People, chat: Chat, windows: ReplyWindows
    ) -> None:
        self._store = store
        self._clock = clock
        self._people = people
        self._chat = chat
        self._windows = windows

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/message/custom/send", self._send, 500_000),
            post("/cgi-bin/message/custom/typing", self._typing, 500_000),
        )

    def is_typing(self, openid: str) -> bool:
        """Return whether the phone shows 对方正在输入."""
        found = self._store.row("SELECT until FROM typing WHERE openid = ?", openid)
        return found is not None and found["until"] > self._clock.now()

    def _send(self, call: Call) -> Json:
        body = call.json()
        kind, content = checked_message(self._store, body)
        user = self._reachable(body)
        agent = (body.get("customservice") or {}).get("kf_account", "")
        if agent and not self._store.row("SELECT 1 FROM agent WHERE account = ?", agent):
            raise Refused(61452)
        with self._store.write():
            self._windows.take(user["openid"])
            self._store.run("DELETE FROM typing WHERE openid = ?", user["openid"])
            self._chat.add(user["openid"], ACCOUNT, kind, {**content, "agent": agent})
        return DONE

    def _typing(self, call: Call) -> Json:
        body = call.json()
        openid = self._people.require(body.get("touser"))["openid"]
        command = body.get("command")
        if command == "CancelTyping":
            self._store.run("DELETE FROM typing WHERE openid = ?", openid)
            return DONE
        if command != "Typing":
            raise Refused(45072)
        if not self._windows.spoke_within(openid, TYPING_AFTER_SECONDS):
            raise Refused(45080)
        if self.is_typing(openid):
            raise Refused(45081)
        until = self._clock.now() + TYPING_SECONDS
        self._store.run(
            "INSERT OR REPLACE INTO typing (openid, until) VALUES (?, ?)", openid, until
        )
        return DONE

    def _reachable(self, body: Json) -> sqlite3.Row:
        user = self._people.require(body.get("touser"))
        if user["is_blocking"]:
            raise Refused(48002)
        if not user["is_following"]:
            raise Refused(45015)
        return user


def checked_message(store: Store, body: Json) -> tuple[str, Json]:
    """Return the kind and content of a message that the account wants to send.

    Raises:
        Refused: 40008 for an unknown kind; 44004, 40007, 45002 or 40035 for what it lacks.
    """
    kind = body.get("msgtype")
    if kind not in NEEDED:
        raise Refused(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Refused(_MISSING.get(NEEDED[kind][0], 40035))
    for name in NEEDED[kind]:
        if not content.get(name):
            raise Refused(_MISSING.get(name, 40035), f"{kind}.{name} missing")
    if kind == "text" and len(str(content["content"]).encode()) > TEXT_BYTES_MAX:
        raise Refused(45002)
    if kind == "news" and len(content["articles"]) != 1:
        raise Refused(45008)
    if kind in _MEDIA_KINDS and not store.row(
        "SELECT 1 FROM media WHERE id = ?", content["media_id"]
    ):
        raise Refused(40007)
    return kind, content
