"""The way on from a board that is not open to the account: 去开通."""

from h5app.counter.model import OrderReport, OrderRequest
from h5app.counter.refusal import PermissionMissing
from h5app.identity.model import Tier
from h5app.kernel.clock import FrozenClock
from tests.trading.conftest import MakeRoom, Room
from tests.trading.fakes import FakeCounter

STAR = "688001.SH"


class StrictCounter(FakeCounter):
    """Has no account that may buy on the STAR market."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)

    def submit(self, request: OrderRequest) -> OrderReport:
        """Refuse as the embedded counter does."""
        if request.symbol == STAR:
            raise PermissionMissing("您未开通科创板权限,请先开通")
        return super().submit(request)


def test_a_missing_permission_leads_to_how_it_is_opened(new_room: MakeRoom) -> None:
    """您未开通…权限,去开通: the sentence and the way on stand beside each other."""
    room = new_room(StrictCounter)

    refused = room.place(status=422, symbol=STAR, quantity=200)
    page = room.page("/trade/orders/t-1")

    assert refused["error"]["code"] == "counter.permission_missing"
    assert "您未开通科创板权限" in page
    assert 'href="/trade/permissions" data-testid="open-permission">去开通<' in page
    assert 'data-testid="again"' in page


def test_other_refusals_do_not_offer_it(room: Room) -> None:
    """What the cash does not cover is not opened by a permission."""
    room.place(status=422, quantity=10_000_000)

    assert "/trade/permissions" not in room.page("/trade/orders/t-1")


def test_the_page_says_who_opens_a_permission(room: Room) -> None:
    """The institution does: its phone as the settings say; nothing is handed in here."""
    room.visitors.become(Tier.BOUND)

    page = room.page("/trade/permissions")

    assert "本页不能办理" in page
    assert 'href="tel:95000"' in page
    assert "这里是演示环境" in page
    assert "<form" not in page
