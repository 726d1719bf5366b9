"""What the tester turns: the platform's clock, tokens, quotas, faults, users and deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5app.simulator.api.templates import RESULTS
from h5app.simulator.callback.courier import TURN_DISORDER, TURN_DUPLICATES
from h5app.simulator.phone.authorize import MODES
from h5app.simulator.phone.chat import ACCOUNT
from h5app.simulator.phone.impossible import Impossible
from h5app.simulator.tester.faults import EVERYWHERE, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from h5app.simulator.official_platform import Platform
    from h5app.simulator.store import Json

SPAN_MAX = 400 * 24 * 3600
TIMES_MAX = 1000
CROWD_MAX = 100_000
EVENTS = ("subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH")
XML_BYTES_MAX = 1024 * 1024
USER_CHOICES: dict[str, tuple[str, ...]] = {
    "platform": ("ios", "android"),
    "oauth_mode": tuple(MODES),
    "template_result": ("success", "user block", "system failed"),
    "has_recognition": ("0", "1"),
    "is_blocking": ("0", "1"),
    "is_blacklisted": ("0", "1"),
}
"""What of a user the tester may choose, and among what."""
USER_TEXTS = ("latitude", "longitude", "scan_result", "nickname")


class Turns:
    """Each turn takes the JSON of the page and returns what to show, if anything."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._by_name: dict[str, Callable[[Json], Json]] = {
            "advance": self._advance,
            "expire-tokens": self._expire_tokens,
            "exhaust": self._exhaust,
            "limit": self._limit,
            "minute-limit": self._minute_limit,
            "clear-quotas": self._clear_quotas,
            "fault": self._fault,
            "clear-faults": self._clear_faults,
            "user": self._user,
            "add-phone": self._add_phone,
            "add-crowd": self._add_crowd,
            "code": self._code,
            "again": self._again,
            "raw": self._raw,
            "event": self._event,
            "forged": self._forged,
            "duplicates": self._duplicates,
            "disorder": self._disorder,
            "allowed-ips": self._allowed_ips,
            "agent": self._agent,
            "market": self._platform.market_clock.move,
        }

    def turn(self, name: str, body: Json) -> Json:
        """Do one thing of the tester's page.

        Raises:
            Impossible: There is no such thing, or its values make no sense.
        """
        found = self._by_name.get(name)
        if found is None:
            raise Impossible("测试台没有这个操作")
        return found(body)

    def _advance(self, body: Json) -> Json:
        seconds = _number(body, "seconds", 1, SPAN_MAX)
        self._platform.clock.advance(seconds)
        return {"offset_seconds": self._platform.clock.offset_seconds()}

    def _expire_tokens(self, _body: Json) -> Json:
        self._platform.credentials.expire_all()
        return {}

    def _exhaust(self, body: Json) -> Json:
        self._platform.quotas.exhaust(self._path(body))
        return {}

    def _limit(self, body: Json) -> Json:
        most = _number(body, "daily_max", 0, 100_000_000)
        self._platform.quotas.set_limit(self._path(body), most)
        return {}

    def _minute_limit(self, body: Json) -> Json:
        most = _number(body, "minute_max", 0, 1_000_000)
        self._platform.quotas.set_minute_limit(self._path(body), most)
        return {}

    def _clear_quotas(self, _body: Json) -> Json:
        self._platform.quotas.clear()
        return {}

    def _fault(self, body: Json) -> Json:
        path = str(body.get("path") or EVERYWHERE)
        if path != EVERYWHERE:
            self._path(body)
        kind = _among(body, "kind", KINDS)
        number = _number(body, "number", -1, 1_000_000)
        self._platform.faults.order(path, kind, number, _number(body, "times", 1, TIMES_MAX))
        return {}

    def _clear_faults(self, _body: Json) -> Json:
        self._platform.faults.clear()
        return {}

    def _user(self, body: Json) -> Json:
        user = self._platform.deeds.user_of(str(body.get("user")))
        name = _among(body, "name", (*USER_CHOICES, *USER_TEXTS))
        value = str(body.get("value", ""))
        if name in USER_CHOICES:
            value = _among(body, "value", USER_CHOICES[name])
        self._platform.store.run(
            f"UPDATE user SET {name} = ? WHERE openid = ?",  # noqa: S608 - one of our own names
            value,
            user["openid"],
        )
        return {}

    def _add_phone(self, body: Json) -> Json:
        platform = _among(body, "platform", USER_CHOICES["platform"])
        return {"user": self._platform.people.add(platform=platform)}

    def _add_crowd(self, body: Json) -> Json:
        self._platform.people.add_crowd(_number(body, "count", 1, CROWD_MAX))
        return {}

    def _code(self, body: Json) -> Json:
        scene = str(body.get("scene") or "")[:64]
        if not scene:
            raise Impossible("请填写场景值")
        return self._platform.qrcodes.make(scene, is_text=True, is_permanent=True, seconds=0)

    def _again(self, body: Json) -> Json:
        number = _number(body, "delivery", 1, 2**62)
        if not self._platform.store.row("SELECT 1 FROM delivery WHERE id = ?", number):
            raise Impossible("没有这次投递")
        return {"delivery": self._platform.courier.send_again(number)}

    def _raw(self, body: Json) -> Json:
        xml = str(body.get("xml") or "")
        if not 0 < len(xml.encode()) <= XML_BYTES_MAX:
            raise Impossible("请填写要发送的 XML")
        user = self._platform.deeds.user_of(str(body.get("user") or "u1"))
        return {"delivery": self._platform.courier.send_raw(user["openid"], xml)}

    def _event(self, body: Json) -> Json:
        """Send an event as it stands, whether or not the phone's state agrees with it."""
        user = self._platform.deeds.user_of(str(body.get("user") or "u1"))
        event, key = _among(body, "event", EVENTS), str(body.get("key") or "")[:1024]
        fields: Json = {"EventKey": key}
        if event == "LOCATION":
            place = {"Latitude": user["latitude"], "Longitude": user["longitude"]}
            fields = {**place, "Precision": "40.000000"}
        elif event == "TEMPLATESENDJOBFINISH":
            fields = {"MsgID": key, "Status": RESULTS["user block"]}
        elif event == "SCAN":
            fields["Ticket"] = "TICKET"
        delivery = self._platform.courier.send_event(user["openid"], event, **fields)
        return {"delivery": delivery}

    def _forged(self, body: Json) -> Json:
        user = self._platform.deeds.user_of(str(body.get("user") or "u1"))
        return {"delivery": self._platform.courier.send_forged(user["openid"])}

    def _duplicates(self, body: Json) -> Json:
        self._platform.store.put_setting(TURN_DUPLICATES, body.get("value") in (True, "1"))
        return {}

    def _disorder(self, body: Json) -> Json:
        self._platform.store.put_setting(TURN_DISORDER, body.get("value") in (True, "1"))
        return {}

    def _allowed_ips(self, body: Json) -> Json:
        given = str(body.get("value") or "").replace(",", " ").split()
        self._platform.store.put_setting("allowed_ips", given)
        return {}

    def _agent(self, body: Json) -> Json:
        """Sit at customer service: take a user, write, hand back."""
        openid = self._platform.deeds.user_of(str(body.get("user")))["openid"]
        agents = self._platform.agents
        step = _among(body, "step", ("take", "say", "close"))
        if step == "take":
            agents.open(openid, str(body.get("account")))
        elif step == "close":
            agents.close(openid)
        else:
            text = str(body.get("text") or "")[:2000]
            self._platform.chat.add(openid, ACCOUNT, "agent_text", {"content": text})
        return {}

    def _path(self, body: Json) -> str:
        return _among(body, "path", self._platform.interfaces.paths())


def _number(body: Json, name: str, least: int, most: int) -> int:
    try:
        number = int(body.get(name, 0))
    except (TypeError, ValueError):
        number = least - 1
    if not least <= number <= most:
        raise Impossible(f"{name} 必须是 {least} 到 {most} 的整数")
    return number


def _among(body: Json, name: str, allowed: tuple[str, ...] | list[str]) -> str:
    value = str(body.get(name, ""))
    if value not in allowed:
        raise Impossible(f"{name} 不能是 {value or '空'}")
    return value
