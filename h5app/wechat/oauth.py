"""Web authorization: a state good once for one browser, a code exchanged once, an openid known."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from h5app.kernel.clock import Clock
from h5app.kernel.error import AppError
from h5app.plumbing.db import Database
from h5app.plumbing.http import HttpClient, RemoteRefused, RemoteSilent
from h5app.plumbing.log import get_logger
from h5app.wechat.account import Account
from h5app.wechat.store import oauth_state
from h5app.wechat.transport import BUSY, WeChatRefused, WeChatSilent

CALLBACK_PATH = "/wechat/oauth"
START_PATH = "/market/"
"""Where somebody goes who came from nowhere in particular."""
STATE_LIFE = timedelta(minutes=10)
STATE_KEPT = timedelta(days=1)
"""So long a used state is remembered, so that the back button is understood."""
SECOND_OPENING = timedelta(seconds=15)
"""WeChat may open the callback twice: so long the second opening shares the first one's result."""
EXCHANGE_SECONDS = 5.0
WAIT_SECONDS_MAX = 9.0
"""Longer than an exchange with its time-outs."""
LOOK_AGAIN_SECONDS = 0.05
RETURN_LENGTH_MAX = 1000
STATE_LENGTH_MAX = 128
CODE_LENGTH_MAX = 512
RESTARTS_MAX = 1
CODE_GONE = frozenset({40029, 40163, 42003})
"""The code is unknown, used or too old: a new authorization gives another."""
DENIED_CODE = "authdeny"
"""What old clients send in the place of a code when the customer refuses."""

log = get_logger(__name__)


class SignInEnded(AppError):
    """An authorization that did not end in a sign-in; the page offers the way back."""

    code = "wechat.sign_in_ended"
    status = 400
    sentence = "微信登录没有完成,请重新打开"

    def __init__(self, return_to: str = START_PATH) -> None:
        super().__init__()
        self.return_to = return_to


class StateNotValid(SignInEnded):
    """The state is unknown, or belongs to another browser."""

    code = "wechat.state_not_valid"
    status = 403
    sentence = "这个登录链接不能使用,请从公众号菜单重新进入"


class ConsentRefused(SignInEnded):
    """The customer did not allow it."""

    code = "wechat.consent_refused"
    status = 403
    sentence = "您没有同意微信登录,不登录也可以查看行情;需要交易时请重新进入并同意"


class SnapshotVisitor(SignInEnded):
    """A snapshot page gives an openid of nobody; it never signs anybody in."""

    code = "wechat.snapshot_visitor"
    status = 403
    sentence = "当前是快照页,请点击右下角“使用完整服务”后继续"


class CodeNotTaken(SignInEnded):
    """Two codes in a row were not taken."""

    code = "wechat.code_not_taken"
    status = 400
    sentence = "微信登录链接已经用过或过期,请关闭页面后从公众号菜单重新进入"


class PlatformSilent(SignInEnded):
    """WeChat did not say who it is."""

    code = "wechat.sign_in_silent"
    status = 503
    sentence = "微信登录暂时没有应答,请稍后重试"


class CodeGone(Exception):
    """The code is used or too old, and this browser has no session: begin again, once."""

    def __init__(self, return_to: str, attempt: int) -> None:
        super().__init__()
        self.return_to = return_to
        self.attempt = attempt


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who came back, and to which page of ours."""

    openid: str
    return_to: str


@dataclass(frozen=True, kw_only=True)
class Return:
    """What the platform's redirect carries, and the nonce of the browser's cookie."""

    browser: str
    state: str
    code: str

    @property
    def is_refusal(self) -> bool:
        """Whether the customer said no."""
        return self.code in {"", DENIED_CODE}


class Authorization:
    """Begins authorizations and finishes them; states stand in the database as hashes."""

    def __init__(self, account: Account, database: Database, wall: Clock) -> None:
        self._account = account
        self._database = database
        self._wall = wall
        self._http = HttpClient(account.api_base, EXCHANGE_SECONDS)

    def begin(self, *, browser: str, return_to: str, attempt: int = 0) -> str:
        """Return the platform's address that asks who this is, without a question to the customer.

        `browser` is the nonce of the browser's cookie; only that browser can finish.
        """
        state = secrets.token_hex(32)
        with self._database.write() as connection:
            connection.execute(
                oauth_state.insert().values(
                    state_hash=_hash(state),
                    browser_hash=_hash(browser),
                    return_to=local_address(return_to),
                    attempt=attempt,
                    expires_at=self._wall.now() + STATE_LIFE,
                )
            )
        return self._authorize_url(state)

    def finish(self, back: Return) -> SignedIn:
        """Return who came back.

        The same opening twice, within SECOND_OPENING, gives the same answer from one exchange.

        Raises:
            SignInEnded: Refused, a snapshot, another browser, or no answer.
            CodeGone: Begin again.
        """
        row = self._row_of(back)
        if back.is_refusal:
            raise ConsentRefused(row.return_to)
        if row.used_at is not None or not self._claim(row, back.code):
            return self._shared(row, back.code)
        if row.expires_at <= self._wall.now():
            self._end(row, "expired")
            raise CodeGone(row.return_to, row.attempt)
        return self._exchanged(row, back.code)

    def restarted(self, gone: CodeGone, *, browser: str) -> str:
        """Return the platform's address once more.

        Raises:
            CodeNotTaken: It had been begun again already.
        """
        if gone.attempt >= RESTARTS_MAX:
            raise CodeNotTaken(gone.return_to)
        return self.begin(browser=browser, return_to=gone.return_to, attempt=gone.attempt + 1)

    def forget_expired(self) -> int:
        """Delete states whose time is long over; return how many."""
        limit = self._wall.now() - STATE_KEPT
        with self._database.write() as connection:
            return connection.execute(
                delete(oauth_state).where(oauth_state.c.expires_at < limit)
            ).rowcount

    def _authorize_url(self, state: str) -> str:
        query = urlencode(
            {
                "appid": self._account.app_id,
                "redirect_uri": self._account.link(CALLBACK_PATH),
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            },
            quote_via=quote,
            safe="",
        )
        return f"{self._account.oauth_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    def _row_of(self, back: Return) -> Row[Any]:
        too_long = len(back.state) > STATE_LENGTH_MAX or len(back.code) > CODE_LENGTH_MAX
        if too_long or not back.browser or not back.state:
            raise StateNotValid
        row = self._read(_hash(back.state))
        if row is None or row.browser_hash != _hash(back.browser):
            raise StateNotValid
        return row

    def _read(self, state_hash: bytes) -> Row[Any] | None:
        with self._database.read() as connection:
            return connection.execute(
                select(oauth_state).where(oauth_state.c.state_hash == state_hash)
            ).first()

    def _claim(self, row: Row[Any], code: str) -> bool:
        """Take state and code for one exchange; False when another request has either."""
        c = oauth_state.c
        try:
            with self._database.write() as connection:
                changed = connection.execute(
                    update(oauth_state)
                    .where(c.state_hash == row.state_hash, c.used_at.is_(None))
                    .values(used_at=self._wall.now(), code_hash=_hash(code))
                )
        except IntegrityError:
            return False
        return bool(changed.rowcount)

    def _shared(self, row: Row[Any], code: str) -> SignedIn:
        """Return what the other opening of the same address found out."""
        deadline = self._wall.monotonic() + WAIT_SECONDS_MAX
        while True:
            found = self._read(row.state_hash)
            if found is None or found.code_hash != _hash(code):
                raise CodeGone(row.return_to, row.attempt)
            if found.ended_at is not None:
                return self._told(found)
            if self._wall.monotonic() >= deadline or self._is_abandoned(found.used_at):
                raise CodeGone(row.return_to, row.attempt)
            self._wall.sleep(LOOK_AGAIN_SECONDS)

    def _told(self, row: Row[Any]) -> SignedIn:
        is_fresh = self._wall.now() - row.ended_at <= SECOND_OPENING
        if row.openid and is_fresh:
            return SignedIn(openid=row.openid, return_to=row.return_to)
        if row.outcome == "snapshot" and is_fresh:
            raise SnapshotVisitor(row.return_to)
        raise CodeGone(row.return_to, row.attempt)

    def _is_abandoned(self, used_at: datetime) -> bool:
        return self._wall.now() - used_at > timedelta(seconds=WAIT_SECONDS_MAX)

    def _exchanged(self, row: Row[Any], code: str) -> SignedIn:
        try:
            reply = self._ask(code)
        except WeChatSilent:
            self._end(row, "silent")
            raise PlatformSilent(row.return_to) from None
        except WeChatRefused as refused:
            self._end(row, str(refused.errcode))
            log.warning("sign_in_refused", errcode=refused.errcode)
            if refused.errcode in CODE_GONE:
                raise CodeGone(row.return_to, row.attempt) from None
            raise (PlatformSilent if refused.errcode == BUSY else SignInEnded)(
                row.return_to
            ) from None
        if reply.get("is_snapshotuser"):
            self._end(row, "snapshot")
            raise SnapshotVisitor(row.return_to)
        openid = str(reply["openid"])
        self._end(row, "signed_in", openid)
        return SignedIn(openid=openid, return_to=row.return_to)

    def _ask(self, code: str) -> dict[str, Any]:
        """Exchange a code; never twice with the same one."""
        try:
            reply = self._http.get(
                "/sns/oauth2/access_token",
                appid=self._account.app_id,
                secret=self._account.app_secret,
                code=code,
                grant_type="authorization_code",
            ).json()
        except (RemoteSilent, RemoteRefused, ValueError) as wrong:
            raise WeChatSilent from wrong
        if not isinstance(reply, dict):
            raise WeChatSilent
        if reply.get("errcode"):
            raise WeChatRefused(int(reply["errcode"]), str(reply.get("errmsg", "")))
        if not isinstance(reply.get("openid"), str) or not reply["openid"]:
            raise WeChatSilent
        return reply

    def _end(self, row: Row[Any], outcome: str, openid: str = "") -> None:
        with self._database.write() as connection:
            connection.execute(
                update(oauth_state)
                .where(oauth_state.c.state_hash == row.state_hash)
                .values(outcome=outcome, openid=openid, ended_at=self._wall.now())
            )


def local_address(address: str) -> str:
    """Return an address of our own as it is; START_PATH for anything else."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    is_plain = len(address) <= RETURN_LENGTH_MAX and address.isprintable()
    return address if is_local and is_plain else START_PATH


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
