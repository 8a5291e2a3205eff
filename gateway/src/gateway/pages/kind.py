"""The page that people see when the gateway itself has to say no, or a service is away."""

from functools import lru_cache

from chassis.pages import Pages
from gateway.proxy.answers import KindPage, Refusal

_WORDS = {401: "signed-out", 403: "forbidden", 404: "not-found", 413: "too-large", 429: "too-many"}
_UNREADABLE = range(400, 500)


def kind_page(pages: Pages) -> KindPage:
    """A renderer of kind pages; the words are the chassis' own, so that a page looks as that of a service would."""

    @lru_cache(maxsize=64)
    def template(status: int, slug: str, detail: str) -> str:
        # Families need not know why: their page says the same words for all that will pass.
        planned = slug == "maintenance" and detail
        words = _WORDS.get(status) or ("unreadable" if status in _UNREADABLE else "unavailable")
        return pages.render(
            "chassis/error.html",
            layout="chassis/survey.html" if not detail else "chassis/staff.html",
            words=f"{'survey' if not detail else 'staff'}.error.{'maintenance' if planned else words}",
            detail=detail,
            reference="@reference@",
            signed_out=status == 401,  # noqa: PLR2004 - a status of HTTP
        )

    def page(refusal: Refusal, request_id: str, *, survey: bool) -> bytes:
        # Request ids are letters, digits, dots and hyphens: nothing to escape.
        return (
            template(refusal.status, refusal.slug, "" if survey else refusal.detail).replace("@reference@", request_id).encode()
        )

    return page
