"""Pages of the console: coming in, how the house does, and every component with its examples."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request

from h5app.identity.gate import requires
from h5app.identity.model import LOOKS, Look, Tier
from h5app.kernel.error import AppError
from h5app.ops.door import Door, open_to_strangers, requires_operator
from h5app.ops.model import Credentials, HealthLine
from h5app.ops.service import Operators
from h5app.plumbing.config import Config
from h5app.plumbing.health import Check, Figure
from h5app.plumbing.web import TEMPLATES, render, see_other

CHECK_NAMES = {
    "database": "数据库",
    "migrations": "数据库版本",
    "feed": "行情",
    "jobs": "任务",
    "venue": "成交场所",
}
"""What the checks of /readyz are called on the page."""
Health = Callable[[], Sequence[HealthLine]]


class OpsViews:
    """The console's routes."""

    def __init__(
        self, operators: Operators, door: Door, health: Health, components: Sequence[str]
    ) -> None:
        self._operators = operators
        self._door = door
        self._health = health
        self._components = components

    def register(self, blueprint: Blueprint) -> None:
        """Add the routes."""
        add = blueprint.add_url_rule
        add("/ops/", "home", self.home, methods=["GET"])
        add("/ops/sign-in", "sign_in", self.sign_in, methods=["GET"])
        add("/ops/sign-in", "enter", self.enter, methods=["POST"])
        add("/ops/sign-out", "leave", self.leave, methods=["POST"])

    @requires_operator
    @requires(Tier.VISITOR)
    def home(self) -> Response:
        """Show how the house does."""
        lines = self._health()
        return render(
            "ops/home.html",
            operator=self._door.operator(),
            lines=lines,
            wrong_count=sum(line.is_wrong for line in lines),
        )

    @open_to_strangers
    @requires(Tier.VISITOR)
    def sign_in(self) -> Response:
        """Show the form."""
        return see_other("/ops/") if self._door.is_open() else render("ops/sign_in.html")

    @open_to_strangers
    @requires(Tier.VISITOR)
    def enter(self) -> Response:
        """Let somebody in."""
        given = Credentials(
            name=request.form.get("name", "").strip(),
            password=request.form.get("password", ""),
            dynamic_code=request.form.get("dynamic_code", "").strip(),
            address=request.remote_addr or "",
        )
        try:
            token = self._operators.enter(given)
        except AppError as refused:
            return render("ops/sign_in.html", refused.status, error=refused, name=given.name[:32])
        self._door.keep(token)
        return see_other("/ops/")

    @requires_operator
    @requires(Tier.VISITOR)
    def leave(self) -> Response:
        """Sign out."""
        self._operators.leave(self._door.operator())
        self._door.keep("")
        return see_other("/ops/sign-in")

    @open_to_strangers
    @requires(Tier.VISITOR)
    def open_components(self) -> Response:
        """Show every component to everybody: the demo."""
        return self._draw_components()

    @requires_operator
    @requires(Tier.VISITOR)
    def components(self) -> Response:
        """Show every component to staff."""
        return self._draw_components()

    def _draw_components(self) -> Response:
        asked = {name: request.args[name] for name in LOOKS if name in request.args}
        return render("ops/ui.html", components=self._components, look=Look().changed(asked))


def blueprint(operators: Operators, config: Config, health: Health = tuple) -> Blueprint:
    """Return the console; /ops/ui is open in the demo only."""
    pages, door = Blueprint("ops", __name__), Door(operators, config)
    door.guard(pages)
    names = sorted(path.stem for path in (TEMPLATES / "_ui" / "examples").glob("*.html"))
    views = OpsViews(operators, door, health, names)
    views.register(pages)
    drawn = views.open_components if config.is_demo else views.components
    pages.add_url_rule("/ops/ui", "ui", drawn, methods=["GET"])
    return pages


def health_of(checks: Sequence[Check], figures: Sequence[Figure]) -> Health:
    """Return what the home page shows of the checks of /readyz and the figures of /metrics."""

    def lines() -> list[HealthLine]:
        return [*map(_checked, checks), *map(_read, figures)]

    return lines


def _checked(check: Check) -> HealthLine:
    try:
        problem = check.problem()
    except AppError as refused:
        problem = refused.message
    label = CHECK_NAMES.get(check.name, check.name)
    return HealthLine(label=label, value=problem or "正常", is_wrong=problem is not None)


def _read(figure: Figure) -> HealthLine:
    label = " ".join([figure.about, *figure.labels.values()])
    try:
        value = figure.read()
    except AppError as refused:
        return HealthLine(label=label, value=refused.message, is_wrong=True)
    return HealthLine(label=label, value="--" if value != value else f"{value:g}")  # noqa: PLR0124 - NaN is unequal to itself
