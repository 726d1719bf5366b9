"""Cases of fees and of sellable shares: the counter's pure functions."""

from datetime import date
from decimal import Decimal

from h5app.counter.fees import FeeItem, FeeProfile, Rounding, Trade, commission_fen, order_fees
from h5app.counter.sellable import NotEnoughShares, Shares, SharesEvent, Turnaround, shares_after
from h5app.kernel.money import amount_fen, fen_from_text, milli_from_text
from h5app.market.model import Board, Product
from h5app.market.rules import product_of
from tests.conformance.market_inputs import (
    LOT_RULES_OF,
    Case,
    board_named,
    book,
    instrument,
    same,
)

FEE_TOTALS = ("commission", "stamp", "transfer", "total", "net_commission", "regulatory")


def check_fee(given: Case, expected: Case) -> None:
    """Items of one order filled at one price."""
    amount = amount_fen(milli_from_text(str(given["price"])), given["quantity"])
    fees = order_fees(profile_of(given), trade_of(given), amount)
    same(expected, {name: getattr(fees, name) / 100 for name in FEE_TOTALS})


def trade_of(given: Case) -> Trade:
    """What the fees depend on; SSE main where the case names no board."""
    board = board_named(given) if "board" in given else Board.SSE_MAIN
    exchange = instrument(board, given).symbol[-2:]
    profile = given.get("profile") or {}
    if profile.get("transfer_bundled") is True:
        board, exchange = Board.SZSE_MAIN, "SZ"
    on = date.fromisoformat(given["date"])
    return Trade(board=board, exchange=exchange, side=given["side"], on=on)


def profile_of(given: Case) -> FeeProfile:
    """The contract of a case."""
    agreed = given.get("profile") or given
    rounding = dict(agreed.get("rounding") or {})
    exchange_way = rounding.pop("exchange_fees", None)
    ways: dict[str, Rounding] = {FeeItem(n): Rounding(way) for n, way in rounding.items()}
    if exchange_way:
        ways |= dict.fromkeys((FeeItem.HANDLING, FeeItem.REGULATION), Rounding(exchange_way))
    return FeeProfile(
        commission_rate=Decimal(str(agreed.get("commission_rate") or 0)),
        commission_min_fen=fen_from_text(str(agreed.get("min_commission") or 0)),
        includes_exchange_fees=agreed.get("exchange_fees", "included") == "included",
        transfer_bundled_exchanges=frozenset({"SZ"} if agreed.get("transfer_bundled") else ()),
        rounding_by_item=ways,
    )


def check_fee_real(given: Case, expected: Case) -> None:
    """Items of a real statement under the contract it was written under."""
    fees = order_fees(profile_of(given), trade_of(given), fen_from_text(str(given["amount"])))
    same(expected, {name: getattr(fees, name) / 100 for name in FEE_TOTALS})


def check_fee_statutory(given: Case, expected: Case) -> None:
    """Statutory items of an amount."""
    fees = order_fees(profile_of({}), trade_of(given), fen_from_text(str(given["amount"])))
    found = {"exchange_handling": fees.handling / 100, "regulatory": fees.regulation / 100}
    same(expected, {**found, "stamp": fees.stamp / 100, "transfer": fees.transfer / 100})


def check_fee_multi_fill(given: Case, expected: Case) -> None:
    """Commission of a whole order: the minimum counts once."""
    fills = [
        amount_fen(milli_from_text(str(each["price"])), each["quantity"])
        for each in given["order_fills"]
    ]
    same(expected, {"commission_total": Decimal(commission_fen(profile_of(given), fills)) / 100})


def check_sellable(given: Case, expected: Case) -> None:
    """One day of a holding; an order that asks too much is refused whole and changes nothing."""
    word = given["product"]
    product = Product(word) if word in Product.__members__ else product_of(Board(word))
    turnaround: Turnaround = 0 if book().on(LOT_RULES_OF).is_t0(product) else 1
    frozen = given.get("frozen") or 0
    start = Shares(sellable_shares=given["opening_position"] - frozen, frozen_shares=frozen)
    accepted: list[SharesEvent] = []
    for each in given["events"]:
        event = shares_event(each)
        try:
            shares_after(start, [*accepted, event], turnaround)
        except NotEnoughShares:
            continue
        accepted.append(event)
    end = shares_after(start, accepted, turnaround)
    same(expected, {"sellable": end.sellable_shares, "position": end.quantity_shares})


def shares_event(each: Case) -> SharesEvent:
    """One event of a case in the counter's words."""
    if each.get("cancel"):
        return SharesEvent(kind="cancelled")
    side, quantity = each["side"], each["quantity"]
    if each["filled"]:
        return SharesEvent(kind="filled", side=side, quantity_shares=quantity)
    return SharesEvent(kind="placed", side=side, quantity_shares=quantity)
