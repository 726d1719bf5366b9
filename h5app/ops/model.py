"""Words of the console: who is staff, and a line of health. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody of the staff who is signed in."""

    name: str
    session_id: int


@dataclass(frozen=True, kw_only=True)
class HealthLine:
    """One thing an operator looks at."""

    label: str
    value: str
    is_wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What somebody typed to come in, and from where."""

    name: str
    password: str
    dynamic_code: str = ""
    address: str = ""
