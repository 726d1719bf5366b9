"""What the account answered on the line: nothing, a message for the chat, or a mistake."""

from h5app.simulator.api.agents import Agents
from h5app.simulator.callback.envelope import NotOpened
from h5app.simulator.callback.letter import Letters
from h5app.simulator.callback.markup import NotMarkup, read
from h5app.simulator.phone.chat import ACCOUNT, Chat
from h5app.simulator.settings import Settings
from h5app.simulator.store import Json

SILENT = frozenset({"", "success"})
ARTICLES_MAX = 8
TEXT_BYTES_MAX = 2048
NEVER_SHOWN = frozenset({"unsubscribe", "location", "view", "view_miniprogram"})
"""Events (in lower case) to which an answer is taken but shown to nobody."""


class BadReply(Exception):
    """The account's answer is not one; the user sees 该服务号提供的服务出现故障."""


class ReplyReader:
    """Reads answers and puts what they say into the chat."""

    def __init__(self, settings: Settings, letters: Letters, chat: Chat, agents: Agents) -> None:
        self._settings = settings
        self._letters = letters
        self._chat = chat
        self._agents = agents

    def take(self, openid: str, kind: str, answer: str) -> str:
        """Show an answer, and return what it was in a word for the log.

        Raises:
            BadReply: It is neither empty nor a reply in the account's mode.
        """
        if answer.strip() in SILENT:
            return "empty"
        reply = self._opened(answer)
        self._check_names(reply, openid)
        shown_kind, content = _content(reply)
        if kind.lower() in NEVER_SHOWN or not openid:
            return "not shown"
        if shown_kind == "transfer_customer_service":
            self._agents.wait(openid, str(content.get("KfAccount", "")))
        else:
            self._chat.add(openid, ACCOUNT, shown_kind, content)
        return shown_kind

    def _opened(self, answer: str) -> Json:
        reply = _read(answer)
        sealed = reply.get("Encrypt")
        if sealed is None:
            if self._letters.mode == "safe":
                raise BadReply("安全模式下的回复没有加密")
            return reply
        if self._letters.mode == "plain" or not isinstance(sealed, str):
            raise BadReply("明文模式下的回复却是加密的")
        given, timestamp, nonce = (
            str(reply.get(name, "")) for name in ("MsgSignature", "TimeStamp", "Nonce")
        )
        if not self._letters.envelope.is_signed(given, timestamp, nonce, sealed):
            raise BadReply("回复的 MsgSignature 不正确")
        try:
            return _read(self._letters.envelope.open(sealed))
        except NotOpened as wrong:
            raise BadReply(f"回复无法解密: {wrong}") from None

    def _check_names(self, reply: Json, openid: str) -> None:
        if openid and reply.get("ToUserName") != openid:
            raise BadReply("回复的 ToUserName 不是这位用户")
        if reply.get("FromUserName") != self._settings.account_id:
            raise BadReply("回复的 FromUserName 不是本服务号")
        if not str(reply.get("CreateTime", "")).isdigit():
            raise BadReply("回复的 CreateTime 不是整数")


def _read(text: str) -> Json:
    try:
        return read(text)
    except NotMarkup as wrong:
        raise BadReply(f"回复不是 XML: {wrong}") from None


def _content(reply: Json) -> tuple[str, Json]:
    kind = reply.get("MsgType")
    if kind == "text":
        text = reply.get("Content", "")
        if not isinstance(text, str) or len(text.encode()) > TEXT_BYTES_MAX:
            raise BadReply("文本回复太长或不是文本")
        return "text", {"content": text}
    if kind in ("image", "voice", "video"):
        return kind, {"media_id": str(_part(reply, kind.capitalize()).get("MediaId", ""))}
    if kind == "music":
        part = _part(reply, "Music")
        return "music", {"title": part.get("Title", ""), "url": part.get("MusicURL", "")}
    if kind == "news":
        return "news", {"articles": _articles(reply)}
    if kind == "transfer_customer_service":
        named = reply.get("TransInfo")
        return kind, named if isinstance(named, dict) else {}
    raise BadReply(f"回复的类型不认识: {kind}")


def _part(reply: Json, name: str) -> Json:
    part = reply.get(name)
    if not isinstance(part, dict):
        raise BadReply(f"回复缺少 {name}")
    return part


def _articles(reply: Json) -> list[Json]:
    found = _part(reply, "Articles").get("item")
    given: list[object] = found if isinstance(found, list) else [found]
    items = [item for item in given if isinstance(item, dict)]
    if not 1 <= len(items) <= ARTICLES_MAX or len(items) != len(given):
        raise BadReply("图文回复的条数不对")
    if str(reply.get("ArticleCount", "")) != str(len(items)):
        raise BadReply("图文回复的 ArticleCount 与条数不符")
    names = {"Title": "title", "Description": "description", "PicUrl": "picurl", "Url": "url"}
    return [{new: str(item.get(old, "")) for old, new in names.items()} for item in items]
