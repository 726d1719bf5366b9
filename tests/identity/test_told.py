"""A binding that goes elsewhere is told to the one who lost it."""

from datetime import timedelta

from h5app.identity.model import BindAccount, CustomerBound, CustomerUnbound, Origin, Visitor
from h5app.identity.refusal import CodeRequired
from h5app.kernel.clock import FrozenClock
from h5app.notify.service import Notifier
from h5app.notify.telling import Telling
from tests.identity.fakes import ACCOUNT, PASSWORD, House

PHONE = Origin(user_agent="iPhone MicroMessenger", device_token="d" * 43)


def bind(house: House, openid: str) -> Visitor:
    """Bind from WeChat."""
    who = house.identity.sign_in_openid(openid, PHONE).visitor
    wish = {"fund_account": ACCOUNT, "trade_password": PASSWORD, "accepted_notice": "2026-11"}
    try:
        return house.identity.bind(who, BindAccount(**wish), PHONE).visitor
    except CodeRequired:
        wish["code"] = house.codes.last_code
        return house.identity.bind(who, BindAccount(**wish), PHONE).visitor


def titles(notifier: Notifier, customer_id: str) -> list[str]:
    """Return what a customer was told, newest first."""
    return [entry.title for entry in notifier.inbox.entries(customer_id)]


def test_the_old_wechat_user_is_told_of_the_new_one(house: House, wall: FrozenClock) -> None:
    """The loser's own inbox says so, whose address is the old openid; told once."""
    notifier = Notifier(house.database, market=wall, wall=wall)
    telling = Telling(notifier, house.identity.directory, lambda _symbol: None)
    bind(house, "o-old")
    wall.advance(timedelta(minutes=2))
    owner = bind(house, "o-new").owner
    for _ in range(2):
        house.outbox.deliver_due(
            {
                CustomerBound: [telling.on_customer_bound],  # type: ignore[list-item]
                CustomerUnbound: [telling.on_customer_unbound, telling.on_customer_unbound],  # type: ignore[list-item]
            }
        )

    loser = house.identity.directory.customer_of_openid("o-old")
    assert loser is not None
    assert titles(notifier, loser) == ["解除绑定提醒"]
    assert house.identity.directory.openid_of(loser) == "o-old"
    assert titles(notifier, owner) == ["账户绑定提醒", "账户绑定提醒"]


def test_unbinding_is_told_on_both_sides(house: House, wall: FrozenClock) -> None:
    """The WeChat user and the account's own customer both find it in their inbox."""
    notifier = Notifier(house.database, market=wall, wall=wall)
    telling = Telling(notifier, house.identity.directory, lambda _symbol: None)
    bound = bind(house, "o-1")

    house.identity.unbind(bound, PHONE)
    house.outbox.deliver_due({CustomerUnbound: [telling.on_customer_unbound]})  # type: ignore[list-item]

    alone = house.identity.directory.customer_of_openid("o-1")
    assert alone is not None
    assert titles(notifier, alone) == titles(notifier, bound.owner) == ["解除绑定提醒"]
