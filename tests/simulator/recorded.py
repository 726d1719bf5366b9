"""The recorded WeChat cases beside the checkout, by kind."""

import json
import os
from typing import Any

import pytest

from tests.conftest import SHARED

PATH = SHARED / "vectors" / "wechat.json"


def cases(*kinds: str) -> list[Any]:
    """Return the cases of some kinds, named by their ids.

    Without the material the tests that need it are skipped; with CI=true that fails.
    """
    if not PATH.exists():
        assert os.environ.get("CI") != "true", f"{PATH.name} is not there, and CI=true demands it"
        return []
    found = json.loads(PATH.read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in found if case["kind"] in kinds]
