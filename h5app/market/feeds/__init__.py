"""Sources of quotes behind the port QuoteFeed, and the process that brings them to the board."""
