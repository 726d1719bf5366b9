"""No page without somebody who looks at it."""

from pathlib import Path
from urllib.parse import urlsplit

from h5app.app import create_app
from h5app.plumbing.config import Config
from tests.browser.sheets import SHEETS

EXAMPLES = {
    "own_entry": "/wealth/entries/own-1",
    "own_entry_form": "/wealth/entries/own-1/form",
    "learned_entry": "/wealth/entries/stream-1",
    "confirmation": "/trade/confirmation/some-order",
    "order": "/trade/orders/some-order",
    "refused": "/trade/orders/some-order",
    "message": "/me/messages/1",
    "bill_draft": "/wealth/bills/drafts/some-draft",
}
NO_PAGES = {
    "/MP_verify_<name>.txt",
    "/api/openapi.json",
    "/demo/clock",
    "/go/<entry>",
    "/healthz",
    "/market/<symbol>/bars",
    "/market/<symbol>/line",
    "/market/quotes",
    "/me/messages/open/<key>",
    "/me/messages/unread",
    "/metrics",
    "/readyz",
    "/static/<path:filename>",
    "/stream",
    "/version",
    "/wealth/<token>.ics",
    "/wechat/callback",
    "/wechat/js-config",
    "/wechat/oauth",
}
"""What is answered with JSON, a file, a stream, or the way to a page."""


def test_every_page_is_looked_at(tmp_path: Path) -> None:
    """A new page needs a line in sheets.py; what is no page stands above."""
    app = create_app(Config.from_environ({"H5APP_HOME": str(tmp_path)}))
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    adapter = app.url_map.bind("localhost")

    looked_at = set()
    for sheet in SHEETS:
        path = urlsplit(sheet.path.format_map(EXAMPLES)).path
        if sheet.name != "stranger-no-page":
            rule, _values = adapter.match(path, return_rule=True)
            looked_at.add(rule.rule)

    assert rules - looked_at - NO_PAGES == set()
    assert rules >= NO_PAGES
