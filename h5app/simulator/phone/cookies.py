"""Cookies of a web view that stands in a frame of the tester's page."""

_REPLACED = ("samesite", "secure", "partitioned")


def widened(set_cookie: str) -> str:
    """Return a Set-Cookie that a browser also keeps inside a frame of another site.

    On the tester's page a phone (u1.localhost) is framed by 127.0.0.1, where SameSite=Lax loses
    every cookie. Browsers keep `Secure` on *.localhost without https.
    """
    parts = [part.strip() for part in set_cookie.split(";")]
    kept = [part for part in parts if part.partition("=")[0].lower() not in _REPLACED]
    return "; ".join([*kept, "SameSite=None", "Secure", "Partitioned"])
