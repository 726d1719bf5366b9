"""The app's market clock, moved through this server so that no page asks across origins."""

from collections.abc import Callable

import requests

from h5app.kernel.error import AppError
from h5app.plumbing.http import HttpClient, RemoteRefused
from h5app.simulator.settings import Settings
from h5app.simulator.store import Json

PATH = "/demo/clock"
TIMEOUT_SECONDS = 120.0
"""A jump over days plays each of them; that may take a while."""
REFUSED = "被测网站拒绝移动市场时钟"
NO_ANSWER = "被测网站没有应答市场时钟的请求"


class MarketClock:
    """Reads and moves; the answer is the app's own, or an error sentence."""

    def __init__(self, settings: Settings) -> None:
        self._client = HttpClient(settings.app_base_url, TIMEOUT_SECONDS)

    def read(self) -> Json:
        """Return where the market clock stands."""
        return self._asked(lambda: self._client.get(PATH))

    def move(self, wish: Json) -> Json:
        """Ask for a move ({"to"}, {"days"}, {"next_phase"} or {"speed"}) and return the answer."""
        return self._asked(lambda: self._client.post(PATH, json=wish))

    def _asked(self, ask: Callable[[], requests.Response]) -> Json:
        try:
            return _object(ask().json())
        except RemoteRefused as refused:
            return {"error": f"{REFUSED} (HTTP {refused.details.get('http_status')})"}
        except (AppError, ValueError):
            return {"error": NO_ANSWER}


def _object(found: object) -> Json:
    return found if isinstance(found, dict) else {"error": NO_ANSWER}
