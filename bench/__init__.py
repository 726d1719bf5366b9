"""The product's figures, each beside its ceiling, measured in the same run: ./manage bench."""
