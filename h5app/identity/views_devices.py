"""Where one is signed in, and how to end it."""

import msgspec
from flask import Blueprint, Response, request

from h5app.identity.gate import requires, visitor
from h5app.identity.model import KnownDevice, OpenSession, Tier
from h5app.identity.service import Identity
from h5app.identity.sessions import Sessions
from h5app.plumbing.api import operation
from h5app.plumbing.web import json_reply, render, request_asks_json, see_other


class SessionRow(msgspec.Struct):
    """One place where the customer is signed in."""

    session_id: int
    device: str
    is_wechat: bool
    began_at: str
    seen_at: str
    is_current: bool


class DeviceRow(msgspec.Struct):
    """One browser that needs no code for the account."""

    device_id: int
    name: str
    last_seen_at: str


class SignedIn(msgspec.Struct):
    """Everywhere the customer is signed in or known."""

    sessions: list[SessionRow]
    devices: list[DeviceRow]


class DeviceViews:
    """The list of sessions and devices, and what can be done to each."""

    def __init__(self, identity: Identity, sessions: Sessions) -> None:
        self._identity = identity
        self._sessions = sessions

    def register(self, blueprint: Blueprint) -> None:
        """Add the routes."""
        add = blueprint.add_url_rule
        add("/me/sessions", "sessions", self.show, methods=["GET"])
        add("/me/sessions/revocation", "revoke_others", self.revoke_others, methods=["POST"])
        add("/me/sessions/<int:session_id>/revocation", "revoke", self.revoke, methods=["POST"])
        add("/me/devices/<int:device_id>/removal", "forget", self.forget, methods=["POST"])

    @operation("List where the customer is signed in", reply=SignedIn, errors=(401,))
    @requires(Tier.FOLLOWER)
    def show(self) -> Response:
        """Show the list."""
        who = visitor()
        sessions, devices = self._identity.sessions(who), self._identity.devices(who)
        if request_asks_json():
            rows = [_session_row(one, who.session_id) for one in sessions]
            return json_reply(SignedIn(rows, [_device_row(one) for one in devices]))
        return render(
            "identity/sessions.html",
            sessions=sessions,
            current_id=who.session_id,
            devices=devices,
            done=request.args.get("done", ""),
            is_private=True,
        )

    @operation("End one session of the customer", errors=(401, 404))
    @requires(Tier.FOLLOWER)
    def revoke(self, session_id: int) -> Response:
        """End one session; one's own is a sign-out."""
        who = visitor()
        self._identity.revoke_session(who, session_id, self._sessions.origin())
        if session_id == who.session_id:
            self._sessions.clear()
        return _done("/me/sessions?done=revoked" if session_id != who.session_id else "/me/")

    @operation("End all sessions of the customer but this one", errors=(401,))
    @requires(Tier.FOLLOWER)
    def revoke_others(self) -> Response:
        """End every other session."""
        self._identity.revoke_other_sessions(visitor(), self._sessions.origin())
        return _done("/me/sessions?done=revoked")

    @operation("Ask for a one-time code again on a device", errors=(401, 403, 404))
    @requires(Tier.BOUND)
    def forget(self, device_id: int) -> Response:
        """Forget a device and end its sessions."""
        self._identity.forget_device(visitor(), device_id, self._sessions.origin())
        return _done("/me/sessions?done=forgotten")


def _done(path: str) -> Response:
    return json_reply({"done": True}) if request_asks_json() else see_other(path)


def _session_row(one: OpenSession, current_id: int | None) -> SessionRow:
    return SessionRow(
        session_id=one.session_id,
        device=one.device,
        is_wechat=one.is_wechat,
        began_at=one.began_at.isoformat(timespec="seconds"),
        seen_at=one.seen_at.isoformat(timespec="seconds"),
        is_current=one.session_id == current_id,
    )


def _device_row(one: KnownDevice) -> DeviceRow:
    return DeviceRow(
        device_id=one.device_id,
        name=one.name,
        last_seen_at=one.last_seen_at.isoformat(timespec="seconds"),
    )
