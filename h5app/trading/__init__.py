"""The customer's side of an order: ticket, journal, positions; any counter stands behind a port."""
