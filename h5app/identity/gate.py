"""The gate in front of every route: the tier it declares is what the caller must have."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import flask
from flask import Flask, g

from h5app.identity.model import (
    STRANGER,
    BindingRequired,
    SignInRequired,
    StepUpRequired,
    Tier,
    Visitor,
)

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "h5app_tier"


class VisitorSource(Protocol):
    """Tells who makes the present request."""

    def visitor_of_request(self) -> Visitor:
        """Return the visitor of flask.request; STRANGER when nobody is known."""
        ...


def requires(tier: Tier) -> Callable[[View], View]:
    """Declare the tier of a route; put it directly above the function."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, int(tier))
        return view

    return mark


def tier_of(view: Callable[..., Any]) -> Tier | None:
    """Return the tier a view declares; None when it declares none."""
    declared = getattr(view, _ATTRIBUTE, None)
    return None if declared is None else Tier(declared)


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints that declare no tier; an application has none of them."""
    return sorted(name for name, view in app.view_functions.items() if tier_of(view) is None)


def visitor() -> Visitor:
    """Return who makes the present request; asked for the first time, it is looked up."""
    if "visitor" not in g:
        source: VisitorSource | None = g.get("visitor_source")
        g.visitor = source.visitor_of_request() if source else STRANGER
    found = g.visitor
    assert isinstance(found, Visitor)
    return found


def install(app: Flask, source: VisitorSource) -> None:
    """Let `source` name the visitor of each request, and refuse what its tier does not reach.

    A route that is open to everybody reads no session unless it asks who is there. A route without
    a declared tier is our mistake and answers 500.
    """

    def check() -> None:
        g.visitor_source = source
        view = app.view_functions.get(flask.request.endpoint or "")
        if view is None:
            return  # An address that does not exist is answered by the error page.
        wanted = tier_of(view)
        assert wanted is not None, f"{flask.request.endpoint} declares no tier"
        if wanted > Tier.VISITOR and visitor().tier < wanted:
            raise refusal(visitor(), wanted)

    app.before_request(check)


def refusal(who: Visitor, wanted: Tier) -> SignInRequired | BindingRequired | StepUpRequired:
    """Return what stands between this visitor and the wanted tier."""
    if who.tier < Tier.FOLLOWER:
        return SignInRequired()
    if who.tier < Tier.BOUND:
        return BindingRequired() if wanted >= Tier.BOUND else SignInRequired()
    return StepUpRequired()
