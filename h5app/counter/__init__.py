"""柜台: the embedded back office that keeps accounts, real books and orders as the broker sees them."""
