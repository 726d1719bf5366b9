"""Data classes: the product's file fits the code, an operator's makes it stricter or stops."""

from pathlib import Path

import pytest
from flask import Blueprint, Flask

from h5app.identity import data_classes, gate
from h5app.identity.data_classes import DataClass, DataClasses
from h5app.identity.model import Tier, Visitor
from h5app.plumbing.config import BadSetting, Config
from h5app.plumbing.web import create_base, json_reply

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0", "Accept": "application/json"}
BROWSER = {"User-Agent": "Mozilla/5.0 Firefox/140", "Accept": "application/json"}


class Whoever:
    """The visitor that a test wants."""

    tier = Tier.STEPPED_UP

    def visitor_of_request(self) -> Visitor:
        """Say who it is."""
        return Visitor(tier=self.tier, customer_id="c", account_id="a")


def make_app(home: Path, who: Whoever | None = None) -> Flask:
    """Three functions, and the files of this home over them."""
    classes = DataClasses.of_home(home)
    own = {
        name: one for name, one in classes.by_endpoint.items() if not name.startswith("trading.")
    }
    places = {name: place for name, place in classes.place_by_endpoint.items() if name in own}
    app = create_base(Config(home=home, base_url="http://127.0.0.1"))
    gate.install(app, who or Whoever())
    room = Blueprint("room", __name__)
    for name, tier in (("open", Tier.VISITOR), ("light", Tier.BOUND), ("private", Tier.STEPPED_UP)):
        view = gate.requires(tier)(lambda name=name: json_reply({"name": name}))
        room.add_url_rule(f"/{name}", name, view)
    app.register_blueprint(room)
    only = DataClasses(by_endpoint=own, place_by_endpoint=places)
    data_classes.install(app, only, "https://example.com")
    return app


def write(home: Path, text: str) -> None:
    """Let the operator write a file."""
    (home / data_classes.OPERATOR_FILE).write_text(text, "utf-8")


def test_without_a_file_everything_is_as_the_code_says(tmp_path: Path) -> None:
    """The product's own file changes nothing."""
    client = make_app(tmp_path).test_client()

    assert [client.get(f"/{name}", headers=PHONE).status_code for name in ("open", "light")] == [
        200,
        200,
    ]


def test_a_function_moves_to_a_stricter_class(tmp_path: Path) -> None:
    """L0 to L2 asks for the password, and only there."""
    write(tmp_path, '[classes]\n"room.light" = "L2"\n')
    who = Whoever()
    client = make_app(tmp_path, who).test_client()
    who.tier = Tier.BOUND

    refused = client.get("/light", headers=PHONE)

    assert refused.status_code == 403
    assert refused.get_json()["error"]["code"] == "identity.step_up_required"
    assert client.get("/open", headers=PHONE).status_code == 200


def test_l4_is_refused_inside_wechat_with_the_way_out(tmp_path: Path) -> None:
    """The address leads to the same function in a browser, where it is done."""
    write(tmp_path, '[classes]\n"room.private" = "L4"\n')
    client = make_app(tmp_path).test_client()

    refused = client.get("/private", headers=PHONE)
    page = client.get("/private", headers=PHONE | {"Accept": "text/html"})

    assert refused.status_code == 403
    error = refused.get_json()["error"]
    assert error["code"] == "identity.elsewhere"
    assert error["details"]["address"] == "https://example.com/private"
    assert "https://example.com/private" in page.get_data(as_text=True)
    assert client.get("/private", headers=BROWSER).status_code == 200


BAD = {
    '[classes]\n"room.light" = "L9"\n': "第 2 行",
    '# 注\n[classes]\n"room.nothing" = "L2"\n': "第 3 行",
    '[classes]\n"room.private" = "L1"\n': "不能低于 L2",
    '[classes]\n\n"room.light = "L2"\n': "第 3 行",
    '[amounts]\n"trading.place" = 5000000\n': "第 2 行",
    '[amounts]\n"trading.place" = "-1"\n': "第 2 行",
    '[amount]\n"trading.place" = "1"\n': "第 1 行",
    '[classes]\n"room.light" = "L2"\n"room.light" = "L2"\n': "第 3 行",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_file_refuses_to_start_and_names_the_line(tmp_path: Path, text: str) -> None:
    """Never half a policy: what cannot be read or would loosen the code stops the start."""
    write(tmp_path, text)

    with pytest.raises(BadSetting) as refused:
        make_app(tmp_path)

    assert data_classes.OPERATOR_FILE in str(refused.value)
    assert BAD[text] in str(refused.value)


def test_amounts_are_text_and_zero_switches_them_off(tmp_path: Path) -> None:
    """Half a million by the operator, five by the product, none with 0."""
    assert DataClasses.of_home(tmp_path).amount_by_endpoint_fen == {"trading.place": 500_000_000}
    write(tmp_path, '[amounts]\n"trading.place" = "500000.50"\n')
    assert DataClasses.of_home(tmp_path).amount_by_endpoint_fen == {"trading.place": 50_000_050}
    assert DataClasses.of_home(tmp_path).by_endpoint["trading.place"] is DataClass.L3
