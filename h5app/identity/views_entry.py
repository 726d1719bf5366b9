"""Signing in, stepping up, signing out."""

import flask
import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.kept_form import KeptForm, kept_form
from h5app.identity.model import Granted, SignInRequired, Tier, Visitor, local_path
from h5app.identity.pages import (
    Asked,
    asking_address,
    continue_page,
    fields_of_request,
    is_wechat,
    sign_in_page,
    step_up_page,
)
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.format import masked_account
from h5app.plumbing.web import json_reply, request_asks_json, see_other


class SignInFields(msgspec.Struct):
    """What signing in takes."""

    fund_account: str = ""
    trade_password: str = ""
    code: str = ""
    resend: str = ""
    """Anything here asks for a new code instead of giving one."""
    next: str = ""

    @property
    def given_code(self) -> str:
        """The code, unless a new one is asked for."""
        return "" if self.resend else self.code


class StepUpFields(msgspec.Struct):
    """What stepping up takes."""

    trade_password: str = ""
    next: str = ""


class Entered(msgspec.Struct):
    """Who one is after a password was right."""

    tier: str
    account: str
    """Masked: the last four digits."""
    stepped_up_until: str | None
    next: str


class EntryViews:
    """The pages that ask for a password."""

    def __init__(self, identity: Identity, sessions: Sessions) -> None:
        self._identity = identity
        self._sessions = sessions

    def register(self, blueprint: Blueprint) -> None:
        """Add the routes."""
        add = blueprint.add_url_rule
        add("/me/sign-in", "sign_in", self.sign_in, methods=["GET"])
        add("/me/sign-in", "enter", self.enter, methods=["POST"])
        add("/me/step-up", "step_up", self.step_up, methods=["GET"])
        add("/me/step-up", "open_up", self.open_up, methods=["POST"])
        add("/me/lock", "lock", self.lock, methods=["POST"])
        add("/me/sign-out", "sign_out", self.sign_out, methods=["POST"])

    @requires(Tier.VISITOR)
    def sign_in(self) -> Response:
        """Show the form, unless the customer is known already."""
        next_path = local_path(request.args.get("next"))
        who = visitor()
        if who.tier >= Tier.BOUND:
            return flask.redirect(next_path)  # type: ignore[return-value]
        if who.tier >= Tier.FOLLOWER:
            return flask.redirect(asking_address("/me/binding", next_path))  # type: ignore[return-value]
        was_signed_in = self._sessions.has_cookie()
        return sign_in_page(Asked(next_path=next_path, was_signed_in=was_signed_in))

    @operation(
        "Sign in with fund account, trade password and, on a new device, a one-time code",
        request=SignInFields,
        reply=Entered,
        errors=(400, 401, 403, 422, 429, 503),
    )
    @requires(Tier.VISITOR)
    def enter(self) -> Response:
        """Sign in directly."""
        fields = fields_of_request(SignInFields)
        next_path = local_path(fields.next)
        kept = kept_form(request.form)
        try:
            granted = self._identity.sign_in_direct(
                fields.fund_account,
                fields.trade_password,
                fields.given_code,
                self._sessions.origin(),
            )
        except AppError as refused:
            if request_asks_json() or isinstance(refused, SignInRequired):
                raise
            return sign_in_page(
                Asked(
                    next_path=next_path,
                    fund_account=fields.fund_account[:20],
                    kept=kept,
                    error=refused,
                    gave_code=bool(fields.code),
                )
            )
        self._sessions.keep(granted)
        return entered(granted, next_path, kept)

    @requires(Tier.BOUND)
    def step_up(self) -> Response:
        """Show the form for the password, unless it was given a short while ago."""
        next_path, who = local_path(request.args.get("next")), visitor()
        if who.tier >= Tier.STEPPED_UP:
            return flask.redirect(next_path)  # type: ignore[return-value]
        return step_up_page(Asked(next_path=next_path), who)

    @operation(
        "Give the trade password to open private figures and trading for a time",
        request=StepUpFields,
        reply=Entered,
        errors=(400, 401, 403, 422, 429, 503),
    )
    @requires(Tier.BOUND)
    def open_up(self) -> Response:
        """Step up."""
        fields = fields_of_request(StepUpFields)
        next_path, who = local_path(fields.next), visitor()
        kept = kept_form(request.form)
        try:
            granted = self._identity.step_up(who, fields.trade_password, self._sessions.origin())
        except AppError as refused:
            if request_asks_json() or isinstance(refused, SignInRequired):
                raise
            return step_up_page(Asked(next_path=next_path, kept=kept, error=refused), who)
        self._sessions.keep(granted)
        return entered(granted, next_path, kept)

    @operation("Close what the trade password opened; the login stays")
    @requires(Tier.VISITOR)
    def lock(self) -> Response:
        """Lock the trade session: pages call it after they were hidden, the button on /me/ too."""
        who = visitor()
        self._identity.lock(who, self._sessions.origin())
        if request_asks_json():
            return json_reply({"tier": min(who.tier, Tier.BOUND).name})
        return see_other("/me/")

    @operation("End the present session")
    @requires(Tier.VISITOR)
    def sign_out(self) -> Response:
        """Sign out here; the device stays known."""
        self._identity.sign_out(visitor(), self._sessions.origin())
        self._sessions.clear()
        if request_asks_json():
            return json_reply({"tier": Tier.VISITOR.name})
        return see_other("/me/" if is_wechat() else "/me/sign-in")


def entered(granted: Granted, next_path: str, kept: KeptForm | None) -> Response:
    """Answer after a password was right: JSON, the kept form, or on to where one wanted to go."""
    if request_asks_json():
        return json_reply(_entered(granted.visitor, next_path))
    if kept is not None:
        return continue_page(kept, next_path)
    return see_other(next_path)


def _entered(who: Visitor, next_path: str) -> Entered:
    until = who.stepped_up_until
    return Entered(
        tier=who.tier.name,
        account=masked_account(who.account_id),
        stepped_up_until=until.isoformat(timespec="seconds") if until else None,
        next=next_path,
    )
