"""The platform's memory: one SQLite file, one connection, one writer at a time."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS user ( openid TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, user_id TEXT
  UNIQUE, unionid TEXT NOT NULL, nickname TEXT NOT NULL, platform TEXT NOT NULL, is_following
  INTEGER NOT NULL DEFAULT 0, followed_at INTEGER NOT NULL DEFAULT 0, subscribe_scene TEXT NOT
  NULL DEFAULT '', qr_scene INTEGER NOT NULL DEFAULT 0, qr_scene_str TEXT NOT NULL DEFAULT '',
  remark TEXT NOT NULL DEFAULT '', is_blacklisted INTEGER NOT NULL DEFAULT 0, is_blocking INTEGER
  NOT NULL DEFAULT 0, oauth_mode TEXT NOT NULL DEFAULT 'silent', template_result TEXT NOT NULL
  DEFAULT 'success', has_recognition INTEGER NOT NULL DEFAULT 1, latitude TEXT NOT NULL DEFAULT
  '31.230416', longitude TEXT NOT NULL DEFAULT '121.473701', scan_result TEXT NOT NULL DEFAULT
  '');
CREATE INDEX IF NOT EXISTS user_following ON user (is_following, ordinal);
CREATE TABLE IF NOT EXISTS tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS user_tag (openid TEXT NOT NULL, tag_id INTEGER NOT NULL, PRIMARY KEY
  (openid, tag_id));
CREATE INDEX IF NOT EXISTS user_tag_tag ON user_tag (tag_id);
CREATE TABLE IF NOT EXISTS token ( value TEXT PRIMARY KEY, kind TEXT NOT NULL, issued_at INTEGER
  NOT NULL, expires_at INTEGER NOT NULL, good_until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS quota ( path TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (path, day));
CREATE TABLE IF NOT EXISTS quota_limit (path TEXT PRIMARY KEY, daily_max INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS menu (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT, body TEXT NOT
  NULL);
CREATE TABLE IF NOT EXISTS chat ( id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, side
  TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chat_openid ON chat (openid, id);
CREATE TABLE IF NOT EXISTS reply_window ( openid TEXT NOT NULL, kind TEXT NOT NULL, opened_at
  INTEGER NOT NULL, closes_at INTEGER NOT NULL, allowed INTEGER NOT NULL, sent INTEGER NOT NULL,
  PRIMARY KEY (openid, kind));
CREATE TABLE IF NOT EXISTS typing (openid TEXT PRIMARY KEY, until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS template ( id TEXT PRIMARY KEY, family TEXT NOT NULL, title TEXT NOT
  NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent_template ( msgid INTEGER PRIMARY KEY, openid TEXT NOT NULL,
  client_msg_id TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sent_template_client ON sent_template (openid, client_msg_id);
CREATE TABLE IF NOT EXISTS consent ( openid TEXT NOT NULL, template_id TEXT NOT NULL, granted
  INTEGER NOT NULL, PRIMARY KEY (openid, template_id));
CREATE TABLE IF NOT EXISTS due_event ( id INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL,
  openid TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_code ( code TEXT PRIMARY KEY, openid TEXT NOT NULL, scope TEXT
  NOT NULL, is_snapshot INTEGER NOT NULL, issued_at INTEGER NOT NULL, used_at INTEGER);
CREATE TABLE IF NOT EXISTS web_token ( value TEXT PRIMARY KEY, refresh TEXT NOT NULL, openid TEXT
  NOT NULL, scope TEXT NOT NULL, is_snapshot INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  refresh_expires_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS qrcode ( ticket TEXT PRIMARY KEY, scene TEXT NOT NULL, is_text INTEGER
  NOT NULL, is_permanent INTEGER NOT NULL, expires_at INTEGER NOT NULL, url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS media ( id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL,
  content BLOB NOT NULL, is_permanent INTEGER NOT NULL, created_at INTEGER NOT NULL, about TEXT
  NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS article ( media_id TEXT PRIMARY KEY, body TEXT NOT NULL, publish_id
  INTEGER NOT NULL DEFAULT 0, article_id TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mass ( msg_id INTEGER PRIMARY KEY, clientmsgid TEXT NOT NULL, status
  TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mass_received ( openid TEXT NOT NULL, month TEXT NOT NULL, received
  INTEGER NOT NULL, PRIMARY KEY (openid, month));
CREATE TABLE IF NOT EXISTS agent ( account TEXT PRIMARY KEY, id INTEGER NOT NULL, nickname TEXT
  NOT NULL, worker TEXT NOT NULL DEFAULT '', is_online INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS agent_session ( openid TEXT PRIMARY KEY, account TEXT NOT NULL,
  opened_at INTEGER NOT NULL, is_waiting INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery ( id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL,
  kind TEXT NOT NULL, xml TEXT NOT NULL, at REAL NOT NULL, outcome TEXT NOT NULL DEFAULT
  'sending');
CREATE TABLE IF NOT EXISTS attempt ( id INTEGER PRIMARY KEY AUTOINCREMENT, delivery_id INTEGER NOT
  NULL, number INTEGER NOT NULL, body TEXT NOT NULL, started_at REAL NOT NULL, took_ms INTEGER NOT
  NULL, status INTEGER, answer TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_delivery ON attempt (delivery_id);
CREATE TABLE IF NOT EXISTS fault ( id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, kind
  TEXT NOT NULL, number INTEGER NOT NULL, times_left INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS call ( id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, took_ms
  INTEGER NOT NULL, direction TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT
  NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, response TEXT NOT NULL, errcode
  INTEGER NOT NULL, rid TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_rid ON call (rid);
CREATE TABLE IF NOT EXISTS sms (id INTEGER PRIMARY KEY AUTOINCREMENT, phone TEXT NOT NULL, text
  TEXT NOT NULL, purpose TEXT NOT NULL, at REAL NOT NULL);
"""


class Store:
    """Statements over the simulator's own file; transactions nest."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA
        )

    @contextmanager
    def write(self) -> Iterator[None]:
        """Hold one write transaction; it is undone when the block raises."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def number(self, sql: str, *values: object) -> int:
        """Return the first column of the first row as an int; 0 when there is none."""
        found = self.row(sql, *values)
        return int(found[0] or 0) if found else 0

    def run(self, sql: str, *values: object) -> int:
        """Execute a statement and return the new row's id."""
        with self._lock:
            return self._connection.execute(sql, values).lastrowid or 0

    def change(self, sql: str, *values: object) -> int:
        """Execute a statement and return how many rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Iterable[tuple[object, ...]]) -> None:
        """Execute one statement for many rows."""
        with self._lock:
            self._connection.executemany(sql, values)

    def setting(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return a setting that the tester may turn."""
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(found["value"]) if found else default

    def put_setting(self, name: str, value: object) -> None:
        """Keep a setting."""
        self.run(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, json.dumps(value)
        )

    def clear(self) -> None:
        """Forget everything, ids included."""
        with self.write():
            names = [
                row["name"]
                for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in names:
                self.run(f"DELETE FROM {name}")  # noqa: S608 - a name read from the schema itself

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
