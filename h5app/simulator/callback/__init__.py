"""What the platform sends to the account, and what it makes of the answer."""
