"""运维台: staff console with its own people, passwords and cookie."""
