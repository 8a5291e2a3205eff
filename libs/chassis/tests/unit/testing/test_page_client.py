"""The page client finds what a strict browser or a screen reader would stumble over."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from chassis.pages.headers import PAGE_HEADERS
from chassis.testing.page_client import PageClient, PageError, check_pages, page_findings

GOOD = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Good</title></head>'
    "<body><main><h1>Good</h1>{}</main></body></html>"
)


def page(body: str) -> str:
    return GOOD.format(body)


class TestPageFindings:
    def test_a_good_page_has_none(self) -> None:
        body = (
            '<!-- said --><form><label for="a">Name</label><input id="a" name="a"><label>Age <input name="age"></label>'
            '<input type="hidden" name="csrf"><input name="b" aria-label="Town">'
            '<fieldset><legend>Which</legend><input type="radio" id="r" name="r"><label for="r">This</label></fieldset>'
            '<button>Send</button></form><a href="#a">Name</a><img src="/x.png" alt="">'
            '<table><caption>Figures</caption><tr><th scope="col">n</th></tr></table>'
            '<svg viewBox="0 0 1 1"><title>Chart</title><use href="#a"></use></svg>'
        )
        assert page_findings(page(body)) == []

    @pytest.mark.parametrize(
        ("body", "finding"),
        [
            ("<p><div></p>", "line 1"),
            ("<b><i></b></i>", "line 1"),
            ("<h1>Two</h1>", "2 h1"),
            ('<p id="x"></p><p id="x"></p>', "'x' stands 2 times"),
            ('<input name="a">', '<input name="a"> has no label'),
            ('<label for="a"></label><input id="a">', "has no label"),
            ("<textarea></textarea>", "has no label"),
            ("<select></select>", "has no label"),
            ('<label for="gone">Name</label>', "'gone', which is not there"),
            ('<p aria-describedby="gone"></p>', "'gone', which is not there"),
            ('<a href="#gone">There</a>', "#gone, which is not there"),
            ('<label>Yes <input type="radio"></label>', "in no fieldset"),
            ('<a href="/x"></a>', "has no words"),
            ("<button></button>", "has no words"),
            ('<img src="/x.png">', "no alternative text"),
            ("<table></table>", "no caption"),
            ("<table><caption>c</caption><tr><th>n</th></tr></table>", "no scope"),
            ("<script>1</script>", "there is a <script>"),
            ('<script src="/a.js">1</script>', "there is a <script>"),
            ('<script src="https://elsewhere.example/a.js"></script>', "loads from elsewhere"),
            ("<svg><style></style></svg>", "there is a <style>"),
            ('<p style="color: red"></p>', "inline style"),
            ('<p onclick="x()"></p>', "inline onclick"),
            ('<img alt="" src="https://elsewhere.example/x.png">', "from elsewhere"),
            ('<a href="javascript:x()">x</a>', "is a script"),
        ],
    )
    def test_each_of_these_is_found(self, body: str, finding: str) -> None:
        assert finding in "\n".join(page_findings(page(body)))

    def test_a_page_without_language_title_heading_or_main_is_found(self) -> None:
        findings = "\n".join(page_findings("<!DOCTYPE html><html><head></head><body></body></html>"))
        for finding in ("no language", "no title", "0 h1", "one main"):
            assert finding in findings


class TestPageClient:
    @pytest.fixture
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/good", lambda _: HTMLResponse(page(""), headers=PAGE_HEADERS)),
                Route("/bad", lambda _: HTMLResponse(page("<h1>Two</h1>"), headers=PAGE_HEADERS)),
                Route("/bare", lambda _: HTMLResponse(page(""))),
                Route("/data", lambda _: JSONResponse({})),
            ]
        )

    async def test_good_pages_and_other_answers_pass(self, app: Starlette) -> None:
        async with PageClient(app) as client:
            assert (await client.get("/good")).status_code == 200
            assert (await client.get("/data")).json() == {}

    async def test_a_bad_page_and_one_without_headers_fail_the_test(self, app: Starlette) -> None:
        async with PageClient(app) as client:
            with pytest.raises(PageError, match="GET /bad:\n  there are 2 h1"):
                await client.get("/bad")
            with pytest.raises(PageError, match="Content-Security-Policy"):
                await client.get("/bare")

    async def test_pages_that_are_not_ours_can_be_left_out(self, app: Starlette) -> None:
        async with PageClient(app, unchecked=("/bare",)) as client:
            assert (await client.get("/bare")).status_code == 200

    async def test_any_client_can_check_pages(self, app: Starlette) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            check_pages(client)
            with pytest.raises(PageError):
                await client.get("/bad")
