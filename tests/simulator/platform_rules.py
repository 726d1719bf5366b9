"""Recorded rules of the platform, each tried on a fresh simulator over HTTP.

A rule is {"api": ..., condition...}; `tried` sets everything up valid but for the condition and
returns what was seen. A condition that is not known here fails.
"""

from typing import Any

from tests.simulator.served import APP_ID, SECRET, RunningSimulator, wait_until

CONDITIONS = (
    "buttons",
    "top_level_name_utf8_bytes",
    "sub_button",
    "matchrule",
    "code",
    "last_user_action",
    "openid",
    "data",
    "count",
    "one_time_subscription_already_used",
    "same_openid_and_client_msg_id_within_s",
    "second_call_within_validity",
    "twice_within_s",
    "repeat",
    "callback",
)
DETAILS = ("api", "age_s", "already_sent", "force_refresh")
"""What stands beside a condition."""
NOTICE = {
    "thing1": {"value": "事项"},
    "time3": {"value": "10:00"},
    "thing4": {"value": "说明"},
}


class RuleTrial:
    """One rule on one simulator."""

    def __init__(self, simulator: RunningSimulator, given: dict[str, Any]) -> None:
        self.simulator = simulator
        self.platform = simulator.platform
        self.given = given

    def tried(self) -> Any:
        """Return what is seen: an answer without its rid, or the facts that the rule names."""
        if " then " in str(self.given.get("api")):
            return self.in_order()
        known = [name for name in CONDITIONS if name in self.given]
        is_listed = known and set(self.given) <= {*CONDITIONS, *DETAILS}
        assert is_listed, f"a condition that is not listed: {self.given}"
        answer = getattr(self, known[0])()
        if isinstance(answer, dict) and "errmsg" in answer:
            answer["errmsg"] = str(answer["errmsg"]).partition(" rid: ")[0]
        return answer

    @property
    def path(self) -> str:
        """The interface's path."""
        name = str(self.given["api"]).strip("/")
        is_whole = name.startswith(("cgi-bin/", "sns/", "wxaapi/", "customservice/"))
        return f"/{name}" if is_whole else f"/cgi-bin/{name}"

    # Menus

    def buttons(self) -> Any:
        """A menu of n buttons."""
        button = {"type": "click", "name": "n", "key": "k"}
        return self.menu([button] * self.given["buttons"])

    def top_level_name_utf8_bytes(self) -> Any:
        """A menu whose first name is n bytes long."""
        name = "n" * self.given["top_level_name_utf8_bytes"]
        return self.menu([{"type": "click", "name": name, "key": "k"}])

    def sub_button(self) -> Any:
        """A menu that is right but for one part of a sub button."""
        part = {"type": "click", "name": "n", "key": "k", **self.given["sub_button"]}
        for name, value in list(part.items()):
            if name.endswith("_utf8_bytes"):
                part[name.removesuffix("_utf8_bytes")] = "n" * int(value)
                del part[name]
        count = int(part.pop("count", 1))
        return self.menu([{"name": "n", "sub_button": [part] * count}])

    def menu(self, buttons: list[Any]) -> Any:
        """Publish a menu."""
        return self.simulator.api("/cgi-bin/menu/create", {"button": buttons})

    def matchrule(self) -> Any:
        """A conditional menu by this rule, the default one being there."""
        button = [{"type": "click", "name": "n", "key": "k"}]
        assert self.menu(button)["errcode"] == 0
        body = {"button": button, "matchrule": self.given["matchrule"]}
        return self.simulator.api("/cgi-bin/menu/addconditional", body)

    # Web authorization

    def code(self) -> Any:
        """A code used twice, or one that is unknown, or old."""
        code = self.platform.web_tokens.issue_code(
            self.simulator.openid(), "snsapi_base", is_snapshot=False
        )
        if "second" in self.given["code"]:
            self.exchange(code)
            return self.exchange(code)
        unknown = self.exchange("never-issued")
        self.platform.clock.advance(301)
        old = self.exchange(code)
        assert unknown["errcode"] == old["errcode"]
        return old

    def exchange(self, code: str) -> Any:
        """Exchange a code."""
        query = {"appid": APP_ID, "secret": SECRET, "code": code}
        return self.simulator.client.get(
            f"{self.simulator.url}/sns/oauth2/access_token",
            params={**query, "grant_type": "authorization_code"},
        ).json()

    # Messages

    def last_user_action(self) -> Any:
        """A service message, some time and some messages after the user's last action."""
        self.act(self.given["last_user_action"])
        for _ in range(self.given.get("already_sent", 0)):
            assert self.service_message()["errcode"] == 0
        self.platform.clock.advance(self.given.get("age_s", 0))
        return self.service_message()

    def act(self, action: str) -> None:
        """Let the user do the one thing that was done."""
        if action == "text message":
            self.simulator.do("say", text="你好")
            return
        view = {"type": "view", "name": "v", "url": "http://127.0.0.1/"}
        self.menu([{"type": "click", "name": "c", "key": "k"}, view])
        places = {"CLICK menu": 0, "VIEW menu only": 1}
        self.simulator.do("tap", top=places[action], sub=None)

    def service_message(self) -> Any:
        """Send a service message."""
        openid = self.simulator.openid()
        body = {"touser": openid, "msgtype": "text", "text": {"content": "在"}}
        return self.simulator.api("/cgi-bin/message/custom/send", body)

    def openid(self) -> Any:
        """A message to somebody who does not follow."""
        assert self.given["openid"] == "not following"
        body = {
            "touser": self.simulator.openid("u3"),
            "template_id": "SIM_NOTICE",
            "data": NOTICE,
            "msgtype": "text",
            "text": {"content": "在"},
        }
        return self.simulator.api(self.path, body)

    def data(self) -> Any:
        """A template message with these values, by a template that has these fields."""
        values = self.given["data"]
        content = "\n".join(f"项:{{{{{name}.DATA}}}}" for name in values)
        template_id = self.platform.templates.keep(
            template_id="", family="template", title="t", content=content
        )
        data = {name: {"value": value} for name, value in values.items()}
        return self.template_message(template_id, data)

    def template_message(self, template_id: str, data: Any, **more: str) -> Any:
        """Send a template message to a follower."""
        body = {"touser": self.simulator.openid(), "template_id": template_id, "data": data}
        return self.simulator.api("/cgi-bin/message/template/send", {**body, **more})

    def same_openid_and_client_msg_id_within_s(self) -> Any:
        """Two messages of one client_msg_id; how many stand on the phone."""
        seconds = self.given["same_openid_and_client_msg_id_within_s"]
        answers = [self.template_message("SIM_NOTICE", NOTICE, client_msg_id="c1")]
        self.platform.clock.advance(max(0, seconds - 1))
        answers.append(self.template_message("SIM_NOTICE", NOTICE, client_msg_id="c1"))
        assert [answer["errcode"] for answer in answers] == [0, 0]
        return {"errcode": 0, "sent": len(self.simulator.chat())}

    def one_time_subscription_already_used(self) -> Any:
        """A second notification on a grant of one."""
        self.simulator.do("subscribe", decisions={"SUB_NOTICE": True})
        body = {
            "touser": self.simulator.openid(),
            "template_id": "SUB_NOTICE",
            "data": NOTICE,
        }
        path = "/cgi-bin/message/subscribe/bizsend"
        assert self.simulator.api(path, body)["errcode"] == 0
        return self.simulator.api(path, body)

    def count(self) -> Any:
        """A list of n openids."""
        count = self.given["count"]
        self.platform.people.add_crowd(max(0, count - 2))
        rows = self.platform.store.rows("SELECT openid FROM user WHERE is_following = 1")
        openids = [row["openid"] for row in rows][:count]
        assert len(openids) == count
        tag = self.simulator.api("/cgi-bin/tags/create", {"tag": {"name": "t"}})["tag"]["id"]
        body = {
            "user_list": [{"openid": openid} for openid in openids],
            "openid_list": openids,
            "touser": openids,
            "tagid": tag,
            "msgtype": "text",
            "text": {"content": "x"},
        }
        return self.simulator.api(self.path, body)

    # Tokens

    def second_call_within_validity(self) -> Any:
        """A second plain token: how long the first one still opens."""
        first, second = self.plain_token(), self.plain_token()
        self.platform.clock.advance(299)
        is_open = self.opens(first)
        self.platform.clock.advance(2)
        lasts = 300 if is_open and not self.opens(first) else 0
        return {"new_token": first != second, "old_token_still_valid_s": lasts}

    def repeat(self) -> Any:
        """The same stable token, until little of its life is left."""
        first = self.simulator.token()
        is_same = first == self.simulator.token()
        self.platform.clock.advance(7200 - 301)
        is_same = is_same and first == self.simulator.token()
        self.platform.clock.advance(3)
        is_new = first != self.simulator.token()
        return {"same_token": is_same, "new_token_when_remaining_s_below": 300 if is_new else 0}

    def twice_within_s(self) -> Any:
        """Two forced refreshes: the second refuses, or gives the first one's token, which opens."""
        first = self.forced_token()
        self.platform.clock.advance(max(0, self.given["twice_within_s"] - 1))
        second = self.forced_token()
        assert "errcode" in second or second["access_token"] == first["access_token"]
        assert self.opens(first["access_token"])
        return {"errcode": second.get("errcode", 0), "same_token": "errcode" not in second}

    def in_order(self) -> Any:
        """Tokens of both kinds: both open, and getting one does not end the other."""
        tokens = []
        for name in str(self.given["api"]).split(" then "):
            is_stable = "stable" in name
            tokens.append(self.simulator.token() if is_stable else self.plain_token())
        both = all(self.opens(token) for token in tokens)
        return {"both_valid": both, "isolated": both and tokens[0] != tokens[1]}

    def plain_token(self) -> str:
        """Get a token of the old kind."""
        query = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        reply = self.simulator.client.get(f"{self.simulator.url}/cgi-bin/token", params=query)
        return str(reply.json()["access_token"])

    def forced_token(self) -> Any:
        """Force a new stable token."""
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        return self.simulator.client.post(
            f"{self.simulator.url}/cgi-bin/stable_token", json={**body, "force_refresh": True}
        ).json()

    def opens(self, token: str) -> bool:
        """Whether a token opens an interface."""
        reply = self.simulator.client.get(
            f"{self.simulator.url}/cgi-bin/getcallbackip", params={"access_token": token}
        )
        return "errcode" not in reply.json()

    # Callback

    def callback(self) -> Any:
        """No answer in time: how often the same body comes, and what the user sees."""
        self.simulator.do("say", text="在吗")
        wait_until(self.platform.courier.is_idle)
        attempts = self.platform.log.deliveries(1)[0]["attempts"]
        bodies = {attempt["body"] for attempt in attempts}
        notice = self.simulator.chat()[-1]["body"]["content"]
        return {
            "deliveries": len(attempts),
            "bodies": len(bodies),
            "is_told": "该服务号暂时无法提供服务" in notice,
        }


def agrees(seen: Any, expected: dict[str, Any]) -> None:
    """Hold what was seen against a rule's expectation, key by key."""
    assert expected, "nothing is expected"
    for name, value in expected.items():
        if name == "errmsg_prefix":
            assert seen["errmsg"].startswith(value)
        elif name == "errmsg_contains":
            assert value in seen["errmsg"]
        elif name == "resend":
            assert seen == {"deliveries": 3, "bodies": 1, "is_told": True}
        else:
            assert seen[name] == value, (name, seen)
