"""The headers of every page: nothing third-party, no script, no referrer, nothing kept by a shared computer's cache.

A page that works better with a script of ours says so, and may load scripts of this host and ask this host, and nothing else.
"""

from starlette.responses import RedirectResponse

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

# A browser sends `Origin: null` with the forms of a page that has `no-referrer`: forged posts are recognised by their token
# (chassis.pages.csrf), never by Origin.
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
SCRIPTED = {"Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; script-src 'self'; connect-src 'self'"}


def redirect(path: str, status: int = 303) -> RedirectResponse:
    """Send the browser to another page of ours, with the headers of a page, so that the address it leaves stays untold.

    `path` is absolute on this host (`/s/start`). Raises ValueError for anything that could leave it.
    """
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError("a redirect stays on this host: its path begins with one slash")
    return RedirectResponse(path, status, headers=PAGE_HEADERS)
