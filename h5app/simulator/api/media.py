"""Media up and down: three days for temporary ones, for good for materials."""

import json
import sqlite3

from flask import Response

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, post, text_of
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

KEPT_SECONDS = 3 * 24 * 3600
MEDIA_ID_LENGTH = 64
KB, MB = 1024, 1024 * 1024
IMAGE_BYTES_MAX = 1 * MB
RULES: dict[str, tuple[int, tuple[str, ...]]] = {
    "image": (10 * MB, ("jpg", "jpeg", "png", "gif", "bmp")),
    "voice": (2 * MB, ("amr", "mp3", "speex")),
    "video": (10 * MB, ("mp4",)),
    "thumb": (64 * KB, ("jpg", "jpeg")),
}
"""Most bytes and allowed endings of a temporary medium."""
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "speex": "audio/speex",
    "mp4": "video/mp4",
}


class Media:
    """Files by media_id."""

    def __init__(self, store: Store, clock: PlatformClock, chance: Chance) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/media/upload", self._upload, 100_000),
            get("/cgi-bin/media/get", self._get, 200_000),
            get("/cgi-bin/media/get/jssdk", self._get, 200_000),
            post("/cgi-bin/media/uploadimg", self._upload_image, 100_000),
            post("/cgi-bin/material/add_material", self._add, 1000),
            post("/cgi-bin/material/get_material", self._get_material, 1000),
            post("/cgi-bin/material/del_material", self._delete, 1000),
            post("/cgi-bin/material/batchget_material", self._list, 1000),
            get("/cgi-bin/material/get_materialcount", self._count, 5000),
        )

    def keep(self, kind: str, name: str, content: bytes, *, is_permanent: bool = False) -> str:
        """Keep a file and return its media_id."""
        media_id = self._chance.text(MEDIA_ID_LENGTH)
        self._store.run(
            "INSERT INTO media (id, kind, name, content, is_permanent, created_at) VALUES (?,"
            " ?, ?, ?, ?, ?)",
            media_id,
            kind,
            name,
            content,
            int(is_permanent),
            self._clock.now(),
        )
        return media_id

    def find(self, media_id: str) -> sqlite3.Row | None:
        """Return a medium that has not expired."""
        return self._store.row(
            "SELECT * FROM media WHERE id = ? AND (is_permanent = 1 OR created_at > ?)",
            media_id,
            self._clock.now() - KEPT_SECONDS,
        )

    def _upload(self, call: Call) -> Json:
        kind = call.query.get("type") or call.form.get("type", "")
        name, content = _file_of(call, kind)
        media_id = self.keep(kind, name, content)
        key = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, key: media_id, "created_at": self._clock.now(), "item": []}

    def _get(self, call: Call) -> Json | Response:
        media_id = call.query.get("media_id", "")
        if not media_id:
            raise Refused(41006)
        found = self.find(media_id)
        if found is None:
            raise Refused(40007)
        if found["kind"] == "video":
            return {"video_url": f"{call.base_url}/simulator/media/{media_id}"}
        return file_response(found)

    def _upload_image(self, call: Call) -> Json:
        name, content = _file_of(call, "image", IMAGE_BYTES_MAX)
        media_id = self.keep("image", name, content, is_permanent=True)
        return {"url": f"{call.base_url}/simulator/media/{media_id}"}

    def _add(self, call: Call) -> Json:
        kind = call.query.get("type") or call.form.get("type", "")
        name, content = _file_of(call, kind)
        media_id = self.keep(kind, name, content, is_permanent=True)
        return {
            "media_id": media_id,
            "url": f"{call.base_url}/simulator/media/{media_id}",
            "item": [],
        }

    def _get_material(self, call: Call) -> Json | Response:
        return file_response(self._permanent(call))

    def _delete(self, call: Call) -> Json:
        self._store.run("DELETE FROM media WHERE id = ?", self._permanent(call)["id"])
        return DONE

    def _list(self, call: Call) -> Json:
        body = call.json()
        kind = text_of(body, "type", 40004)
        rows = self._store.rows(
            "SELECT * FROM media WHERE kind = ? AND is_permanent = 1 ORDER BY rowid LIMIT ?"
            " OFFSET ?",
            kind,
            min(int(body.get("count") or 20), 20),
            int(body.get("offset") or 0),
        )
        total = self._store.number(
            "SELECT COUNT(*) FROM media WHERE kind = ? AND is_permanent = 1", kind
        )
        items = [
            {"media_id": row["id"], "name": row["name"], "update_time": row["created_at"]}
            for row in rows
        ]
        return {"total_count": total, "item_count": len(items), "item": items}

    def _count(self, _call: Call) -> Json:
        rows = self._store.rows(
            "SELECT kind, COUNT(*) AS count FROM media WHERE is_permanent = 1 GROUP BY kind"
        )
        counts = {row["kind"]: row["count"] for row in rows}
        return {
            f"{kind}_count": counts.get(kind, 0) for kind in ("voice", "video", "image", "news")
        }

    def _permanent(self, call: Call) -> sqlite3.Row:
        media_id = text_of(call.json(), "media_id", 41006)
        found = self._store.row("SELECT * FROM media WHERE id = ? AND is_permanent = 1", media_id)
        if found is None:
            raise Refused(40007)
        return found


def file_response(found: sqlite3.Row) -> Response:
    """Return a medium as the platform hands it out."""
    content_type = CONTENT_TYPES.get(_ending(found["name"]), "application/octet-stream")
    disposition = f'attachment; filename="{json.dumps(found["name"])[1:-1]}"'
    headers = {"Content-disposition": disposition}
    return Response(found["content"], content_type=content_type, headers=headers)


def _file_of(call: Call, kind: str, bytes_max: int = 0) -> tuple[str, bytes]:
    if kind not in RULES:
        raise Refused(40004)
    most, endings = RULES[kind]
    part = call.files.get("media")
    if part is None or not part.filename:
        raise Refused(41005)
    content = part.read()
    if _ending(part.filename) not in endings:
        raise Refused(40005)
    if not 0 < len(content) <= (bytes_max or most):
        raise Refused(40006)
    return part.filename, content


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
