"""Officers who edit questionnaires, for the tests of these pages."""

import io
import re
from typing import Any

import httpx
import openpyxl

from chassis.testing.fixtures import ServiceClient
from chassis.testing.page_client import check_pages

HOME = "/feedback/questionnaires"
LIVING = f"{HOME}/living-where-i-live/edit"
LETTERS = f"{HOME}/new-ehcp/edit"
_INPUT = re.compile(r'<input[^>]*\bname="(?P<name>[^"]+)"[^>]*>')
_TEXTAREA = re.compile(r'<textarea[^>]*\bname="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_SELECT = re.compile(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)


class Officer:
    """A QA officer's browser without script: every page checked, forms sent back as they were shown but for the changes."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        http.headers["accept"] = "text/html"
        check_pages(http)

    async def get(self, path: str, **query: str) -> httpx.Response:
        answer = await self.http.get(path, params=query or None)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {shown(answer)[-600:]}"
        return answer

    async def fields(self, path: str, form: int = -1) -> dict[str, Any]:
        """The fields of a form of a page, as a browser would send them."""
        return fields_of((await self.get(path)).text, form)

    async def send(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        return await self.http.post(path, data={name: value for name, value in fields.items() if value is not None})

    async def fill(self, path: str, *, to: str = "", **changes: Any) -> httpx.Response:
        """Open a page, change fields of its last form, and send it."""
        return await self.send(to or path, {**(await self.fields(path)), **changes})

    async def done(self, path: str, *, to: str = "", **changes: Any) -> str:
        """The same, where it must succeed; where it leads."""
        sent = await self.fill(path, to=to, **changes)
        assert sent.status_code == 303, shown(sent)[:1500]
        return str(sent.headers["location"])

    async def begin(self, edit: str = LIVING) -> None:
        await self.done(edit, do="begin")

    async def step(self, edit: str, question: str, step: str) -> str:
        seen = (await self.fields(f"{edit}/questions/{question}/remove"))["seen"]
        token = (await self.fields(f"{edit}/questions/{question}/remove"))["csrf"]
        sent = await self.send(f"{edit}/questions/{question}/{step}", {"csrf": token, "seen": seen})
        assert sent.status_code == 303
        return str(sent.headers["location"])

    async def publish(self, edit: str = LIVING, **changes: Any) -> str:
        return await self.done(f"{edit}/publish", **changes)

    async def upload(self, here: str, content: bytes, **fields: str) -> httpx.Response:
        token = fields_of((await self.get(here)).text, 0)["csrf"]
        return await self.http.post(f"{here}/sheet", data={"csrf": token, **fields}, files={"file": ("sheet.xlsx", content)})


def fields_of(page: str, form: int = -1) -> dict[str, Any]:
    """The fields of one form of a page."""
    html = re.findall(r"<form.*?</form>", page, re.DOTALL)[form]
    found: dict[str, Any] = {}
    for match in _INPUT.finditer(html):
        tag, name = match.group(), match["name"]
        kind = _attribute(tag, "type")
        value = _attribute(tag, "value")
        if kind in {"checkbox", "radio"}:
            if " checked" in tag:
                found.setdefault(name, []).append(value)
        elif kind != "file":
            found[name] = value
    for name, text in _TEXTAREA.findall(html):
        found[name] = _plain(text)
    for name, options in _SELECT.findall(html):
        chosen = re.findall(r'<option value="([^"]*)" selected', options) or re.findall(r'<option value="([^"]*)"', options)
        found[name] = _plain(chosen[0]) if chosen else ""
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return _plain(found[1]) if found else ""


def _plain(text: str) -> str:
    for entity, letter in (("&#39;", "'"), ("&#34;", '"'), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text


def shown(page: httpx.Response) -> str:
    """The words of a page."""
    return " ".join(_plain(re.sub(r"<[^>]+>", " ", page.text)).split())


def sheet_rows(content: bytes) -> list[list[str]]:
    """The rows of a workbook's first sheet, with its headings."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]


def workbook(rows: list[list[str]]) -> bytes:
    """A workbook as a translator would send it back."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
