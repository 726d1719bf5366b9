"""What the tester sees and turns: log, faults, clock, events."""
