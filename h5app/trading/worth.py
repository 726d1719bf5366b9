"""What an account is worth now: the counter's figures at the market's newest prices."""

from dataclasses import replace

from h5app.trading.ports import Counter, Prices
from h5app.trading.profit import Assets, Holding, assets, holding
from h5app.trading.ticket import break_even_milli


def worth_of(counter: Counter, prices: Prices, account_id: str) -> Assets:
    """Return cash and positions at the newest quotes, with break-even prices."""
    positions = counter.positions(account_id)
    quotes = prices.quotes([position.symbol for position in positions])
    rows = [
        _with_break_even(
            counter, account_id, holding(position, prices.instrument(position.symbol), quote)
        )
        for position, quote in zip(positions, quotes, strict=True)
    ]
    return assets(counter.balances(account_id), rows)


def _with_break_even(counter: Counter, account_id: str, row: Holding) -> Holding:
    if row.instrument is None or row.is_closed:
        return row
    schedule = counter.fee_schedule(account_id, row.symbol, "sell")
    price = break_even_milli(
        row.position.cost_fen,
        row.position.quantity_shares,
        row.instrument.tick_milli,
        lambda amount: schedule(amount).total_fen,
    )
    return replace(row, break_even_milli=price)
