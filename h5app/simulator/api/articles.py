"""Articles: drafts are written, then published; what became of it comes as an event."""

import json
import sqlite3

from h5app.simulator.api.endpoint import DONE, Call, Endpoint, get, number_of, post, text_of
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.refusal import Refused
from h5app.simulator.store import Json, Store

ARTICLES_MAX = 8
PAGE_MAX = 20
TITLE_MAX = 64
FIRST_PUBLISH_ID = 100_000_000
UNKNOWN_DRAFT, UNKNOWN_ARTICLE = 40007, 53600


class Articles:
    """Drafts and published articles of the account."""

    def __init__(
        self, store: Store, clock: PlatformClock, chance: Chance, events: DueEvents
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._events = events

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the interfaces of this noun."""
        return (
            post("/cgi-bin/draft/add", self._add, 1000),
            post("/cgi-bin/draft/get", self._draft, 500),
            post("/cgi-bin/draft/update", self._update, 1000),
            post("/cgi-bin/draft/delete", self._delete_draft, 1000),
            get("/cgi-bin/draft/count", self._count, 1000),
            post("/cgi-bin/draft/batchget", self._drafts, 1000),
            post("/cgi-bin/freepublish/submit", self._publish, 100),
            post("/cgi-bin/freepublish/get", self._status, 100),
            post("/cgi-bin/freepublish/getarticle", self._article, 100),
            post("/cgi-bin/freepublish/delete", self._delete_article, 10),
            post("/cgi-bin/freepublish/batchget", self._published, 100),
        )

    def _add(self, call: Call) -> Json:
        articles = call.json().get("articles")
        if not isinstance(articles, list) or not 1 <= len(articles) <= ARTICLES_MAX:
            raise Refused(45008)
        media_id = self._chance.text(64)
        self._store.run(
            "INSERT INTO article (media_id, body, changed_at) VALUES (?, ?, ?)",
            media_id,
            json.dumps([_checked(one) for one in articles], ensure_ascii=False),
            self._clock.now(),
        )
        return {"media_id": media_id}

    def _draft(self, call: Call) -> Json:
        return {"news_item": json.loads(self._require_draft(call.json())["body"])}

    def _update(self, call: Call) -> Json:
        body = call.json()
        found = self._require_draft(body)
        articles, index = json.loads(found["body"]), number_of(body, "index", 40035)
        if not 0 <= index < len(articles):
            raise Refused(40035, "index")
        articles[index] = _checked(body.get("articles"))
        self._store.run(
            "UPDATE article SET body = ?, changed_at = ? WHERE media_id = ?",
            json.dumps(articles, ensure_ascii=False),
            self._clock.now(),
            found["media_id"],
        )
        return DONE

    def _delete_draft(self, call: Call) -> Json:
        found = self._require_draft(call.json())
        self._store.run("DELETE FROM article WHERE media_id = ?", found["media_id"])
        return DONE

    def _count(self, _call: Call) -> Json:
        return {
            "total_count": self._store.number("SELECT COUNT(*) FROM article WHERE publish_id = 0")
        }

    def _drafts(self, call: Call) -> Json:
        rows, total = self._page(call, is_published=False)
        items = [{"media_id": row["media_id"], **_shown(row)} for row in rows]
        return {"total_count": total, "item_count": len(items), "item": items}

    def _publish(self, call: Call) -> Json:
        found = self._require_draft(call.json())
        with self._store.write():
            number = (
                max(self._store.number("SELECT MAX(publish_id) FROM article"), FIRST_PUBLISH_ID) + 1
            )
            article_id = self._chance.text(43)
            self._store.run(
                "UPDATE article SET publish_id = ?, article_id = ?, changed_at = ?"
                " WHERE media_id = ?",
                number,
                article_id,
                self._clock.now(),
                found["media_id"],
            )
            finished = {"publish_id": str(number), "publish_status": "0", "article_id": article_id}
            self._events.add("", {"Event": "PUBLISHJOBFINISH", "PublishEventInfo": finished})
        return {**DONE, "publish_id": str(number), "msg_data_id": str(number + 1)}

    def _status(self, call: Call) -> Json:
        number = number_of(call.json(), "publish_id", 40035)
        found = self._store.row("SELECT * FROM article WHERE publish_id = ?", number)
        if found is None:
            raise Refused(40035, "publish_id unknown")
        return {
            "publish_id": str(number),
            "publish_status": 0,
            "article_id": found["article_id"],
            "fail_idx": [],
        }

    def _article(self, call: Call) -> Json:
        return _shown(self._require_article(call.json()))["content"]  # type: ignore[no-any-return]

    def _delete_article(self, call: Call) -> Json:
        found = self._require_article(call.json())
        self._store.run("DELETE FROM article WHERE article_id = ?", found["article_id"])
        return DONE

    def _published(self, call: Call) -> Json:
        rows, total = self._page(call, is_published=True)
        items = [{"article_id": row["article_id"], **_shown(row)} for row in rows]
        return {"total_count": total, "item_count": len(items), "item": items}

    def _page(self, call: Call, *, is_published: bool) -> tuple[list[sqlite3.Row], int]:
        body = call.json()
        count = number_of(body, "count", 40035)
        if not 1 <= count <= PAGE_MAX:
            raise Refused(40035, "count")
        sign = ">" if is_published else "="
        rows = self._store.rows(
            f"SELECT * FROM article WHERE publish_id {sign} 0 ORDER BY rowid DESC"  # noqa: S608 - our own sign
            " LIMIT ? OFFSET ?",
            count,
            number_of(body, "offset", 40035),
        )
        total = self._store.number(f"SELECT COUNT(*) FROM article WHERE publish_id {sign} 0")  # noqa: S608
        return rows, total

    def _require_draft(self, body: Json) -> sqlite3.Row:
        media_id = text_of(body, "media_id", UNKNOWN_DRAFT)
        found = self._store.row(
            "SELECT * FROM article WHERE media_id = ? AND publish_id = 0", media_id
        )
        if found is None:
            raise Refused(UNKNOWN_DRAFT)
        return found

    def _require_article(self, body: Json) -> sqlite3.Row:
        article_id = text_of(body, "article_id", UNKNOWN_ARTICLE)
        found = self._store.row(
            "SELECT * FROM article WHERE article_id = ? AND publish_id > 0", article_id
        )
        if found is None:
            raise Refused(UNKNOWN_ARTICLE)
        return found


def _checked(article: object) -> Json:
    if not isinstance(article, dict):
        raise Refused(47001)
    title = text_of(article, "title", 45003)
    if len(title) > TITLE_MAX:
        raise Refused(45003)
    text_of(article, "content", 44004)
    return article


def _shown(row: sqlite3.Row) -> Json:
    return {"content": {"news_item": json.loads(row["body"])}, "update_time": row["changed_at"]}
