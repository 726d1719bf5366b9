"""The platform's callback, the menu's entries, the way back from authorization, signatures."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from h5app.identity.gate import requires
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.plumbing.api import operation
from h5app.plumbing.log import get_logger
from h5app.plumbing.web import PageNotFound, csrf, json_reply
from h5app.wechat.account import Account
from h5app.wechat.callback import Callbacks, Delivery
from h5app.wechat.jssdk import JsConfig, JsSdk
from h5app.wechat.message import BODY_BYTES_MAX, MessageTooLarge
from h5app.wechat.oauth import CALLBACK_PATH, local_address
from h5app.wechat.ports import Entries
from h5app.wechat.service import WeChat
from h5app.wechat.sign_in import WeChatSignIn
from h5app.wechat.subscription_views import SubscriptionViews

ECHO_LENGTH_MAX = 512
XML = "application/xml"

log = get_logger(__name__)


def blueprint(wechat: WeChat, sign_in: WeChatSignIn) -> Blueprint:
    """Return the room's routes."""
    room = Blueprint("wechat", __name__)
    _add_callback(room, wechat.callbacks)
    _add_sign_in(room, wechat.plan.entries, sign_in)
    _add_page_signing(room, wechat.account, wechat.js_sdk)
    SubscriptionViews(wechat.subscriptions, wechat.grants).register(room)
    return room


def _add_callback(room: Blueprint, callbacks: Callbacks) -> None:
    @room.get("/wechat/callback")
    @requires(Tier.VISITOR)
    def greet() -> Response:
        return _plainly(lambda: _greeted(callbacks))

    @room.post("/wechat/callback")
    @requires(Tier.VISITOR)
    def receive() -> Response:
        return _plainly(lambda: Response(callbacks.receive(_delivery()), mimetype=XML))

    csrf.exempt(receive)


def _add_sign_in(room: Blueprint, entries: Entries, sign_in: WeChatSignIn) -> None:
    @room.get("/go/<entry>")
    @requires(Tier.VISITOR)
    def go(entry: str) -> Response:
        if entry not in entries:
            raise PageNotFound
        return sign_in.enter(_with_query(entries[entry]))

    @room.get(CALLBACK_PATH)
    @requires(Tier.VISITOR)
    def oauth() -> Response:
        return sign_in.finish()


def _add_page_signing(room: Blueprint, account: Account, js_sdk: JsSdk) -> None:
    @room.get("/wechat/js-config")
    @operation(
        "JS-SDK 签名:只为本站的页面签名",
        reply=JsConfig,
        query=(("url", "页面的完整地址,# 之后不参与签名"),),
        errors=(403, 502, 503),
    )
    @requires(Tier.VISITOR)
    def js_config() -> Response:
        return json_reply(js_sdk.config_for(request.args.get("url", "")))

    @room.get("/MP_verify_<name>.txt")
    @requires(Tier.VISITOR)
    def verify(name: str) -> Response:
        if not account.verify_name or name != account.verify_name:
            raise PageNotFound
        return Response(name, mimetype="text/plain")


def _greeted(callbacks: Callbacks) -> Response:
    callbacks.greet(
        signature=request.args.get("signature", ""),
        timestamp=request.args.get("timestamp", ""),
        nonce=request.args.get("nonce", ""),
    )
    return Response(request.args.get("echostr", "")[:ECHO_LENGTH_MAX], mimetype="text/plain")


def _delivery() -> Delivery:
    """Return what the platform sent.

    Raises:
        MessageTooLarge: The body is longer than a message may be.
    """
    request.max_content_length = BODY_BYTES_MAX
    try:
        body = request.get_data(cache=False)
    except HTTPException as wrong:
        raise MessageTooLarge from wrong
    query = request.args
    return Delivery(
        signature=query.get("signature", ""),
        timestamp=query.get("timestamp", ""),
        nonce=query.get("nonce", ""),
        body=body,
        encrypt_type=query.get("encrypt_type", ""),
        msg_signature=query.get("msg_signature", ""),
    )


def _plainly(answer: Callable[[], Response]) -> Response:
    """Return an answer, or a refusal as plain text: the platform reads no pages."""
    try:
        return answer()
    except AppError as refused:
        log.warning("wechat_callback_refused", error_code=refused.code)
        return Response(refused.code, status=refused.status, mimetype="text/plain")


def _with_query(address: str) -> str:
    """Return an entry's address with what was asked behind the entry's own query."""
    given = request.query_string.decode("ascii", "ignore")
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, given) if part)
    return local_address(urlunsplit(parts._replace(query=query)))
