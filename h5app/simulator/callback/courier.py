"""Carries messages and events to the account in the background: three attempts of 5 s each."""

import queue
import sqlite3
import threading

from h5app.plumbing.log import get_logger
from h5app.simulator.callback.letter import Letter, Letters
from h5app.simulator.callback.passive_reply import BadReply, ReplyReader
from h5app.simulator.callback.post import Answer, post
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.clock import PlatformClock
from h5app.simulator.phone.chat import NOTICE, Chat
from h5app.simulator.store import Json, Store

ATTEMPTS_MAX = 3
CARRIERS = 8
LOOK_SECONDS = 0.2
FIRST_MESSAGE_ID = 24_000_000_000_000_000
UNAVAILABLE = "该服务号暂时无法提供服务,请稍后再试"
BROKEN = "该服务号提供的服务出现故障,请稍后再试"
ANSWERED_KINDS = frozenset({"subscribe", "scan", "click", "message"})
"""Deliveries whose failure the user is told of: what the user did waits for an answer."""
TURN_DUPLICATES = "sends_duplicates"
TURN_DISORDER = "sends_out_of_order"
HELD_SECONDS = 1.0
"""So long a delivery waits to be overtaken by the next one, where deliveries come out of order."""
FORGED = "forged"
INTERRUPTED = "interrupted"
"""What becomes of a delivery when the simulator ends: the next start begins it again."""
OK = 200

log = get_logger(__name__)


class Courier:
    """Carries each delivery once; `start` also takes up what an earlier run left."""

    def __init__(
        self,
        store: Store,
        clock: PlatformClock,
        *,
        chat: Chat,
        letters: Letters,
        replies: ReplyReader,
        events: DueEvents,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chat = chat
        self._letters = letters
        self._replies = replies
        self._events = events
        self._waiting: queue.Queue[int | None] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._held: list[tuple[int, float]] = []
        self._holding = threading.Lock()
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Begin carrying, with what was still on its way when the simulator last ended."""
        if self._threads:
            return
        self._is_stopping.clear()
        self._waiting = queue.Queue()
        for row in self._store.rows(
            "SELECT id FROM delivery WHERE outcome = 'sending' ORDER BY id"
        ):
            self._waiting.put(row["id"])
        loops = [self._look_for_due, *[self._carry_waiting] * CARRIERS]
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop at the next quiet moment; what is not carried stays for the next start."""
        self._is_stopping.set()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=self._letters.timeout_seconds + 1)
        self._threads = []

    def send_message(self, openid: str, fields: Json) -> int:
        """Send what a user said; every message has an id of its own. Return the delivery's id."""
        with self._store.write():
            number = int(self._store.setting("message_id", FIRST_MESSAGE_ID)) + 1
            self._store.put_setting("message_id", number)
        return self._note(openid, "message", {**fields, "MsgId": number})

    def send_event(self, openid: str, event: str, **fields: object) -> int:
        """Send what a user did, or what became of something. Return the delivery's id."""
        return self._note(openid, event, {"MsgType": "event", "Event": event, **fields})

    def send_raw(self, openid: str, xml: str) -> int:
        """Send a text as it stands, hostile as it may be, validly signed."""
        return self._put(openid, "raw", xml)

    def send_forged(self, openid: str) -> int:
        """Send a message whose signatures are wrong; the account must refuse it."""
        fields = {"MsgType": "text", "Content": "forged", "MsgId": 1}
        return self._note(openid, FORGED, fields)

    def send_again(self, delivery_id: int) -> int:
        """Send the clear text of an earlier delivery once more."""
        found = self._store.row("SELECT * FROM delivery WHERE id = ?", delivery_id)
        assert found is not None, delivery_id
        return self._put(found["openid"], found["kind"], found["xml"])

    def carry(self, delivery_id: int) -> str:
        """Carry one delivery now, all its attempts, and return what became of it."""
        row = self._store.row("SELECT * FROM delivery WHERE id = ?", delivery_id)
        if row is None:
            return "forgotten"
        letter = self._letters.letter(row["openid"], row["xml"], delivery_id)
        outcome = self._attempts(delivery_id, row["kind"], letter)
        if outcome != INTERRUPTED:
            self._store.run("UPDATE delivery SET outcome = ? WHERE id = ?", outcome, delivery_id)
        self._release(self._clock.monotonic())
        return outcome

    def carry_due(self) -> int:
        """Turn the events that are due into deliveries; return how many."""
        with self._store.write():
            due = self._events.take()
            for openid, fields in due:
                self._note(openid, str(fields["Event"]), {"MsgType": "event", **fields})
        return len(due)

    def is_idle(self) -> bool:
        """Return whether nothing is on its way or owed."""
        sending = self._store.number("SELECT COUNT(*) FROM delivery WHERE outcome = 'sending'")
        return not sending and not self._events.waiting()

    def _note(self, openid: str, kind: str, fields: Json) -> int:
        return self._put(openid, kind, self._letters.xml(openid, fields))

    def _put(self, openid: str, kind: str, xml: str) -> int:
        number = self._store.run(
            "INSERT INTO delivery (openid, kind, xml, at) VALUES (?, ?, ?, ?)",
            openid,
            kind,
            xml,
            self._clock.wall_seconds(),
        )
        if not self._is_held(number):
            self._waiting.put(number)
        if self._store.setting(TURN_DUPLICATES, default=False):
            self._waiting.put(number)
        return number

    def _release(self, held_before: float) -> None:
        """Let go of what was overtaken, or waited long enough for it."""
        with self._holding:
            ready = [number for number, since in self._held if since <= held_before]
            self._held = [one for one in self._held if one[0] not in ready]
        for number in ready:
            self._waiting.put(number)

    def _is_held(self, number: int) -> bool:
        """Hold every other delivery back, where deliveries shall come out of order."""
        if not self._store.setting(TURN_DISORDER, default=False):
            return False
        with self._holding:
            if self._held:
                return False
            self._held = [(number, self._clock.monotonic())]
        return True

    def _attempts(self, delivery_id: int, kind: str, letter: Letter) -> str:
        outcome = "lost"
        for _ in range(ATTEMPTS_MAX):
            if self._is_stopping.is_set():
                return INTERRUPTED
            outcome = self._attempt(delivery_id, kind, letter)
            if outcome not in ("silent", "unreachable", "failed"):
                break
        else:
            self._tell(letter.openid, kind, UNAVAILABLE)
        if outcome in ("bad reply", "refused"):
            self._tell(letter.openid, kind, BROKEN)
        return outcome

    def _attempt(self, delivery_id: int, kind: str, letter: Letter) -> str:
        started_at, started = self._clock.wall_seconds(), self._clock.monotonic()
        seconds = self._letters.timeout_seconds
        token = "not-the-token" if kind == FORGED else ""
        answer = post(self._letters.address(letter, token), letter.body, seconds)
        outcome, text = self._judged(letter.openid, kind, answer)
        number = 1 + self._store.number(
            "SELECT COUNT(*) FROM attempt WHERE delivery_id = ?", delivery_id
        )
        self._store.run(
            "INSERT INTO attempt (delivery_id, number, body, started_at, took_ms, status,"
            " answer, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            delivery_id,
            number,
            letter.body,
            started_at,
            int((self._clock.monotonic() - started) * 1000),
            answer.status,
            text,
            outcome,
        )
        return outcome

    def _judged(self, openid: str, kind: str, answer: Answer) -> tuple[str, str]:
        if answer.is_lost:
            return ("failed" if answer.status else answer.outcome), answer.text
        if answer.status != OK:
            return "refused", answer.text
        try:
            return self._replies.take(openid, kind, answer.text), answer.text
        except BadReply as wrong:
            return "bad reply", f"{wrong}\n{answer.text}"

    def _tell(self, openid: str, kind: str, sentence: str) -> None:
        if openid and kind.lower() in ANSWERED_KINDS:
            self._chat.add(openid, NOTICE, "notice", {"content": sentence})

    def _look_for_due(self) -> None:
        while not self._is_stopping.wait(LOOK_SECONDS):
            try:
                self.carry_due()
                self._release(self._clock.monotonic() - HELD_SECONDS)
            except sqlite3.Error:
                log.exception("due_events_not_taken")

    def _carry_waiting(self) -> None:
        while (number := self._waiting.get()) is not None and not self._is_stopping.is_set():
            try:
                outcome = self.carry(number)
            except sqlite3.Error:  # The state file is full or locked; the next one may pass.
                log.exception("callback_not_kept", delivery=number)
                continue
            log.info("callback_carried", delivery=number, outcome=outcome)
