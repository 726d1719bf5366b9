"""「我的」: who one is here, how pages look, what WeChat can see, what is simulated."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.appearance import Appearance
from h5app.identity.gate import requires, visitor
from h5app.identity.model import LOOKS, Tier, Visitor, local_path
from h5app.identity.pages import fields_of_request
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.identity.views_binding import BindingViews
from h5app.identity.views_devices import DeviceViews
from h5app.identity.views_entry import EntryViews
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.config import Config
from h5app.plumbing.log import get_logger
from h5app.plumbing.web import json_reply, render, request_asks_json, see_other

Unread = Callable[[str], int]
"""How many messages a customer has not read."""
AdvisorOf = Callable[[str], str]
"""Branch and advisor of a follower by openid; empty for one who came by no code of ours."""

log = get_logger(__name__)


class Wishes(msgspec.Struct):
    """Parts of the appearance to change; empty ones stay."""

    theme: str = ""
    mode: str = ""
    colours: str = ""
    language: str = ""
    next: str = ""


class MeViews:
    """The pages that everybody may open."""

    def __init__(
        self,
        identity: Identity,
        appearance: Appearance,
        config: Config,
        unread: Unread,
        *,
        advisor_of: AdvisorOf,
    ) -> None:
        self._identity = identity
        self._appearance = appearance
        self._config = config
        self._unread = unread
        self._advisor_of = advisor_of

    def register(self, blueprint: Blueprint) -> None:
        """Add the routes."""
        add = blueprint.add_url_rule
        add("/me/", "home", self.home, methods=["GET"])
        add("/me/appearance", "appearance", self.appearance, methods=["GET"])
        add("/me/appearance", "choose_look", self.choose_look, methods=["POST"])
        add("/me/privacy", "privacy", self.privacy, methods=["GET"])
        add("/me/about", "about", self.about, methods=["GET"])

    @requires(Tier.VISITOR)
    def home(self) -> Response:
        """Show who one is here, masked, and the ways on."""
        who = visitor()
        return render(
            "identity/home.html",
            who=who,
            holder_name=self._holder_name(who),
            unread_count=self._unread(who.customer_id) if who.customer_id else 0,
            advisor=self._advisor_of(who.openid) if who.openid else "",
            service_phone=self._config.service_phone,
            done=request.args.get("done", ""),
            is_private=True,
        )

    @requires(Tier.VISITOR)
    def appearance(self) -> Response:
        """Show the choices."""
        return render("identity/appearance.html", choices=LOOKS, is_saved="saved" in request.args)

    @operation("Choose how pages look", request=Wishes, errors=(422,))
    @requires(Tier.VISITOR)
    def choose_look(self) -> Response:
        """Keep the choice: in a cookie, and with the customer who is known."""
        fields = fields_of_request(Wishes)
        wishes = {name: getattr(fields, name) for name in LOOKS}
        look = self._appearance.of_request().changed(
            {name: value for name, value in wishes.items() if value}
        )
        self._appearance.keep(look)
        customer_id = visitor().customer_id
        if customer_id is not None:
            self._identity.keep_look(customer_id, look.as_text())
        if request_asks_json():
            return json_reply({"look": look.as_text()})
        return see_other(local_path(fields.next, "/me/appearance?saved=1"))

    @requires(Tier.VISITOR)
    def privacy(self) -> Response:
        """Say what WeChat can see and what it cannot."""
        return render("identity/privacy.html")

    @requires(Tier.VISITOR)
    def about(self) -> Response:
        """Say what is simulated here, and what the risks are."""
        return render("identity/about.html", service_phone=self._config.service_phone)

    def _holder_name(self, who: Visitor) -> str:
        """Return the masked name; the page does without it when the counter is silent."""
        try:
            holder = self._identity.holder(who)
        except AppError as refused:
            log.warning("holder_unknown", error_code=refused.code)
            return ""
        return holder.masked_name if holder else ""


def blueprint(
    identity: Identity,
    sessions: Sessions,
    appearance: Appearance,
    config: Config,
    unread: Unread,
    *,
    advisor_of: AdvisorOf,
) -> Blueprint:
    """Return all pages under /me/ that are identity's own; /me/messages belongs to notify."""
    pages = Blueprint("identity", __name__)
    MeViews(identity, appearance, config, unread, advisor_of=advisor_of).register(pages)
    EntryViews(identity, sessions).register(pages)
    BindingViews(identity, sessions).register(pages)
    DeviceViews(identity, sessions).register(pages)
    return pages
