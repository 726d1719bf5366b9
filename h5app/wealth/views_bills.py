"""Pages of imported bills: upload, look at it, import it or not, and what was imported."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from h5app.identity.gate import requires, visitor
from h5app.identity.model import Tier
from h5app.kernel.error import AppError
from h5app.plumbing.web import json_reply, render, see_other, wants_json
from h5app.wealth.bill_book import Preview
from h5app.wealth.bills.model import Effect, sum_of
from h5app.wealth.bills.reading import FILE_BYTES_MAX
from h5app.wealth.bills.refusal import NotABill
from h5app.wealth.service import WealthCalendar
from h5app.wealth.views_said import said

BODY_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024
PASSWORD_LENGTH_MAX = 32
ROWS_SHOWN_MAX = 20
BILLS_PATH = "/wealth/bills"


def add_pages(room: Blueprint, calendar: WealthCalendar) -> None:
    """Add the pages of bills to the room."""
    _allow_files(room)
    _add_upload(room, calendar)
    _add_decision(room, calendar)
    _add_removal(room, calendar)


def _allow_files(room: Blueprint) -> None:
    def raise_limit(endpoint: str | None, values: object) -> None:
        """Raise the body's limit of this one route, before anybody reads the form."""
        del values
        if endpoint == f"{room.name}.upload_bill":
            request.max_content_length = BODY_BYTES_MAX

    room.url_value_preprocessor(raise_limit)


def _add_upload(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/bills")
    @requires(Tier.FOLLOWER)
    def bills() -> Response:
        return _bills_page(calendar)

    @room.post("/bills")
    @requires(Tier.FOLLOWER)
    def upload_bill() -> Response:
        try:
            preview = calendar.bills.look(visitor().owner, _file(), _password())
        except AppError as refused:
            if wants_json() or not refused.code.startswith("wealth."):
                raise
            return _bills_page(calendar, error=_(refused.message), status=refused.status)
        path = f"{BILLS_PATH}/drafts/{preview.draft_id}"
        return json_reply({"draft": path}, 201) if wants_json() else see_other(path)


def _file() -> bytes:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise NotABill("请先选择账单文件")
    return given.stream.read(FILE_BYTES_MAX + 1)


def _password() -> str:
    return request.form.get("password", "").strip()[:PASSWORD_LENGTH_MAX]


def _bills_page(calendar: WealthCalendar, error: str = "", status: int = 200) -> Response:
    return render(
        "wealth/bills.html",
        status,
        imports=calendar.bills.imports(visitor().owner),
        megabytes=FILE_BYTES_MAX // 2**20,
        error=error,
        said=said(),
        is_private=True,
    )


def _add_decision(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.get("/bills/drafts/<draft_id>")
    @requires(Tier.FOLLOWER)
    def bill_draft(draft_id: str) -> Response:
        return _draft_page(calendar.bills.preview(visitor().owner, draft_id))

    @room.post("/bills/drafts/<draft_id>/import")
    @requires(Tier.FOLLOWER)
    def take_bill(draft_id: str) -> Response:
        calendar.bills.take(visitor().owner, draft_id)
        return see_other(f"{BILLS_PATH}?said=taken")

    @room.post("/bills/drafts/<draft_id>/discarding")
    @requires(Tier.FOLLOWER)
    def discard_bill(draft_id: str) -> Response:
        del draft_id
        calendar.bills.discard(visitor().owner)
        return see_other(f"{BILLS_PATH}?said=discarded")


def _draft_page(preview: Preview) -> Response:
    """Show what is in the file; whoever had the file a moment ago may see its amounts."""
    rows = preview.bill.rows
    counted = {effect: sum(row.effect is effect for row in rows) for effect in Effect}
    return render(
        "wealth/bill_draft.html",
        preview=preview,
        bill=preview.bill,
        sums=[
            (effect.label, count, sum_of(rows, effect))
            for effect, count in counted.items()
            if count
        ],
        rows=rows[: -ROWS_SHOWN_MAX - 1 : -1],
        is_private=True,
    )


def _add_removal(room: Blueprint, calendar: WealthCalendar) -> None:
    @room.post("/bills/<int:import_id>/deletion")
    @requires(Tier.FOLLOWER)
    def remove_bill(import_id: int) -> Response:
        calendar.bills.remove(visitor().owner, import_id)
        return see_other(f"{BILLS_PATH}?said=removed")
