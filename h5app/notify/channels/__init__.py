"""Ways to a customer that need nobody outside the house."""
