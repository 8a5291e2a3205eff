"""Names and paths of cookies: under https each has the prefix `__Host-`, which no other host and no plain connection can set.

The prefix asks for the path `/` (RFC 6265bis, 4.1.3.2). Over http, which is this machine alone, a browser would refuse it.
"""


def named(name: str, path: str, *, secure: bool) -> tuple[str, str]:
    """Name and path of a cookie; `path` is where it goes without https."""
    return (f"__Host-{name}", "/") if secure else (name, path)
