"""Passwords of operators: argon2id, in a real thread where gevent rules."""

from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub, monkey

Result = TypeVar("Result")


class Hashing:
    """Makes and checks hashes; a name that does not exist costs as much as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Return the hash of a password."""
        return _in_thread(lambda: self._hasher.hash(password))

    def is_right(self, stored: str | None, password: str) -> bool:
        """Say whether the password belongs to the hash; None belongs to nobody."""
        if stored is None and not self._nobody:
            self._nobody = self.hash("nobody")
        fits = _in_thread(lambda: self._fits(stored or self._nobody, password))
        return fits and stored is not None

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _in_thread(work: Callable[[], Result]) -> Result:
    """Run C work that takes tens of milliseconds without holding up other greenlets."""
    if not monkey.is_module_patched("threading"):
        return work()
    result: Result = get_hub().threadpool.apply(work)
    return result
