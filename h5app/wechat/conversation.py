"""What is said back to a message: the answer that was found, or the way to our own entries."""

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from h5app.kernel.error import AppError
from h5app.plumbing.log import get_logger
from h5app.wechat.in_time import InTime, TooLate
from h5app.wechat.message import Message
from h5app.wechat.model import Answer, Link, Place, Question, Way
from h5app.wechat.ports import AnswerPort, Entries
from h5app.wechat.reply import TEXT_BYTES_MAX, Article, Reply

ANSWER_SECONDS_MAX = 3.5
"""An answer that takes longer is sent later; the platform itself waits five seconds."""
THREADS_MAX = 8
HUMAN_WORDS = frozenset({"人工", "转人工", "人工客服", "人工服务", "客服"})
SUGGESTIONS = (("quotes", "看行情"), ("positions", "我的持仓"), ("calendar", "理财日历"))

WELCOME = "欢迎关注。发送证券代码、名称或拼音可以查行情,也可以从下面进入:"
WELCOME_BACK = "您好,可以从下面进入:"
NOT_HEARD = "没听清,请再说一次,或直接输入证券代码、名称:"
NOT_UNDERSTOOD = "没有找到您要的内容,可以试试:"
PLACE_SEEN = "收到您的位置。附近网点的查询还没有开放,需要网点信息请回复“人工”:"
ONLY_WORDS = "目前能看懂文字、语音和位置,请换一种方式告诉我们:"
HUMAN_LATER = "人工客服将尽快回复您"
HUMAN_HINT = "需要人工服务请回复“人工”"

log = get_logger(__name__)

_UNREAD = frozenset({"image", "video", "shortvideo", "link"})


class AnswerTakesLonger(Exception):
    """No answer in time for this reply; the question is answered later."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.way)
        self.question = question


class Conversation:
    """Turns messages into replies, within the platform's time."""

    def __init__(
        self,
        link: Callable[[str], str],
        entries: Entries,
        *,
        answer: AnswerPort | None = None,
        greeting: Callable[[str], str] | None = None,
    ) -> None:
        self._link = link
        self._entries = entries
        self._answer = answer
        self._greeting = greeting
        self.wait_seconds_max = ANSWER_SECONDS_MAX
        self._in_time: InTime[Answer] = InTime(THREADS_MAX, "wechat-answer")

    def reply_to(self, message: Message) -> Reply | None:
        """Return what is said back; None says nothing.

        Raises:
            AnswerTakesLonger: There is a question, and its answer is not there yet.
        """
        if message.event in {"subscribe", "scan"}:
            return self._welcome(message)
        if message.kind in _UNREAD:
            return self._said(self.hints(ONLY_WORDS))
        question = question_in(message)
        if question is None:
            return None
        return self._said(self._answered_in_time(question))

    def answer_late(self, question: Question) -> Answer:
        """Return the answer to a question that missed its reply, however long it takes."""
        return self._asked(question)

    def hints(self, words: str) -> Answer:
        """Return words followed by three entries and the way to a human."""
        links = tuple(
            Link(label=label, path=self._entries[name])
            for name, label in SUGGESTIONS
            if name in self._entries
        )
        return Answer(words=words, links=links)

    def text_of(self, answer: Answer) -> str:
        """Return an answer as chat text with links, cut to what a message may hold."""
        return cut_to_bytes(_lines(answer, self._link), TEXT_BYTES_MAX)

    def service_message(self, answer: Answer) -> tuple[str, dict[str, Any]]:
        """Return kind and content of the service message that says an answer later."""
        if answer.wants_human:
            return "text", {"content": HUMAN_LATER}
        if answer.card is None:
            return "text", {"content": self.text_of(answer)}
        card = {
            "title": answer.card.title,
            "description": answer.card.description,
            "url": self._link(answer.card.path),
            "picurl": "",
        }
        return "news", {"articles": [card]}

    def _welcome(self, message: Message) -> Reply:
        scene = scene_of(message)
        greeting = self._greeting(scene) if self._greeting and scene else ""
        words = WELCOME if message.event == "subscribe" else WELCOME_BACK
        return self._said(self.hints(f"{greeting}\n{words}" if greeting else words))

    def _answered_in_time(self, question: Question) -> Answer:
        if self._is_answered_here(question):
            return self._asked(question)
        try:
            return self._in_time.result(lambda: self._asked(question), self.wait_seconds_max)
        except TooLate:
            raise AnswerTakesLonger(question) from None

    def _is_answered_here(self, question: Question) -> bool:
        return self._answer is None or not question.words or question.words in HUMAN_WORDS

    def _asked(self, question: Question) -> Answer:
        if question.words in HUMAN_WORDS:
            return Answer(wants_human=True)
        if question.way is Way.VOICE and not question.words:
            return self.hints(NOT_HEARD)
        nothing = PLACE_SEEN if question.way is Way.LOCATION else NOT_UNDERSTOOD
        return self._from_port(question) or self.hints(nothing)

    def _from_port(self, question: Question) -> Answer | None:
        if self._answer is None:
            return None
        try:
            return self._answer(question)
        except AppError as refused:
            log.warning("question_not_answered", error_code=refused.code, way=question.way.value)
            return None

    def _said(self, answer: Answer) -> Reply:
        if answer.wants_human:
            return Reply.hand_over()
        if answer.card:
            article = Article(
                title=answer.card.title,
                description=answer.card.description,
                picture_url="",
                url=self._link(answer.card.path),
            )
            return Reply.news([article])
        return Reply.text(self.text_of(answer))


def question_in(message: Message) -> Question | None:
    """Return the question of a message, or None when it asks nothing."""
    openid = message.openid
    if message.kind == "text":
        words = message.text("Content").strip()
        return Question(openid=openid, way=Way.TEXT, words=words) if words else None
    if message.kind == "voice":
        return Question(openid=openid, way=Way.VOICE, words=_heard(message))
    if message.kind == "location":
        place = place_in(message)
        if place is None:
            return None
        return Question(openid=openid, way=Way.LOCATION, words=place.label, place=place)
    if message.event == "click":
        return Question(openid=openid, way=Way.MENU, words=message.event_key)
    return None


def _heard(message: Message) -> str:
    return message.text("Recognition").strip().rstrip("。.!?！？")


def place_in(message: Message) -> Place | None:
    """Return the place of a location message; None when its numbers are none on Earth."""
    try:
        latitude = Decimal(message.text("Location_X"))
        longitude = Decimal(message.text("Location_Y"))
    except InvalidOperation:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - degrees
        return None
    return Place(latitude=latitude, longitude=longitude, label=message.text("Label").strip())


def scene_of(message: Message) -> str:
    """Return the scene of a followed or scanned QR code; empty without one."""
    return message.event_key.removeprefix("qrscene_")


def cut_to_bytes(text: str, bytes_max: int) -> str:
    """Return the text without the lines that do not fit in so many UTF-8 bytes any more."""
    kept: list[str] = []
    size = 0
    for line in text.split("\n"):
        size += len(line.encode()) + 1
        if size > bytes_max + 1:
            break
        kept.append(line)
    return "\n".join(kept)


def _lines(answer: Answer, link: Callable[[str], str]) -> str:
    lines: Sequence[str] = [answer.words] if answer.words else []
    lines = [
        *lines,
        *(f'<a href="{escape(link(one.path))}">{one.label}</a>' for one in answer.links),
    ]
    return "\n".join([*lines, HUMAN_HINT] if answer.links else lines)
