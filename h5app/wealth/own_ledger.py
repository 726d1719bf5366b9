"""The name under which bills are learned from while their customer has bound no account. Pure."""

import hashlib

_HEAD = "own"
_LENGTH = 20


def own_ledger(customer_id: str) -> str:
    """Return the name; accounts of the counter are numbers, so that they never meet."""
    digest = hashlib.sha256(customer_id.encode()).hexdigest()
    return (_HEAD + digest)[:_LENGTH]


def is_own_ledger(account_id: str | None) -> bool:
    """Say whether this is such a name and no account."""
    return account_id is not None and account_id.startswith(_HEAD)
