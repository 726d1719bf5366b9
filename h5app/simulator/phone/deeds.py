"""What a person does with the phone, and what the account's server is told of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from h5app.simulator.phone.buttons import Buttons
from h5app.simulator.phone.chat import USER
from h5app.simulator.phone.impossible import Impossible

if TYPE_CHECKING:
    import sqlite3

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json

TEXT_MAX = 4000
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63387dfa34000484024164fbfef60000000049454e44ae426082"
)
"""A grey picture of one pixel, for who has none to send."""


class Deeds:
    """Every deed of a user: shown in the chat where it shows, and told to the account."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.buttons = Buttons(platform, self)

    def user_of(self, user_id: str) -> sqlite3.Row:
        """Return the user of a phone.

        Raises:
            Impossible: There is no such phone.
        """
        found = self._platform.people.of_phone(user_id)
        if found is None:
            raise Impossible("没有这部手机,请回到测试台")
        return found

    def say(self, user_id: str, text: str) -> None:
        """Send a text."""
        if not text.strip():
            raise Impossible("不能发送空白消息")
        if len(text) > TEXT_MAX:
            raise Impossible(f"消息太长,最多 {TEXT_MAX} 个字")
        self._message(user_id, "text", {"content": text}, {"Content": text})

    def speak(self, user_id: str, recognition: str) -> None:
        """Send a voice message; the platform adds what it recognised when the phone lets it."""
        user = self.user_of(user_id)
        media_id = self._platform.media.keep(
            "voice", "voice.amr", b"#!AMR\n" + recognition.encode()
        )
        fields = {"MediaId": media_id, "Format": "amr"}
        if user["has_recognition"]:
            fields["Recognition"] = recognition
        self._message(user_id, "voice", {"content": recognition, "media_id": media_id}, fields)

    def show_picture(self, user_id: str, content: bytes = PIXEL) -> None:
        """Send a picture."""
        media_id = self._platform.media.keep("image", "picture.png", content)
        address = f"{self._platform.addresses.platform_base}/simulator/media/{media_id}"
        fields = {"PicUrl": address, "MediaId": media_id}
        self._message(user_id, "image", {"media_id": media_id}, fields)

    def share_place(self, user_id: str, label: str) -> None:
        """Send the phone's place as a location message."""
        user = self.user_of(user_id)
        place = {"Location_X": user["latitude"], "Location_Y": user["longitude"]}
        fields = {**place, "Scale": "16", "Label": label}
        self._message(user_id, "location", {"label": label, **place}, fields)

    def share_link(self, user_id: str, title: str, url: str) -> None:
        """Send a link."""
        fields = {"Title": title, "Description": title, "Url": url}
        self._message(user_id, "link", {"title": title, "url": url}, fields)

    def report_place(self, user_id: str) -> None:
        """Let the platform report where the phone is, as on entering the chat."""
        user = self._follower(user_id)
        self._platform.courier.send_event(
            user["openid"],
            "LOCATION",
            Latitude=user["latitude"],
            Longitude=user["longitude"],
            Precision="40.000000",
        )

    def follow(self, user_id: str) -> None:
        """Follow, found by a search."""
        user = self.user_of(user_id)
        if user["is_following"]:
            raise Impossible("已经关注了")
        self._platform.people.follow(user["openid"])
        self._platform.windows.open(user["openid"], "follow")
        self._platform.courier.send_event(user["openid"], "subscribe", EventKey="")

    def unfollow(self, user_id: str) -> None:
        """Leave the account."""
        user = self._follower(user_id)
        self._platform.people.unfollow(user["openid"])
        self._platform.courier.send_event(user["openid"], "unsubscribe", EventKey="")

    def scan(self, user_id: str, code: str) -> None:
        """Scan one of the account's QR codes: by its ticket, or by the address in it."""
        user = self.user_of(user_id)
        found = self._platform.qrcodes.find(code)
        if found is None:
            raise Impossible("二维码不存在或已过期")
        openid, scene = user["openid"], found["scene"]
        self._platform.windows.open(openid, "scan")
        if user["is_following"]:
            self._platform.courier.send_event(
                openid, "SCAN", EventKey=scene, Ticket=found["ticket"]
            )
            return
        self._platform.people.follow(openid, scene, is_text_scene=bool(found["is_text"]))
        self._platform.windows.open(openid, "follow")
        self._platform.courier.send_event(
            openid, "subscribe", EventKey=f"qrscene_{scene}", Ticket=found["ticket"]
        )

    def choose(self, user_id: str, menu_id: str, words: str) -> None:
        """Tap an entry of a menu message: it counts as a tap on the menu, not as a message."""
        user = self._follower(user_id)
        self._platform.chat.add(user["openid"], USER, "text", {"content": words})
        self._platform.windows.open(user["openid"], "click")
        fields = {"MsgType": "text", "Content": words, "bizmsgmenuid": menu_id}
        self._platform.courier.send_message(user["openid"], fields)

    def send_pictures_event(self, user: sqlite3.Row, event: str, key: str) -> None:
        """Tell the account of a picture chosen from the menu; the picture follows."""
        digest = hashlib.md5(PIXEL, usedforsecurity=False).hexdigest()
        pictures = {"Count": 1, "PicList": {"item": {"PicMd5Sum": digest}}}
        self._platform.courier.send_event(
            user["openid"], event, EventKey=key, SendPicsInfo=pictures
        )
        self.show_picture(user["user_id"])

    def _follower(self, user_id: str) -> sqlite3.Row:
        user = self.user_of(user_id)
        if not user["is_following"]:
            raise Impossible("请先关注服务号")
        return user

    def _message(self, user_id: str, kind: str, shown: Json, fields: Json) -> None:
        user = self._follower(user_id)
        openid = user["openid"]
        self._platform.chat.add(openid, USER, kind, shown)
        self._platform.windows.open(openid, "message")
        session = self._platform.agents.session_of(openid)
        if session is not None and not session["is_waiting"]:
            return  # A user in a session talks to the agent; the account's server is not asked.
        self._platform.courier.send_message(openid, {"MsgType": kind, **fields})
