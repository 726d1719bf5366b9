"""行情: instruments, dated rules, quotes, bars, watchlists; what a price was, is and may be."""
