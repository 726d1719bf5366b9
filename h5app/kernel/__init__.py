"""词汇: money, symbols, clocks, trading days, events and errors; no input or output."""
