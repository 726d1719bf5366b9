"""A web server on loopback that answers as Tencent's and Sina's do, and as they do on bad days."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from h5app.market.feeds.http_feed import web_code
from h5app.market.model import Board

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from h5app.market.model import Instrument, Level, Quote


class WebQuotes:
    """Answers /q= and /list= from `payloads`, or with what a test puts in `answer`."""

    def __init__(self) -> None:
        self.payloads: dict[str, str] = {}
        self.answer: tuple[int, bytes] | None = None
        self.cut_at: int | None = None
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("Referer", "")))
                status, body = outer.answer or (200, outer.body(self.path))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def body(self, path: str) -> bytes:
        """The answer to a path, in GBK, cut off where a test says."""
        query, _, codes = path.partition("=")
        name = "v_" if query == "/q" else "var hq_str_"
        found = [(code, self.payloads.get(code)) for code in codes.split(",")]
        if query == "/q":
            rows = [f'{name}{code}="{text}";' for code, text in found if text is not None]
            body = "\n".join(rows or ['v_pv_none_match="1";'])
        else:
            body = "\n".join(f'{name}{code}="{text or ""}";' for code, text in found)
        return (body + "\n").encode("gbk")[: self.cut_at]


def tencent(rows: Iterable[tuple[Instrument, Quote]]) -> dict[str, str]:
    """Payloads by code as Tencent writes them."""
    return {web_code(one): "~".join(_tencent(one, quote)) for one, quote in rows}


def sina(rows: Iterable[tuple[Instrument, Quote]]) -> dict[str, str]:
    """Payloads by code as Sina writes them."""
    return {web_code(one): ",".join(_sina(one, quote)) for one, quote in rows}


def _tencent(one: Instrument, quote: Quote) -> list[str]:
    lot = 10 if one.board is Board.CONVERTIBLE else 100
    unit = 1 if one.board is Board.STAR else lot
    volume = str(quote.volume_shares // unit)
    fields = [""] * 88
    prices = (quote.last_milli, quote.previous_close_milli, quote.open_milli)
    taken = (quote.outer_shares or 0, quote.inner_shares or 0)
    fields[:3] = ["1", one.short_name, one.code]
    fields[3:9] = [*map(_yuan, prices), volume, *(str(part // unit) for part in taken)]
    fields[9:29] = [*_pairs(quote, quote.bids, lot), *_pairs(quote, quote.asks, lot)]
    fields[30] = f"{quote.at:%Y%m%d%H%M%S}"
    fields[33], fields[34] = _yuan(quote.high_milli), _yuan(quote.low_milli)
    fields[35] = f"{fields[3]}/{volume}/{quote.turnover_fen // 100}"
    fields[40] = "S" if quote.is_suspended else ""
    fields[47], fields[48] = _yuan(quote.limit_up_milli, "-1"), _yuan(quote.limit_down_milli, "-1")
    return fields


def _sina(one: Instrument, quote: Quote) -> list[str]:
    traded = (quote.open_milli, quote.previous_close_milli, quote.last_milli)
    volume = quote.volume_shares // 100 if one.is_index else quote.volume_shares
    bids, asks = _pairs(quote, quote.bids, 1), _pairs(quote, quote.asks, 1)
    return [
        one.short_name,
        *(_yuan(price, "0.000") for price in (*traded, quote.high_milli, quote.low_milli)),
        *(bids[0], asks[0], str(volume)),
        f"{quote.turnover_fen // 100}.{quote.turnover_fen % 100:02}0",
        *(text for place in range(0, 10, 2) for text in (bids[place + 1], bids[place])),
        *(text for place in range(0, 10, 2) for text in (asks[place + 1], asks[place])),
        *(f"{quote.at:%Y-%m-%d}", f"{quote.at:%H:%M:%S}", "03" if quote.is_suspended else "00"),
    ]


def _pairs(quote: Quote, levels: Sequence[Level], lot: int) -> list[str]:
    rows = [(_yuan(each.price_milli), str(each.quantity_shares // lot)) for each in levels]
    if quote.phase.is_call and len(rows) > 1:
        rows[1] = ("0.00", rows[1][1])
    rows += [("0.00", "0")] * (5 - len(rows))
    return [text for row in rows for text in row]


def _yuan(price_milli: int | None, nothing: str = "0.00") -> str:
    return nothing if price_milli is None else f"{price_milli // 1000}.{price_milli % 1000:03}"
