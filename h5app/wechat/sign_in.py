"""Sign-in through WeChat as pages see it: who has a session goes on, else the platform is asked."""

import secrets
from urllib.parse import quote

import flask
from flask import Response, request

from h5app.identity.gate import visitor
from h5app.identity.model import Tier
from h5app.plumbing.config import Config
from h5app.plumbing.web import cookie_name, wants_json
from h5app.wechat.oauth import (
    START_PATH,
    STATE_LIFE,
    Authorization,
    CodeGone,
    Return,
    SignInEnded,
    SnapshotVisitor,
    local_address,
)
from h5app.wechat.ports import OpenidSignIn

WECHAT_AGENT = "MicroMessenger"
NONCE_LENGTH = 43
"""Characters of 32 random bytes in URL-safe base64."""
AGAIN_PATH = "/go/quotes"
"""The start page is open to everybody; only its entry asks who somebody is."""
PATH_SIGNS = "/:@!$&'()*+,;=~"
TEMPLATE = "wechat/sign_in_ended.html"


class WeChatSignIn:
    """Sends browsers to the platform and takes them back."""

    def __init__(
        self, config: Config, authorization: Authorization, sessions: OpenidSignIn
    ) -> None:
        self._config = config
        self._authorization = authorization
        self._sessions = sessions
        self._cookie = cookie_name(config, "oauth")

    def ask_openid(self) -> Response | None:
        """Return the way to the platform for the present request, and back to this page.

        None where that cannot be: outside WeChat, for a form or for JSON.
        """
        is_page = request.method in {"GET", "HEAD"} and not wants_json()
        if not is_page or not inside_wechat():
            return None
        return self.begin(present_address())

    def begin(self, return_to: str) -> Response:
        """Return the redirect to the platform, with the cookie that its answer is bound to."""
        browser = self._browser() or secrets.token_urlsafe(32)
        url = self._authorization.begin(browser=browser, return_to=return_to)
        return self._redirect(url, browser)

    def enter(self, address: str) -> Response:
        """Return the redirect to a page of ours, by way of the platform when nobody is known."""
        if visitor().tier >= Tier.FOLLOWER or not inside_wechat():
            return _found(address)
        return self.begin(address)

    def finish(self) -> Response:
        """Take a browser back: sign in and go on to a clean address.

        Who has a session goes on whatever the code is worth: the back button brings old ones.
        """
        back = Return(
            browser=self._browser(),
            state=request.args.get("state", ""),
            code=request.args.get("code", ""),
        )
        try:
            signed_in = self._authorization.finish(back)
        except CodeGone as gone:
            return self._again(back, gone)
        except SnapshotVisitor as virtual:
            self._sessions.note_snapshot()
            return self._ended(back, virtual)
        except SignInEnded as ended:
            return self._ended(back, ended)
        response = _found(signed_in.return_to)
        self._sessions.sign_in_openid(signed_in.openid, response)
        return response

    def _again(self, back: Return, gone: CodeGone) -> Response:
        if visitor().tier >= Tier.FOLLOWER:
            return _found(gone.return_to)
        try:
            url = self._authorization.restarted(gone, browser=back.browser)
        except SignInEnded as ended:
            return self._ended(back, ended)
        return self._redirect(url, back.browser)

    def _ended(self, back: Return, ended: SignInEnded) -> Response:
        if visitor().tier >= Tier.FOLLOWER and not back.is_refusal:
            return _found(ended.return_to)
        if wants_json():
            raise ended
        again = AGAIN_PATH if ended.return_to == START_PATH else ended.return_to
        response = flask.make_response(
            flask.render_template(TEMPLATE, error=ended, again=again), ended.status
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _browser(self) -> str:
        """Return the nonce of the request's cookie; empty when there is none of ours."""
        nonce = request.cookies.get(self._cookie, "")
        return nonce if len(nonce) == NONCE_LENGTH and nonce.isascii() else ""

    def _redirect(self, url: str, browser: str) -> Response:
        response = _found(url)
        settings = flask.current_app.config
        response.set_cookie(
            self._cookie,
            browser,
            max_age=int(STATE_LIFE.total_seconds()),
            httponly=True,
            secure=self._config.is_https,
            samesite=settings["SESSION_COOKIE_SAMESITE"],
            path="/",
        )
        return response


def inside_wechat() -> bool:
    """Say whether the present request comes from WeChat's own web view."""
    return WECHAT_AGENT in request.user_agent.string


def present_address() -> str:
    """Return the local address of the present request, with its query."""
    query = request.query_string.decode("ascii", "ignore")
    path = quote(request.path, safe=PATH_SIGNS)
    return local_address(f"{path}?{query}" if query else path)


def _found(address: str) -> Response:
    response = flask.redirect(address, 302)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    return response
