"""Learns payment streams from transactions: pure arithmetic, standard library and kernel only."""
