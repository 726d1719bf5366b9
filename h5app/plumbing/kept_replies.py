"""Answers that many ask alike between two changes: put together and compressed once."""

from collections.abc import Callable, Hashable

import brotli  # type: ignore[import-untyped]
from flask import Response, request

PACKED_BYTES_MIN = 500
"""Less is sent as it is, as everywhere else."""
PACKED_QUALITY = 4
KEPT_MAX = 128
"""Bodies of one state of things; then all are made anew."""


class KeptReplies:
    """Keeps bodies and their compressed form while the stamp stays the same.

    Nothing in a body may belong to one customer: whoever asks with the same key gets it.
    """

    def __init__(self, mimetype: str) -> None:
        self._mimetype = mimetype
        self._stamp: Hashable = None
        self._kept: dict[Hashable, bytes] = {}

    def reply(self, stamp: Hashable, key: Hashable, make: Callable[[], bytes]) -> Response:
        """Answer the present request with what `make` gave for this key at this stamp."""
        if stamp != self._stamp or len(self._kept) >= KEPT_MAX:
            self._stamp, self._kept = stamp, {}
        kept = self._kept
        body = _once(kept, key, make)
        if len(body) < PACKED_BYTES_MIN or not request.accept_encodings["br"]:
            return Response(body, mimetype=self._mimetype)
        packed = _once(kept, (key, "br"), lambda: _packed(body))
        headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
        return Response(packed, mimetype=self._mimetype, headers=headers)


def _once(kept: dict[Hashable, bytes], key: Hashable, make: Callable[[], bytes]) -> bytes:
    found = kept.get(key)
    if found is None:
        found = kept[key] = make()
    return found


def _packed(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=PACKED_QUALITY))
