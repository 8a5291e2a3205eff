"""An HTTP client that reads every page as a strict browser and a screen reader would, and fails where they would stumble."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import httpx
from html5lib.constants import E as MESSAGES

_UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
_LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}
_HEADERS = {"referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "cache-control": "no-store"}


class PageError(AssertionError):
    """What is wrong with a page: one line a finding."""


class PageClient(httpx.AsyncClient):
    """Calls an ASGI application as a browser without script would, and checks every HTML answer.

    Follows no redirects unless asked, keeps cookies. `unchecked` are paths of HTML that is not ours (the API's documentation).
    """

    def __init__(self, app: Any, *, unchecked: tuple[str, ...] = (), **options: Any) -> None:
        options.setdefault("base_url", "http://127.0.0.1")
        super().__init__(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), **options)
        self.headers["accept"] = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
        check_pages(self, unchecked)


def check_pages(client: httpx.AsyncClient, unchecked: tuple[str, ...] = ()) -> None:
    """Make any client check every HTML answer; for instance one that carries an identity."""

    async def check(response: httpx.Response) -> None:
        if response.request.url.path not in unchecked and response.headers.get("content-type", "").startswith("text/html"):
            await response.aread()
            assert_page(response)

    client.event_hooks = {**client.event_hooks, "response": [*client.event_hooks["response"], check]}


def assert_page(response: httpx.Response) -> None:
    """Raise PageError unless an answer is a good page with the headers of one."""
    findings = [*_header_findings(response), *page_findings(response.text)]
    if findings:
        raise PageError(f"{response.request.method} {response.request.url.path}:\n  " + "\n  ".join(findings))


def page_findings(html: str) -> list[str]:
    """Return what is wrong with a document, empty when nothing is."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    invalid = [f"line {line}: {MESSAGES[code] % data}" for (line, _), code, data in parser.errors]
    checks = (_document, _identifiers, _labels, _names, _inline, _elsewhere)
    return invalid + [finding for check in checks for finding in check(root)]


def _header_findings(response: httpx.Response) -> Iterator[str]:
    policy = response.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        yield f"Content-Security-Policy does not keep everything out: {policy or 'missing'}"
    for name, expected in _HEADERS.items():
        if expected not in response.headers.get(name, "") and not (name == "cache-control" and _is_public(response)):
            yield f"{name} is not {expected}"


def _is_public(response: httpx.Response) -> bool:
    """Whether a page says that it is the same for everybody and may be kept; then nothing of a visitor may be in it."""
    kept = response.headers.get("cache-control", "").startswith("public, max-age=")
    return kept and "set-cookie" not in response.headers and 'name="csrf"' not in response.text


def _document(root: Element) -> Iterator[str]:
    if not root.get("lang"):
        yield "<html> names no language"
    if not _text(root.find("head/title")):
        yield "there is no title"
    headings = len(list(root.iter("h1")))
    if headings != 1:
        yield f"there are {headings} h1, not one"
    if len(list(root.iter("main"))) != 1:
        yield "there is not exactly one main"


def _identifiers(root: Element) -> Iterator[str]:
    known = Counter(element.get("id") for element in _elements(root) if "id" in element.attrib)
    for ident, times in known.items():
        if times > 1:
            yield f"id {ident!r} stands {times} times"
    for element in _elements(root):
        for attribute in _REFERENCES:
            for ident in (element.get(attribute) or "").split():
                if ident not in known:
                    yield f"{_describe(element)}: {attribute} names {ident!r}, which is not there"
        href = element.get("href", "")
        if element.tag == "a" and href.startswith("#") and href[1:] not in known:
            yield f"link to {href}, which is not there"


def _labels(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label") if _text(label)}
    wrapped = {id(field) for label in root.iter("label") if _text(label) for field in label.iter()}
    grouped = {id(field) for fieldset in root.iter("fieldset") if _text(fieldset.find("legend")) for field in fieldset.iter()}
    for field in _elements(root):
        if field.tag not in {"input", "select", "textarea"} or field.get("type") in _UNLABELLED_TYPES:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        if not (named or id(field) in wrapped or ("id" in field.attrib and field.get("id") in labelled)):
            yield f"{_describe(field)} has no label"
        if field.get("type") == "radio" and id(field) not in grouped:
            yield f"{_describe(field)} stands in no fieldset with a legend"


def _names(root: Element) -> Iterator[str]:
    for element in _elements(root):
        if element.tag in {"a", "button"} and not (_text(element) or element.get("aria-label")):
            yield f"{_describe(element)} has no words"
        if element.tag == "img" and "alt" not in element.attrib:
            yield f"{_describe(element)} has no alternative text"
        if element.tag == "table" and not _text(element.find("caption")):
            yield f"{_describe(element)} has no caption"
        if element.tag == "th" and element.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
            yield f"{_describe(element)} has no scope"


def _inline(root: Element) -> Iterator[str]:
    for element in _elements(root):
        name = element.tag.rpartition("}")[2]
        if name == "style" or (name == "script" and (not element.get("src") or _text(element))):
            yield f"there is a <{element.tag.rpartition('}')[2]}>"
        for attribute in element.attrib:
            if attribute == "style" or attribute.startswith("on"):
                yield f"{_describe(element)} has the inline {attribute}"


def _elsewhere(root: Element) -> Iterator[str]:
    for element in _elements(root):
        target = element.get(_LOADING.get(element.tag.rpartition("}")[2], ""), "")
        if target.startswith(("http:", "https:", "//")):
            yield f"{_describe(element)} loads from elsewhere"
        if element.get("href", "").lower().startswith("javascript:"):
            yield f"{_describe(element)} is a script"


def _elements(root: Element) -> Iterator[Element]:
    # Comments are in the tree too, with a function in the place of the tag.
    return (element for element in root.iter() if isinstance(element.tag, str))  # type: ignore[redundant-expr]


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _describe(element: Element) -> str:
    marks = "".join(f' {name}="{element.get(name)}"' for name in ("type", "id", "name", "href") if element.get(name))
    return f"<{element.tag.rpartition('}')[2]}{marks}>"
