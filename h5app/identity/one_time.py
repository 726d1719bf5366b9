"""One-time codes: six digits, one purpose, one asker, five minutes, five tries, used once."""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from h5app.identity.hashes import KeyedHash
from h5app.identity.model import Purpose
from h5app.identity.policy import Policy
from h5app.identity.ports import Accounts, CodeRefused, OneTimeCode
from h5app.identity.refusal import CodeExpired, CodeRequired, CodesTooOften, CodeWrong, NoPhone
from h5app.identity.store import code as code_table
from h5app.kernel.clock import Clock
from h5app.plumbing.db import Database

CODE_DIGITS = 6
PHONE_TAIL_DIGITS = 4
_DEEDS = {Purpose.SIGN_IN: "在新设备登录", Purpose.BINDING: "绑定微信"}


class CodeBook:
    """Sends codes and takes them back; opens its own transactions, none around the gateway."""

    def __init__(
        self, database: Database, wall: Clock, keyed: KeyedHash, policy: Policy, *, brand: str
    ) -> None:
        self._database = database
        self._wall = wall
        self._keyed = keyed
        self._policy = policy
        self._brand = brand

    def demand(
        self,
        accounts: Accounts,
        gateway: OneTimeCode,
        purpose: Purpose,
        account_id: str,
        asker: str,
    ) -> CodeRequired:
        """Send a code unless one was just sent; return the refusal that asks for it.

        Raises:
            NoPhone: The account has no phone.
            CodesTooOften: The day's codes are used up.
            CodeRefused: The gateway said no.
            CodeSilent: The gateway did not answer.
        """
        holder = accounts.holder(account_id)
        if holder is None or not holder.phone:
            raise NoPhone
        tail = holder.phone[-PHONE_TAIL_DIGITS:]
        digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        code_id = self._take_down(purpose, account_id, asker, digits)
        if code_id is None:
            return self._refusal(f"验证码已发送到尾号 {tail} 的手机,请输入短信中的验证码", tail)
        try:
            gateway.send(holder.phone, self._text(purpose, digits), purpose.value)
        except CodeRefused:
            self._end(code_id)
            raise
        return self._refusal(f"验证码已发送到尾号 {tail} 的手机,请在 5 分钟内输入", tail)

    def check(self, purpose: Purpose, account_id: str, asker: str, digits: str) -> None:
        """Use up the code that was sent.

        Raises:
            CodeExpired: There is none that is still valid.
            CodeWrong: It is another one; the try counts.
        """
        asker_hash = self._keyed.of("asker", asker)
        with self._database.write() as connection:
            row = self._open(connection, purpose, account_id, asker_hash)
            is_right = row is not None and hmac.compare_digest(
                row.code_hash, self._hash(purpose, account_id, asker_hash, digits)
            )
            left = 0
            if row is not None:
                left = self._policy.code_tries_max - row.tries - 1
                connection.execute(
                    update(code_table)
                    .where(code_table.c.id == row.id)
                    .values(tries=row.tries + 1, is_over=is_right or left <= 0)
                )
        if is_right:
            return
        if row is None or left <= 0:
            raise CodeExpired
        raise CodeWrong(f"验证码不正确,还可以试 {left} 次", tries_left=left)

    def forget_old(self, connection: Connection) -> int:
        """Delete codes that nobody asks about any more; return how many."""
        limit = self._wall.now() - self._policy.ended_kept
        return connection.execute(
            delete(code_table).where(code_table.c.created_at < limit)
        ).rowcount

    def _take_down(self, purpose: Purpose, account_id: str, asker: str, digits: str) -> int | None:
        """Keep a new code's hash; None when the last one is too young for another."""
        now, c = self._wall.now(), code_table.c
        asker_hash = self._keyed.of("asker", asker)
        with self._database.write() as connection:
            row = self._open(connection, purpose, account_id, asker_hash)
            if row is not None and row.created_at > now - self._policy.code_pause:
                return None
            self._refuse_too_often(connection, account_id)
            connection.execute(
                update(code_table)
                .where(c.account_id == account_id, c.purpose == purpose.value)
                .where(c.asker_hash == asker_hash, c.is_over.is_(False))
                .values(is_over=True)
            )
            added = connection.execute(
                code_table.insert()
                .values(
                    account_id=account_id,
                    purpose=purpose.value,
                    asker_hash=asker_hash,
                    code_hash=self._hash(purpose, account_id, asker_hash, digits),
                    created_at=now,
                    expires_at=now + self._policy.code_lasts,
                )
                .returning(c.id)
            ).scalar_one()
        return int(added)

    def _refuse_too_often(self, connection: Connection, account_id: str) -> None:
        c = code_table.c
        sent = connection.execute(
            select(func.count())
            .select_from(code_table)
            .where(c.account_id == account_id)
            .where(c.created_at > self._wall.now() - timedelta(days=1))
        ).scalar_one()
        if sent >= self._policy.codes_per_day_max:
            raise CodesTooOften

    def _open(
        self, connection: Connection, purpose: Purpose, account_id: str, asker_hash: str
    ) -> Row[Any, Any, Any, Any] | None:
        c = code_table.c
        return connection.execute(
            select(c.id, c.code_hash, c.tries, c.created_at)
            .where(c.account_id == account_id, c.purpose == purpose.value)
            .where(c.asker_hash == asker_hash, c.is_over.is_(False))
            .where(c.expires_at > self._wall.now())
            .order_by(c.id.desc())
            .limit(1)
            .with_for_update()
        ).first()

    def _end(self, code_id: int) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(code_table).where(code_table.c.id == code_id).values(is_over=True)
            )

    def _hash(self, purpose: Purpose, account_id: str, asker_hash: str, digits: str) -> str:
        return self._keyed.of("code", purpose.value, account_id, asker_hash, digits)

    def _text(self, purpose: Purpose, digits: str) -> str:
        minutes = self._policy.code_lasts // timedelta(minutes=1)
        return (
            f"【{self._brand}】验证码 {digits},用于{_DEEDS[purpose]},{minutes} 分钟内有效。"
            "工作人员不会向您索取,请勿告诉任何人。"
        )

    def _refusal(self, sentence: str, phone_tail: str) -> CodeRequired:
        return CodeRequired(
            sentence,
            phone_tail=phone_tail,
            resend_after_seconds=int(self._policy.code_pause.total_seconds()),
        )
