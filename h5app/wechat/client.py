"""The platform's interfaces as typed calls: one method per thing the house asks of WeChat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from h5app.wechat.account import Account
from h5app.wechat.transport import Gateway, WeChatRefused, WeChatSilent

TEMPORARY_SECONDS_MAX = 2_592_000
BATCH_USERS_MAX = 100
BATCH_TAGGED_MAX = 50
NO_MENU = 46003


@dataclass(frozen=True, kw_only=True)
class TemplateMessage:
    """One template message: whom, which template, what it opens, the texts of its fields."""

    openid: str
    template_id: str
    url: str = ""
    miniprogram: Mapping[str, str] | None = None
    client_msg_id: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class QrCode:
    """A parametric QR code: its ticket, the address it encodes, and the address of its picture."""

    ticket: str
    url: str
    picture_url: str
    expire_seconds: int | None


@dataclass(frozen=True, kw_only=True)
class FollowerPage:
    """One page of the follower list."""

    total: int
    openids: tuple[str, ...]
    next_openid: str


class WeChatApi:
    """Calls of one account; each may raise WeChatRefused (errcode) or WeChatSilent (unknown)."""

    def __init__(self, account: Account, gateway: Gateway) -> None:
        self._account = account
        self._gateway = gateway

    # Menus

    def menu_create(self, menu: Mapping[str, Any]) -> None:
        """Replace the default menu."""
        self._post("/cgi-bin/menu/create", menu)

    def menu_get(self) -> dict[str, Any]:
        """Return the default and the conditional menus."""
        return self._get("/cgi-bin/menu/get")

    def menu_delete(self) -> None:
        """Delete all menus; that there is none is no error."""
        try:
            self._get("/cgi-bin/menu/delete")
        except WeChatRefused as refused:
            if refused.errcode != NO_MENU:
                raise

    def menu_add_conditional(self, menu: Mapping[str, Any]) -> str:
        """Add a menu for some; return its id."""
        return str(self._post("/cgi-bin/menu/addconditional", menu).get("menuid", ""))

    def menu_delete_conditional(self, menu_id: str) -> None:
        """Delete one conditional menu."""
        self._post("/cgi-bin/menu/delconditional", {"menuid": menu_id})

    def menu_seen_by(self, openid: str) -> dict[str, Any]:
        """Return the menu that one follower sees."""
        return self._post("/cgi-bin/menu/trymatch", {"user_id": openid})

    # Template messages and subscription notices

    def template_send(self, message: TemplateMessage) -> str:
        """Send a template message; return the platform's msgid."""
        body: dict[str, Any] = {"touser": message.openid, "template_id": message.template_id}
        optional = {
            "url": message.url,
            "miniprogram": dict(message.miniprogram or {}),
            "client_msg_id": message.client_msg_id,
        }
        body |= {name: value for name, value in optional.items() if value}
        body["data"] = {name: {"value": text} for name, text in message.texts.items()}
        return str(self._post("/cgi-bin/message/template/send", body).get("msgid", ""))

    def templates(self) -> list[dict[str, Any]]:
        """Return the account's own templates."""
        reply = self._get("/cgi-bin/template/get_all_private_template")
        return _list_in(reply, "template_list")

    def template_add(self, short_id: str, keywords: Sequence[str]) -> str:
        """Add a template of the library with these keywords; return its id."""
        body = {"template_id_short": short_id, "keyword_name_list": list(keywords)}
        return str(self._post("/cgi-bin/template/api_add_template", body).get("template_id", ""))

    def template_delete(self, template_id: str) -> None:
        """Delete one of the account's own templates."""
        self._post("/cgi-bin/template/del_private_template", {"template_id": template_id})

    def subscription_send(
        self, openid: str, template_id: str, texts: Mapping[str, str], *, page: str = ""
    ) -> None:
        """Send a subscription notice, which uses up one grant of the follower."""
        body: dict[str, Any] = {"touser": openid, "template_id": template_id}
        if page:
            body["page"] = page
        body["data"] = {name: {"value": text} for name, text in texts.items()}
        self._post("/cgi-bin/message/subscribe/bizsend", body)

    def subscription_templates(self) -> list[dict[str, Any]]:
        """Return the account's own subscription templates."""
        return _list_in(self._get("/wxaapi/newtmpl/gettemplate"), "data")

    # Customer service

    def service_send_text(self, openid: str, content: str) -> None:
        """Send a text within the customer's open window."""
        self.service_send(openid, "text", {"content": content})

    def service_send(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        """Send a service message of any kind: text, image, voice, video, music, news, msgmenu..."""
        body = {"touser": openid, "msgtype": kind, kind: dict(content)}
        self._post("/cgi-bin/message/custom/send", body)

    def service_typing(self, openid: str, command: str = "Typing") -> None:
        """Show or hide that somebody is writing: Typing or CancelTyping."""
        self._post("/cgi-bin/message/custom/typing", {"touser": openid, "command": command})

    def agents(self) -> list[dict[str, Any]]:
        """Return the accounts of customer service."""
        return _list_in(self._get("/cgi-bin/customservice/getkflist"), "kf_list")

    def agents_online(self) -> list[dict[str, Any]]:
        """Return the agents that are at their seats."""
        return _list_in(self._get("/cgi-bin/customservice/getonlinekflist"), "kf_online_list")

    def agent_add(self, agent: str, nickname: str) -> None:
        """Add an account of customer service."""
        body = {"kf_account": agent, "nickname": nickname}
        self._post("/customservice/kfaccount/add", body)

    def session_create(self, agent: str, openid: str) -> None:
        """Give a conversation to an agent."""
        body = {"kf_account": agent, "openid": openid}
        self._post("/customservice/kfsession/create", body)

    def session_close(self, agent: str, openid: str) -> None:
        """End a conversation with an agent."""
        body = {"kf_account": agent, "openid": openid}
        self._post("/customservice/kfsession/close", body)

    def sessions_waiting(self) -> list[dict[str, Any]]:
        """Return the conversations that no agent has taken yet."""
        return _list_in(self._get("/customservice/kfsession/getwaitcase"), "waitcaselist")

    # Parametric QR codes

    def qr_temporary(self, scene: str, *, expire_seconds: int) -> QrCode:
        """Return a code that ends by itself, for a scene of 1 to 64 characters."""
        assert 1 <= expire_seconds <= TEMPORARY_SECONDS_MAX, expire_seconds
        body = {
            "expire_seconds": expire_seconds,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        return self._qr(body)

    def qr_permanent(self, scene: str) -> QrCode:
        """Return a code that never ends; an account has 100,000 of them."""
        body = {
            "action_name": "QR_LIMIT_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        return self._qr(body)

    def _qr(self, body: Mapping[str, Any]) -> QrCode:
        reply = self._post("/cgi-bin/qrcode/create", body)
        ticket = str(reply.get("ticket", ""))
        picture = f"/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
        return QrCode(
            ticket=ticket,
            url=str(reply.get("url", "")),
            picture_url=self._account.mp_base + picture,
            expire_seconds=reply.get("expire_seconds"),
        )

    # Users and tags

    def user(self, openid: str) -> dict[str, Any]:
        """Return what the platform tells of a user; names and pictures are empty since 2021."""
        return self._get("/cgi-bin/user/info", openid=openid, lang="zh_CN")

    def users(self, openids: Sequence[str]) -> list[dict[str, Any]]:
        """Return what the platform tells of up to 100 users."""
        assert len(openids) <= BATCH_USERS_MAX, len(openids)
        body = {"user_list": [{"openid": openid, "lang": "zh_CN"} for openid in openids]}
        return _list_in(self._post("/cgi-bin/user/info/batchget", body), "user_info_list")

    def followers_after(self, openid: str = "") -> FollowerPage:
        """Return the page of up to 10,000 followers behind an openid; the last page is empty."""
        return _page_in(self._get("/cgi-bin/user/get", next_openid=openid))

    def user_remark(self, openid: str, remark: str) -> None:
        """Set our own remark on a user; under 30 characters."""
        self._post("/cgi-bin/user/info/updateremark", {"openid": openid, "remark": remark})

    def tags(self) -> list[dict[str, Any]]:
        """Return the account's tags with their counts."""
        return _list_in(self._get("/cgi-bin/tags/get"), "tags")

    def tag_create(self, name: str) -> int:
        """Create a tag; return its id."""
        reply = self._post("/cgi-bin/tags/create", {"tag": {"name": name}})
        return int(reply["tag"]["id"])

    def tag_id(self, name: str) -> int:
        """Return the id of a tag, created when there is none of this name."""
        for tag in self.tags():
            if tag.get("name") == name:
                return int(tag["id"])
        return self.tag_create(name)

    def tag_users(self, tag_id: int, openids: Iterable[str]) -> None:
        """Give a tag to users, 50 at a time."""
        self._in_batches("/cgi-bin/tags/members/batchtagging", tag_id, list(openids))

    def untag_users(self, tag_id: int, openids: Iterable[str]) -> None:
        """Take a tag from users, 50 at a time."""
        self._in_batches("/cgi-bin/tags/members/batchuntagging", tag_id, list(openids))

    def tag_page(self, tag_id: int, after: str = "") -> FollowerPage:
        """Return the page of up to 10,000 openids with a tag behind an openid."""
        reply = self._post("/cgi-bin/user/tag/get", {"tagid": tag_id, "next_openid": after})
        return _page_in(reply)

    def _in_batches(self, path: str, tag_id: int, openids: list[str]) -> None:
        for start in range(0, len(openids), BATCH_TAGGED_MAX):
            batch = openids[start : start + BATCH_TAGGED_MAX]
            self._post(path, {"openid_list": batch, "tagid": tag_id})

    def tags_of(self, openid: str) -> list[int]:
        """Return the ids of a user's tags."""
        return list(self._post("/cgi-bin/tags/getidlist", {"openid": openid}).get("tagid_list", ()))

    # Media

    def media_upload(self, kind: str, content: bytes, filename: str) -> str:
        """Keep a picture, voice, video or thumb for three days; return its media id."""
        assert filename.isascii(), filename
        reply = self._gateway.post(
            "media/upload", params={"type": kind}, files={"media": (filename, content)}
        )
        if not isinstance(reply, dict):
            raise WeChatSilent
        return str(reply.get("media_id") or reply.get("thumb_media_id", ""))

    def media_download(self, media_id: str) -> bytes:
        """Return the bytes of a temporary file."""
        reply = self._gateway.get("media/get", params={"media_id": media_id})
        if isinstance(reply, dict):
            raise WeChatSilent
        content = reply.content
        assert isinstance(content, bytes)
        return content

    # Mass messages

    def mass_send_text(self, tag_id: int, content: str, *, client_msg_id: str = "") -> str:
        """Send a text to everybody with a tag; return the job's id. Sent only when it says so."""
        body: dict[str, Any] = {
            "filter": {"is_to_all": False, "tag_id": tag_id},
            "text": {"content": content},
            "msgtype": "text",
        }
        if client_msg_id:
            body["clientmsgid"] = client_msg_id
        return str(self._post("/cgi-bin/message/mass/sendall", body).get("msg_id", ""))

    def mass_preview_text(self, openid: str, content: str) -> None:
        """Show a mass message to one person first."""
        body = {"touser": openid, "text": {"content": content}, "msgtype": "text"}
        self._post("/cgi-bin/message/mass/preview", body)

    def mass_status(self, msg_id: str) -> str:
        """Return the platform's words on a mass job."""
        reply = self._post("/cgi-bin/message/mass/get", {"msg_id": msg_id})
        return str(reply.get("msg_status", ""))

    # The account's own limits

    def quota(self, path: str) -> dict[str, Any]:
        """Return the daily limit, use and rest of an interface, named by its path."""
        return dict(self._post("/cgi-bin/openapi/quota/get", {"cgi_path": path}).get("quota", {}))

    def clear_quota(self) -> None:
        """Set all daily counts to zero; ten times a month at most."""
        self._post("/cgi-bin/clear_quota", {"appid": self._account.app_id})

    def call_of(self, rid: str) -> dict[str, Any]:
        """Return what the platform recorded of a call by its rid."""
        return dict(self._post("/cgi-bin/openapi/rid/get", {"rid": rid}).get("request", {}))

    def callback_addresses(self) -> list[str]:
        """Return the addresses callbacks may come from, possibly ranges."""
        return _list_in(self._get("/cgi-bin/getcallbackip"), "ip_list")

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._gateway.post_json(path, body)

    def _get(self, path: str, **params: object) -> dict[str, Any]:
        return self._gateway.get_json(path, **params)


def _page_in(reply: Mapping[str, Any]) -> FollowerPage:
    data = reply.get("data") or {}
    return FollowerPage(
        total=int(reply.get("total", 0)),
        openids=tuple(data.get("openid") or ()),
        next_openid=str(reply.get("next_openid", "")),
    )


def _list_in(reply: Mapping[str, Any], name: str) -> list[Any]:
    value = reply.get(name)
    return value if isinstance(value, list) else []
