"""Trade passwords: argon2id hashes, checked at the same cost whether or not the account exists."""

from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub, monkey

T = TypeVar("T")
HeavyWork = Callable[[Callable[[], Any]], Any]
"""Runs C work that takes tens of milliseconds without holding up other requests."""


def in_thread_pool(work: Callable[[], T]) -> T:
    """Run work in gevent's pool of real threads where gevent rules; elsewhere just run it."""
    if not monkey.is_module_patched("threading"):
        return work()
    result: T = get_hub().threadpool.apply(work)
    return result


class Passwords:
    """Hashes and checks trade passwords; OWASP's least cost for argon2id is 19 MiB and 2 passes."""

    def __init__(
        self,
        *,
        memory_kib: int = 19_456,
        passes: int = 2,
        heavy: HeavyWork = in_thread_pool,
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._heavy = heavy
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash to be stored."""
        return str(self._heavy(lambda: self._hasher.hash(password)))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Say whether the password fits; None costs as much time as a wrong password does."""
        stored = password_hash if password_hash is not None else self._hash_of_nobody()
        fits = bool(self._heavy(lambda: self._fits(stored, password)))
        return fits and password_hash is not None

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = self.hash("nobody has this password")
        return self._nobody
