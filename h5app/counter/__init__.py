"""柜台: the embedded back office that keeps accounts, real books and the broker's orders."""
