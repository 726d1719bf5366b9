"""What the walks share with the other tests that look at the whole product."""

from tests.house import RunningHouse, start_house, wait_for

__all__ = ["RunningHouse", "start_house", "wait_for"]
