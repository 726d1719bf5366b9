"""Ways to a customer's phone."""
