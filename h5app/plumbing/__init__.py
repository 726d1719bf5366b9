"""管道: configuration, database, outbox, HTTP, web and logs; no brokerage word in it."""
