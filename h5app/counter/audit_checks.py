"""The statements of the audit: each gives one row per problem, none when the books are right."""

from dataclasses import dataclass

from h5app.plumbing.db import Sql


@dataclass(frozen=True)
class Check:
    """One rule and how a breach of it is found."""

    rule: str
    says: str
    statement: Sql
    """Gives one row per problem: whom it concerns, and the figures found."""


CHECKS = (
    Check(
        "M1",
        "lines of the ledger that are no movement",
        Sql(
            "SELECT transfer, amount FROM counter_ledger"
            " WHERE amount <= 0 OR source_pot = target_pot"
        ),
    ),
    Check(
        "M1",
        "pots of an account do not sum to zero",
        Sql(
            "SELECT account_id || ' ' || unit, SUM(amount) FROM counter_balances"
            " GROUP BY account_id, unit HAVING SUM(amount) <> 0"
        ),
    ),
    Check(
        "M1",
        "a pot is not the sum of its lines (kept, summed)",
        Sql(
            "WITH moved AS (SELECT account_id, unit, target_pot AS pot, amount FROM counter_ledger"
            " UNION ALL SELECT account_id, unit, source_pot, -amount FROM counter_ledger),"
            " summed AS (SELECT account_id, unit, pot, SUM(amount) AS amount FROM moved"
            " GROUP BY account_id, unit, pot)"
            " SELECT b.account_id || ' ' || b.unit || ' ' || b.pot, b.amount, s.amount"
            " FROM counter_balances b LEFT JOIN summed s ON s.account_id = b.account_id"
            " AND s.unit = b.unit AND s.pot = b.pot WHERE b.amount <> COALESCE(s.amount, 0)"
            " UNION ALL SELECT s.account_id || ' ' || s.unit || ' ' || s.pot, NULL, s.amount"
            " FROM summed s LEFT JOIN counter_balances b ON b.account_id = s.account_id"
            " AND b.unit = s.unit AND b.pot = s.pot WHERE b.pot IS NULL"
        ),
    ),
    Check(
        "M2",
        "frozen cash is not what open buys hold (pot, orders)",
        Sql(
            "SELECT a.account_id, COALESCE(b.amount, 0), COALESCE(o.held, 0)"
            " FROM counter_accounts a"
            " LEFT JOIN counter_balances b ON b.account_id = a.account_id"
            " AND b.unit = 'CNY' AND b.pot = 'frozen'"
            " LEFT JOIN (SELECT account_id, SUM(frozen_fen) AS held FROM counter_orders"
            " WHERE state IN ('0','1','2','3','4','7') GROUP BY account_id) o"
            " ON o.account_id = a.account_id"
            " WHERE COALESCE(b.amount, 0) <> COALESCE(o.held, 0)"
        ),
    ),
    Check(
        "M2",
        "an open buy does not hold its rest at its limit and the fees to come (held, needed)",
        Sql(
            "SELECT held.order_id, held.frozen_fen, held.needed FROM (SELECT o.order_id,"
            " o.frozen_fen, (o.price_milli * (o.quantity_shares - o.filled_shares"
            " - o.busted_shares) + 5) / 10 + CASE WHEN o.fee_ceiling_fen > o.fees_fen"
            " THEN o.fee_ceiling_fen - o.fees_fen ELSE 0 END AS needed,"
            " (SELECT COUNT(*) FROM counter_fills f WHERE f.order_id = o.order_id) AS fills"
            " FROM counter_orders o WHERE o.side = 'buy'"
            " AND o.state IN ('0','1','2','3','4','7')) held"
            # Each fill rounds its own amount, so that each may cost the rest a fen.
            " WHERE held.frozen_fen > held.needed OR held.needed - held.frozen_fen > held.fills"
        ),
    ),
    Check(
        "M2",
        "frozen shares are not what open sales hold (pot, orders)",
        Sql(
            "SELECT b.account_id || ' ' || b.unit, b.amount, COALESCE(o.held, 0)"
            " FROM counter_balances b LEFT JOIN (SELECT account_id, symbol,"
            " SUM(frozen_shares) AS held FROM counter_orders"
            " WHERE state IN ('0','1','2','3','4','7') AND side = 'sell'"
            " GROUP BY account_id, symbol) o"
            " ON o.account_id = b.account_id AND o.symbol = b.unit"
            " WHERE b.pot = 'frozen' AND b.unit <> 'CNY' AND b.amount <> COALESCE(o.held, 0)"
        ),
    ),
    Check(
        "M2",
        "an open sale does not hold what is open of it (held, open)",
        Sql(
            "SELECT order_id, frozen_shares, quantity_shares - filled_shares - busted_shares"
            " FROM counter_orders WHERE side = 'sell' AND state IN ('0','1','2','3','4','7')"
            " AND frozen_shares <> quantity_shares - filled_shares - busted_shares"
        ),
    ),
    Check(
        "M3",
        "a customer's pot is negative",
        Sql(
            "SELECT account_id || ' ' || unit || ' ' || pot, amount FROM counter_balances"
            " WHERE substr(pot, 1, 6) <> 'house:' AND amount < 0"
        ),
    ),
    Check(
        "M4",
        "more filled than ordered (filled, taken back, ordered)",
        Sql(
            "SELECT order_id, filled_shares, busted_shares, quantity_shares FROM counter_orders"
            " WHERE filled_shares < 0 OR busted_shares < 0"
            " OR filled_shares + busted_shares > quantity_shares"
        ),
    ),
    Check(
        "M4",
        "an order is not the sum of its fills (shares, summed, fen, summed, fees, summed)",
        Sql(
            "SELECT o.order_id, o.filled_shares, COALESCE(f.shares, 0), o.filled_amount_fen,"
            " COALESCE(f.amount, 0), o.fees_fen, COALESCE(f.fees, 0) FROM counter_orders o"
            " LEFT JOIN (SELECT f.order_id,"
            " SUM(CASE WHEN b.fill_id IS NULL THEN f.quantity_shares ELSE 0 END) AS shares,"
            " SUM(CASE WHEN b.fill_id IS NULL THEN f.amount_fen ELSE 0 END) AS amount,"
            " SUM(f.fee_fen - COALESCE(b.fee_fen, 0)) AS fees FROM counter_fills f"
            " LEFT JOIN counter_busts b ON b.fill_id = f.fill_id GROUP BY f.order_id) f"
            " ON f.order_id = o.order_id WHERE o.filled_shares <> COALESCE(f.shares, 0)"
            " OR o.filled_amount_fen <> COALESCE(f.amount, 0)"
            " OR o.fees_fen <> COALESCE(f.fees, 0)"
        ),
    ),
    Check(
        "M4",
        "a fill's amount is not its price times its shares, or crosses its order's limit",
        Sql(
            "SELECT f.fill_id, f.amount_fen, f.price_milli, o.price_milli FROM counter_fills f"
            " JOIN counter_orders o ON o.order_id = f.order_id"
            " WHERE f.amount_fen <> (f.price_milli * f.quantity_shares + 5) / 10"
            " OR (o.side = 'buy' AND f.price_milli > o.price_milli)"
            " OR (o.side = 'sell' AND f.price_milli < o.price_milli)"
            " OR f.account_id <> o.account_id OR f.symbol <> o.symbol OR f.side <> o.side"
        ),
    ),
    Check(
        "M4",
        "shares held are not bought less sold plus what came from elsewhere (held, reckoned)",
        Sql(
            "WITH parts AS (SELECT f.account_id, f.symbol AS unit, CASE WHEN f.side = 'buy'"
            " THEN f.quantity_shares ELSE -f.quantity_shares END AS shares FROM counter_fills f"
            " LEFT JOIN counter_busts b ON b.fill_id = f.fill_id WHERE b.fill_id IS NULL"
            " UNION ALL SELECT account_id, unit, amount FROM counter_ledger"
            " WHERE source_pot = 'house:custodian'"
            " UNION ALL SELECT account_id, unit, -amount FROM counter_balances"
            " WHERE pot = 'house:advance'), reckoned AS (SELECT account_id, unit,"
            " SUM(shares) AS shares FROM parts GROUP BY account_id, unit)"
            " SELECT h.account_id || ' ' || h.unit, h.held, COALESCE(r.shares, 0) FROM"
            " (SELECT account_id, unit, SUM(amount) AS held FROM counter_balances"
            " WHERE unit <> 'CNY' AND substr(pot, 1, 6) <> 'house:' GROUP BY account_id, unit) h"
            " LEFT JOIN reckoned r ON r.account_id = h.account_id AND r.unit = h.unit"
            " WHERE h.held <> COALESCE(r.shares, 0)"
        ),
    ),
    Check(
        "M4",
        "cash is not what came in less what was spent (held, reckoned)",
        Sql(
            "WITH parts AS (SELECT account_id, CASE WHEN source_pot = 'house:bank' THEN amount"
            " ELSE -amount END AS fen FROM counter_ledger WHERE unit = 'CNY'"
            " AND kind IN ('deposit','withdrawal','purchase')"
            " UNION ALL SELECT f.account_id, CASE WHEN f.side = 'buy' THEN -f.amount_fen"
            " ELSE f.amount_fen END FROM counter_fills f LEFT JOIN counter_busts b"
            " ON b.fill_id = f.fill_id WHERE b.fill_id IS NULL"
            " UNION ALL SELECT account_id, -fee_fen FROM counter_fills"
            " UNION ALL SELECT f.account_id, b.fee_fen FROM counter_busts b"
            " JOIN counter_fills f ON f.fill_id = b.fill_id"
            " UNION ALL SELECT account_id, -amount FROM counter_balances"
            " WHERE unit = 'CNY' AND pot = 'house:advance'), reckoned AS"
            " (SELECT account_id, SUM(fen) AS fen FROM parts GROUP BY account_id)"
            " SELECT h.account_id, h.held, COALESCE(r.fen, 0) FROM"
            " (SELECT account_id, SUM(amount) AS held FROM counter_balances"
            " WHERE unit = 'CNY' AND substr(pot, 1, 6) <> 'house:' GROUP BY account_id) h"
            " LEFT JOIN reckoned r ON r.account_id = h.account_id"
            " WHERE h.held <> COALESCE(r.fen, 0)"
        ),
    ),
    Check(
        "M5",
        "a final order still holds something",
        Sql(
            "SELECT order_id, frozen_fen, frozen_shares FROM counter_orders"
            " WHERE state NOT IN ('0','1','2','3','4','7')"
            " AND (frozen_fen <> 0 OR frozen_shares <> 0)"
        ),
    ),
    Check(
        "M6",
        "one key made several orders",
        Sql(
            "SELECT account_id || ' ' || client_order_id, COUNT(*) FROM counter_orders"
            " GROUP BY account_id, client_order_id HAVING COUNT(*) > 1"
        ),
    ),
    Check(
        "M6",
        "one execution made several fills",
        Sql(
            "SELECT venue || ' ' || execution_id, COUNT(*) FROM counter_fills"
            " GROUP BY venue, execution_id HAVING COUNT(*) > 1"
        ),
    ),
    Check(
        "M7",
        "an order and its row in the journal do not belong together",
        Sql(
            "SELECT o.order_id, COUNT(j.seq) FROM counter_orders o LEFT JOIN counter_journal j"
            " ON j.order_id = o.order_id AND j.kind = 'place' GROUP BY o.order_id"
            " HAVING COUNT(j.seq) <> 1 UNION ALL SELECT j.order_id, 0 FROM counter_journal j"
            " LEFT JOIN counter_orders o ON o.order_id = j.order_id"
            " WHERE j.kind = 'place' AND o.order_id IS NULL"
        ),
    ),
    Check(
        "M7",
        "a fill has no report in the journal that says so",
        Sql(
            "SELECT f.fill_id, f.order_id FROM counter_fills f LEFT JOIN counter_journal r"
            " ON r.venue = f.venue AND r.execution_id = f.execution_id"
            " LEFT JOIN counter_journal a ON a.applies = r.seq WHERE a.seq IS NULL"
        ),
    ),
    Check(
        "M8",
        "an order's moves do not follow each other, or do not end where it stands",
        Sql(
            "SELECT m.order_id, m.state_before, m.came FROM (SELECT order_id, state_before,"
            " LAG(state_after, 1, '') OVER (PARTITION BY order_id ORDER BY move_id) AS came"
            " FROM counter_moves) m WHERE m.state_before <> m.came"
            " UNION ALL SELECT o.order_id, o.state, COALESCE(l.state_after, '')"
            " FROM counter_orders o"
            " LEFT JOIN (SELECT order_id, MAX(move_id) AS move_id FROM counter_moves"
            " GROUP BY order_id) last ON last.order_id = o.order_id"
            " LEFT JOIN counter_moves l ON l.move_id = last.move_id"
            " WHERE COALESCE(l.state_after, '') <> o.state"
        ),
    ),
    Check(
        "M8",
        "an order made a move that is not on the graph",
        Sql(
            "SELECT order_id, state_before, state_after FROM counter_moves"
            " WHERE state_before || state_after NOT IN ('0','1','01','02','06','09','12','17','18',"
            "'16','19','23','27','28','26','29','34','32','38','36','39','47','48','45','43',"
            "'74','78','75','72','58','56','65','68','85','86','95','98')"
        ),
    ),
)
