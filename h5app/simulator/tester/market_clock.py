"""The app's market clock, moved through this server so that no page asks across origins."""

import json
from http.client import HTTPException
from urllib.parse import urlsplit

from h5app.simulator.phone.passage import Asked, NoAnswer, Passage
from h5app.simulator.settings import Settings
from h5app.simulator.store import Json

PATH = "/demo/clock"
NO_ANSWER = "被测网站没有应答市场时钟的请求"


class MarketClock:
    """Reads and moves; the answer is the app's own, or {"error": a sentence}."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.app_base_url

    def read(self) -> Json:
        """Return where the market clock stands."""
        return self._asked("GET", b"")

    def move(self, wish: Json) -> Json:
        """Ask for a move ({"to"}, {"days"}, {"next_phase"} or {"speed"}) and return the answer."""
        return self._asked("POST", json.dumps(wish).encode())

    def _asked(self, method: str, body: bytes) -> Json:
        headers = (
            ("Host", urlsplit(self._base_url).netloc),
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        )
        asked = Asked(
            base_url=self._base_url, method=method, target=PATH, headers=headers, body=body
        )
        try:
            answer = json.loads(b"".join(Passage(asked).parts()))
        except (NoAnswer, OSError, HTTPException, ValueError):
            return {"error": NO_ANSWER}
        return _told(answer)


def _told(answer: object) -> Json:
    """Return the app's answer; of a refusal its sentence."""
    if not isinstance(answer, dict):
        return {"error": NO_ANSWER}
    refusal = answer.get("error")
    return {"error": refusal.get("message", NO_ANSWER)} if isinstance(refusal, dict) else answer
