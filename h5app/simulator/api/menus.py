"""The account's menus: the default one, the conditional ones, and which a user sees."""

import json

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, number_of, post, text_of
from h5app.simulator.api.menu_rules import check_menu, check_raw, check_rule, matches
from h5app.simulator.api.people import People
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

FIRST_CONDITIONAL_ID = 1000


class Menus:
    """What stands in the bar below the chat."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/menu/create", self._create, 1000),
            get("/cgi-bin/menu/get", self._get, 10_000),
            get("/cgi-bin/menu/delete", self._delete, 1000),
            get("/cgi-bin/get_current_selfmenu_info", self._current, 10_000),
            post("/cgi-bin/menu/addconditional", self._add_conditional, 2000),
            post("/cgi-bin/menu/delconditional", self._delete_conditional, 2000),
            post("/cgi-bin/menu/trymatch", self._try_match, 20_000),
        )

    def buttons_of(self, openid: str) -> list[Json]:
        """Return what a follower sees: the newest matching conditional menu, or the default."""
        user = self._people.require(openid)
        for row in self._store.rows("SELECT * FROM menu WHERE rule IS NOT NULL ORDER BY id DESC"):
            if matches(json.loads(row["rule"]), self._people.tag_ids(openid), user["platform"]):
                return list(json.loads(row["body"]))
        default = self._default()
        return default[1] if default else []

    def _create(self, call: Call) -> Json:
        check_raw(call.body)
        buttons = check_menu(call.json())
        with self._store.write():
            self._store.run("DELETE FROM menu WHERE rule IS NULL")
            self._keep(buttons, None)
        return DONE

    def _get(self, _call: Call) -> Json:
        default = self._default()
        if default is None:
            raise Refused(46003)
        answer: Json = {"menu": {"button": default[1], "menuid": default[0]}}
        conditional = [
            {
                "button": json.loads(row["body"]),
                "matchrule": json.loads(row["rule"]),
                "menuid": row["id"],
            }
            for row in self._store.rows(
                "SELECT * FROM menu WHERE rule IS NOT NULL ORDER BY id DESC"
            )
        ]
        if conditional:
            answer["conditionalmenu"] = conditional
        return answer

    def _delete(self, _call: Call) -> Json:
        self._store.run("DELETE FROM menu")
        return DONE

    def _current(self, _call: Call) -> Json:
        default = self._default()
        shown = [_self_menu(button) for button in default[1]] if default else []
        return {"is_menu_open": 1 if default else 0, "selfmenu_info": {"button": shown}}

    def _add_conditional(self, call: Call) -> Json:
        check_raw(call.body)
        body = call.json()
        buttons, rule = check_menu(body), check_rule(body.get("matchrule"))
        if self._default() is None:
            raise Refused(65303)
        with self._store.write():
            return {"menuid": str(self._keep(buttons, rule))}

    def _delete_conditional(self, call: Call) -> Json:
        number = number_of(call.json(), "menuid", 65301)
        if not self._store.change("DELETE FROM menu WHERE id = ? AND rule IS NOT NULL", number):
            raise Refused(65301)
        return DONE

    def _try_match(self, call: Call) -> Json:
        return {"button": self.buttons_of(text_of(call.json(), "user_id", 40003))}

    def _default(self) -> tuple[int, list[Json]] | None:
        row = self._store.row("SELECT * FROM menu WHERE rule IS NULL")
        return (row["id"], list(json.loads(row["body"]))) if row else None

    def _keep(self, buttons: list[Json], rule: Json | None) -> int:
        tidy = [_with_children(button) for button in buttons]
        number = self._store.number("SELECT MAX(id) FROM menu") or FIRST_CONDITIONAL_ID
        return self._store.run(
            "INSERT INTO menu (id, rule, body) VALUES (?, ?, ?)",
            number + 1,
            json.dumps(rule) if rule is not None else None,
            json.dumps(tidy, ensure_ascii=False),
        )


def _with_children(button: Json) -> Json:
    children = button.get("sub_button") or []
    if isinstance(children, dict):
        children = children.get("list") or []
    if children:
        return {
            "name": button["name"],
            "sub_button": [{**child, "sub_button": []} for child in children],
        }
    return {**button, "sub_button": []}


def _self_menu(button: Json) -> Json:
    if button["sub_button"]:
        children = [
            {name: value for name, value in child.items() if name != "sub_button"}
            for child in button["sub_button"]
        ]
        return {"name": button["name"], "sub_button": {"list": children}}
    return {name: value for name, value in button.items() if name != "sub_button"}
