"""The account's templates: found or added once, checked against what notices say, then kept."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from h5app.kernel.clock import Clock
from h5app.notify.model import NoticeKind
from h5app.plumbing.db import Database
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.client import WeChatApi
from h5app.wechat.store import template
from h5app.wechat.transport import WeChatRefused
from h5app.wechat.wording import Place, TemplateNotUsable, places_in

REST_SECONDS = 600.0
"""After a search in vain the platform's small quota of such calls is left alone for so long."""
SUBSCRIPTION_PREFIX = "subscription_"
PLANS_FILE = Path(__file__).parent / "data" / "templates.toml"

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class TemplatePlan:
    """Which template may carry a kind of notice: titles to look for, else what to add."""

    titles: tuple[str, ...]
    short_id: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Template:
    """A template of the account and the fields it has places for."""

    template_id: str
    places: tuple[Place, ...]


def read_plans(path: Path = PLANS_FILE) -> dict[NoticeKind, TemplatePlan]:
    """Return the plan of every kind of notice."""
    table = tomllib.loads(path.read_text("utf-8"))
    assert set(table) == {kind.value for kind in NoticeKind}, sorted(table)
    return {
        NoticeKind(name): TemplatePlan(
            titles=tuple(one["titles"]),
            short_id=one["short_id"],
            keywords=tuple(one["keywords"]),
        )
        for name, one in table.items()
    }


class TemplateBook:
    """Which template carries which kind of notice."""

    prefix = ""
    """What stands before a kind in our table and in the setting."""

    def __init__(self, account: Account, api: WeChatApi, database: Database, wall: Clock) -> None:
        self._account = account
        self._api = api
        self._database = database
        self._wall = wall
        self._plans = read_plans()
        self._problems: list[str] = []
        self._rests_until = 0.0
        self._insert = sqlite.insert if database.dialect == "sqlite" else postgresql.insert

    def template(self, kind: NoticeKind) -> Template | None:
        """Return the template of a kind; None when none was found yet."""
        c = template.c
        with self._database.read() as connection:
            row = connection.execute(
                select(c.template_id, c.content).where(
                    c.app_id == self._account.app_id, c.kind == self._name(kind)
                )
            ).first()
        if row is None:
            return None
        return Template(template_id=row.template_id, places=places_in(row.content))

    def ensure(self) -> list[str]:
        """Find what is missing; return what an operator must do, empty when all is there.

        Raises:
            WeChatRefused: The platform does not let us see the templates.
            WeChatSilent: It did not answer.
        """
        missing = [kind for kind in NoticeKind if not self._is_kept(kind)]
        if missing and self._wall.monotonic() < self._rests_until:
            return self._problems
        problems = [
            f"H5APP_WECHAT__TEMPLATES: 不认识的类型 {name}"
            for name in self._account.template_id_by_kind
            if name.removeprefix(SUBSCRIPTION_PREFIX) not in {kind.value for kind in NoticeKind}
        ]
        if missing:
            problems += self._search(missing)
            self._problems = problems
        return problems

    def forget(self, kind: NoticeKind) -> None:
        """Forget the template of a kind: the platform does not know it any more."""
        self._rests_until = 0.0
        with self._database.write() as connection:
            connection.execute(
                delete(template).where(
                    template.c.app_id == self._account.app_id, template.c.kind == self._name(kind)
                )
            )

    def _search(self, missing: Sequence[NoticeKind]) -> list[str]:
        """Find templates for some kinds; rest a while when there is none for one of them."""
        standing, problems = self._standing(), []
        for kind in missing:
            problem, standing = self._find(kind, standing)
            if problem:
                say = log.info if self.prefix else log.warning  # Subscriptions are optional.
                say("wechat_template_missing", family=self.prefix, problem=problem)
                problems.append(problem)
        self._rests_until = self._wall.monotonic() + REST_SECONDS if problems else 0.0
        return problems

    def _name(self, kind: NoticeKind) -> str:
        return self.prefix + kind.value

    def _is_kept(self, kind: NoticeKind) -> bool:
        found = self.template(kind)
        wanted = self._account.template_id_by_kind.get(self._name(kind))
        return found is not None and wanted in {None, found.template_id}

    def _standing(self) -> dict[str, dict[str, Any]]:
        return {str(one.get("template_id")): one for one in self._api.templates()}

    def _find(
        self, kind: NoticeKind, standing: dict[str, dict[str, Any]]
    ) -> tuple[str, dict[str, dict[str, Any]]]:
        """Keep a template for a kind; return the problem, if any, and what stands there now."""
        wanted = self._account.template_id_by_kind.get(self._name(kind))
        if wanted:
            return self._keep(kind, standing.get(wanted), wanted), standing
        for one in standing.values():
            is_named = one.get("title") in self._plans[kind].titles
            if is_named and not self._keep(kind, one, str(one.get("template_id"))):
                return "", standing
        try:
            added = self._added(self._plans[kind])
        except WeChatRefused as refused:
            return f"{kind.label}: 没有可用的模板, 也不能从模板库添加 ({refused.errcode})", standing
        standing = self._standing()
        return self._keep(kind, standing.get(added), added), standing

    def _added(self, plan: TemplatePlan) -> str:
        """Add a template of the platform's library; return its id."""
        return self._api.template_add(plan.short_id, plan.keywords)

    def _keep(self, kind: NoticeKind, found: Mapping[str, Any] | None, template_id: str) -> str:
        """Keep a usable template; return what is wrong with it, or an empty text."""
        if found is None:
            return f"{kind.label}: 账号里没有模板 {template_id}"
        content = str(found.get("content", ""))
        try:
            places_in(content)
        except TemplateNotUsable as wrong:
            return f"{kind.label}: 模板 {template_id} 的字段 {wrong} 无法填写, 请换一个模板"
        values = {"template_id": template_id, "content": content, "found_at": self._wall.now()}
        with self._database.write() as connection:
            connection.execute(
                self._insert(template)
                .values(app_id=self._account.app_id, kind=self._name(kind), **values)
                .on_conflict_do_update(index_elements=["app_id", "kind"], set_=values)
            )
        return ""
