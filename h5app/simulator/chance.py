"""Every random-looking identifier, drawn from the seed, so that a run can be repeated."""

import hashlib
import string

from h5app.simulator.store import Store

_LETTERS = string.ascii_letters + string.digits + "_-"
_HEX = "0123456789abcdef"


class Chance:
    """A stream of identifiers: the n-th of a seed is always the same."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self.seed = seed

    def text(self, length: int) -> str:
        """Return the next letters, digits, - and _."""
        return _spell(f"{self.seed}:{self._next()}", length, _LETTERS)

    def hexadecimal(self, length: int) -> str:
        """Return the next lower-case hexadecimal digits."""
        return _spell(f"{self.seed}:{self._next()}", length, _HEX)

    def number(self, below: int) -> int:
        """Return the next whole number from 0 up to, not including, `below`."""
        digest = hashlib.sha256(f"{self.seed}:{self._next()}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % below

    def fixed(self, name: str, length: int) -> str:
        """Return the letters that always belong to a name, outside the stream."""
        return _spell(f"{self.seed}/{name}", length, _LETTERS)

    def rid(self) -> str:
        """Return a request id in the platform's shape: three groups of eight hexadecimal digits."""
        digits = self.hexadecimal(24)
        return f"{digits[:8]}-{digits[8:16]}-{digits[16:]}"

    def _next(self) -> int:
        with self._store.write():
            drawn = int(self._store.setting("drawn", 0)) + 1
            self._store.put_setting("drawn", drawn)
        return drawn


def _spell(name: str, length: int, alphabet: str) -> str:
    letters: list[str] = []
    block = 0
    while len(letters) < length:
        digest = hashlib.sha256(f"{name}#{block}".encode()).digest()
        letters.extend(alphabet[byte % len(alphabet)] for byte in digest)
        block += 1
    return "".join(letters[:length])
