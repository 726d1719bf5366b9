"""Bringing recorded data in: instruments, bars, actions, trading days, minutes, prints."""
