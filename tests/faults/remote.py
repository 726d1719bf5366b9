"""A customer of a running product: signs in over the wire, insists on an answer, looks after it."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from h5app.demo.customers import DemoCustomer
from tests.house import RunningHouse, wait_for

SYMBOL = "510300.SH"
"""Cheap enough for the customer to outlive every storm of --long."""
PATIENCE_SECONDS = 45.0
PAUSE_SECONDS = 0.2
LEFT_SECONDS = 12.0
"""So long after the sign-in an order that the market has left behind is taken back."""
ANSWERS = frozenset({200, 201, 400, 401, 403, 409, 422})
FINAL = frozenset({"已成", "已撤", "部撤", "废单"})
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_CODE = re.compile(r"\d{6}")


@dataclass
class Customer:
    """One browser of one customer."""

    house: RunningHouse
    web: requests.Session = field(default_factory=requests.Session)
    sent: dict[str, dict[str, object]] = field(default_factory=dict)
    began_at: float = field(default_factory=time.monotonic)

    @classmethod
    def signed_in(cls, house: RunningHouse, who: DemoCustomer) -> "Customer":
        """Sign in with account, password and the code of the list of messages."""
        customer = cls(house)
        customer.web.trust_env = False
        customer.web.headers["Accept"] = "application/json"
        page = customer.web.get(
            f"{house.url}/me/about", headers={"Accept": "text/html"}, timeout=10
        )
        found = _TOKEN.search(page.text)
        assert found is not None
        customer.web.headers["X-CSRFToken"] = found[1]
        asked = {"fund_account": who.fund_account, "trade_password": who.password}
        first = customer.post("/me/sign-in", asked)
        assert first.status_code == 401, first.text
        done = customer.post("/me/sign-in", {**asked, "code": customer.code(who)})
        assert done.status_code == 200, done.text
        return customer

    def code(self, who: DemoCustomer) -> str:
        """Return the newest code that was sent to the customer's phone."""
        messages = self.house.simulator_get("/sms")["messages"]
        text = next(one["text"] for one in messages if one["phone"] == who.phone)
        found = _CODE.search(text)
        assert found is not None
        return found[0]

    def post(self, path: str, body: object) -> requests.Response:
        """Send JSON."""
        return self.web.post(self.house.url + path, json=body, timeout=10)

    def get(self, path: str) -> Any:
        """Return JSON, asking again while the web is away."""

        def look() -> Any:
            try:
                answer = self.web.get(self.house.url + path, timeout=10)
            except requests.RequestException:
                return None
            return answer.json() if answer.status_code == 200 else None

        return wait_for(look, seconds=PATIENCE_SECONDS)

    def insist(self, mark: str) -> int:
        """Send one order, the very same again and again, until it is answered; give the status."""
        self.sent[mark] = self.wish(mark)
        deadline = time.monotonic() + PATIENCE_SECONDS
        status = 0
        while time.monotonic() < deadline:
            try:
                status = self.post("/trade/orders", self.sent[mark]).status_code
            except requests.RequestException:
                status = 0
            if status in ANSWERS:
                return status
            time.sleep(PAUSE_SECONDS)
        return status

    def wish(self, mark: str) -> dict[str, object]:
        """Return an order at the fifth ask of this moment."""
        quotes = self.get(f"/market/quotes?symbols={SYMBOL}")["quotes"]
        price = quotes[0]["asks"][-1][0] / 1000
        return {
            "client_order_id": mark,
            "symbol": SYMBOL,
            "side": "buy",
            "kind": "limit",
            "price": f"{price:.3f}",
            "quantity": 100,
        }

    def order(self, mark: str) -> dict[str, Any]:
        """Return one order."""
        return dict(self.get(f"/trade/orders/{mark}")["order"])

    def settled(self, marks: list[str]) -> list[dict[str, Any]]:
        """Return every order at its end; what the market leaves behind is taken back."""
        for mark in marks:
            wait_for(lambda: self._is_settled(mark), seconds=PATIENCE_SECONDS)  # noqa: B023 - at once
        return [self.order(mark) for mark in marks]

    def _is_settled(self, mark: str) -> bool:
        order = self.order(mark)
        if order["label"] in FINAL:
            return True
        if order["may_cancel"] and time.monotonic() - self.began_at > LEFT_SECONDS:
            self.post(f"/trade/orders/{mark}/cancellation", {})
        return False

    def shares(self) -> int:
        """Return how much is held of what is traded here."""
        rows = self.get("/trade/positions")["positions"]
        return sum(row["quantity"] for row in rows if row["symbol"] == SYMBOL)
