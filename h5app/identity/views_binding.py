"""Binding a fund account to the WeChat user, and undoing it."""

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import RISK_NOTICE_VERSION, BindAccount, SignInRequired, Tier, local_path
from h5app.identity.pages import Asked, fields_of_request
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.identity.views_entry import Entered, entered
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, request_asks_json, see_other


class BindingFields(msgspec.Struct):
    """What binding takes."""

    fund_account: str = ""
    trade_password: str = ""
    code: str = ""
    accepted_notice: str = ""
    """The version of the risk notice that was accepted."""
    resend: str = ""
    """Anything here asks for a new code instead of giving one."""
    next: str = ""


class BindingViews:
    """The page of the binding in its two states, and the two ways between them."""

    def __init__(self, identity: Identity, sessions: Sessions) -> None:
        self._identity = identity
        self._sessions = sessions

    def register(self, blueprint: Blueprint) -> None:
        """Add the routes."""
        add = blueprint.add_url_rule
        add("/me/binding", "binding", self.show, methods=["GET"])
        add("/me/binding", "bind", self.bind, methods=["POST"])
        add("/me/binding/removal", "unbind", self.unbind, methods=["POST"])

    @requires(Tier.FOLLOWER)
    def show(self) -> Response:
        """Show the form, or what is bound."""
        asked = Asked(next_path=local_path(request.args.get("next")))
        if visitor().tier < Tier.BOUND:
            return self._form(asked)
        return self._bound(request.args.get("done", ""))

    @operation(
        "Bind a fund account to the WeChat user of this session",
        request=BindingFields,
        reply=Entered,
        errors=(400, 401, 403, 409, 422, 429, 503),
    )
    @requires(Tier.FOLLOWER)
    def bind(self) -> Response:
        """Bind; the page afterwards says so and leads on."""
        fields = fields_of_request(BindingFields)
        next_path = local_path(fields.next)
        wish = BindAccount(
            fund_account=fields.fund_account,
            trade_password=fields.trade_password,
            code="" if fields.resend else fields.code,
            accepted_notice=fields.accepted_notice,
        )
        try:
            granted = self._identity.bind(visitor(), wish, self._sessions.origin())
        except AppError as refused:
            if request_asks_json() or isinstance(refused, SignInRequired):
                raise
            return self._form(
                Asked(
                    next_path=next_path,
                    fund_account=fields.fund_account[:20],
                    error=refused,
                    gave_code=bool(fields.code),
                ),
                has_accepted=bool(fields.accepted_notice),
            )
        self._sessions.keep(granted)
        return entered(granted, next_path, None)

    @operation("Undo the binding of this WeChat user", errors=(401, 403, 409))
    @requires(Tier.STEPPED_UP)
    def unbind(self) -> Response:
        """Undo the binding."""
        granted = self._identity.unbind(visitor(), self._sessions.origin())
        if granted is not None:
            self._sessions.keep(granted)
        if request_asks_json():
            return json_reply({"tier": visitor().tier.name})
        return see_other("/me/?done=unbound" if granted else "/me/binding?done=unbound")

    def _form(self, asked: Asked, *, has_accepted: bool = False) -> Response:
        return render(
            "identity/binding.html",
            asked.status,
            asked=asked,
            has_accepted=has_accepted,
            notice_version=RISK_NOTICE_VERSION,
            is_private=True,
        )

    def _bound(self, done: str) -> Response:
        who = visitor()
        return render(
            "identity/bound.html",
            account=who.account,
            is_wechat_session=who.openid is not None,
            openids_count=len(self._identity.directory.openids_bound_to(who.account)),
            is_stepped_up=who.tier >= Tier.STEPPED_UP,
            done=done,
            is_private=True,
        )
