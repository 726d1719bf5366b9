"""Translated sentences in templates: the language is looked up once a request, not once each."""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def install_texts(app: Flask) -> None:
    """Give templates gettext over the request's language; Babel must be there already."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _translations().ugettext(text),
        ngettext=lambda one, many, count: _translations().ungettext(one, many, count),
        pgettext=lambda place, text: _translations().upgettext(place, text),
        npgettext=lambda place, one, many, count: _translations().unpgettext(
            place, one, many, count
        ),
        newstyle=True,
    )


def _translations() -> Any:  # noqa: ANN401 - Babel's own object
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations
