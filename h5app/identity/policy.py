"""How long and how often: every figure of identity in one place."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from h5app.identity.model import Purpose
from h5app.plumbing.config import Config


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The house's figures; a fork changes them here or hands in its own."""

    step_up_lasts: timedelta = timedelta(minutes=15)
    """How long a trade password opens private figures and trading."""
    direct_idle: timedelta = timedelta(minutes=30)
    direct_lasts: timedelta = timedelta(hours=12)
    openid_idle: timedelta = timedelta(days=1)
    openid_lasts: timedelta = timedelta(days=7)
    """WeChat names the openid again without a tap, so that its sessions may be short, too."""
    seen_every: timedelta = timedelta(minutes=1)
    """How often "last seen" is written at most."""
    rotation_grace: timedelta = timedelta(minutes=1)
    """How long the token before a step-up still works, without what the step-up opened."""
    sessions_per_customer_max: int = 20

    wrong_passwords_max: int = 5
    wrong_passwords_within: timedelta = timedelta(hours=24)
    lock_lasts: timedelta = timedelta(hours=24)
    address_lock_first: timedelta = timedelta(minutes=1)
    """A network address is shared by many: its lock begins short and doubles with each failure."""
    address_failures_max: int = 5
    """0 switches the lock by address off."""

    code_purposes: frozenset[Purpose] = frozenset(Purpose)
    """What a one-time code is asked for; signing in asks only on a device not known."""
    code_lasts: timedelta = timedelta(minutes=5)
    code_tries_max: int = 5
    code_pause: timedelta = timedelta(minutes=1)
    codes_per_day_max: int = 10

    openids_per_account_max: int = 1
    """A further openid takes the place of the oldest one, which is told."""

    ended_kept: timedelta = timedelta(days=30)
    """How long ended sessions and codes are kept for questions."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What identity takes from the configuration."""

    secret_key: str = field(repr=False)
    brand: str = ""
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def of(cls, config: Config, policy: Policy | None = None) -> "Settings":
        """Return the settings of a configuration; rate limits that are off stop at the address."""
        chosen = policy or Policy()
        if config.rate_limits == "off":
            chosen = replace(chosen, address_failures_max=0)
        return cls(secret_key=config.secret_key, brand=config.brand, policy=chosen)


def microseconds(span: timedelta) -> int:
    """Return a span in whole microseconds."""
    return span // timedelta(microseconds=1)
