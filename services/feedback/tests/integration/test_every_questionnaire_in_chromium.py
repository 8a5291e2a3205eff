"""Every questionnaire of both profiles in every language, in a real Chromium.

What is covered, so that nobody believes more of it. All pages of a questionnaire (its start, and each question whether
branching shows it or not), as the service renders them, are laid one below another in one document of the same language and
style: that way it takes a minute and not an hour.
- Every questionnaire in every language, in ordinary and in easy words, at 320, 390 and 1280 px: nothing runs over an edge or
  is cut off, and it is written in the right direction; at 320 px also with letters of 200%: no wider than the window.
- axe: every page of every questionnaire in its first language, and each distinct kind of page in each language.
- No page holds a script; with script switched off a questionnaire of each profile is walked from the link to the
  confirmation, in Arabic and easy words, at 320 px.
- With the keyboard alone: one question of each kind is reached, answered and sent, in Urdu.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, Route

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, picture, served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from feedback.bootstrap import build_app
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Question, Questionnaire
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

NARROW = 320
ORGANISATIONS = ("worcestershire", "telford-wrekin")
RIGHT_TO_LEFT = {"ur", "ar"}
LATER_PAGE = 15_000
# Wider than the window, or words that are cut off in their own box: what a person would see as broken.
BROKEN = """() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? [`the page is ${document.documentElement.scrollWidth} px wide`] : [];
  const edge = document.documentElement.clientWidth;
  const cut = [...document.querySelectorAll("label, legend, h1, h2, p, dd, dt, button, a, span")].filter((each) => {
    const box = each.getBoundingClientRect();
    if (each.closest(".govuk-visually-hidden, .govuk-skip-link") || !box.width) return false;
    return box.right > edge + 1 || box.left < -1 || (each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0);
  }).map((each) => `${each.tagName} "${each.textContent.trim().slice(0, 40)}" runs over its edge`);
  return [...wide, ...cut];
}"""

# As a browser does whose letters are set to twice their size: all sizes of these pages hang on this one.
TWICE_THE_SIZE = """() => {
  const html = document.documentElement;
  html.style.fontSize = `${2 * parseFloat(getComputedStyle(html).fontSize)}px`;
}"""


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine."""
    with served(build_app(settings)) as found:
        yield found


def profile_of(documents: Any, org: str) -> FeedbackProfile:
    document = documents(org)
    del document["version"]
    return FeedbackProfile.model_validate(document)


def kind_of(question: Question) -> str:
    """What makes a page of its own kind: the control, and what stands around it."""
    faces = "faces" if question.scale and question.scale.faces else ""
    parts = (question.kind, faces, "hint" if question.hint else "", "none" if question.does_not_apply else "")
    return "-".join(part for part in (*parts, "worry" if question.worry else "") if part)


def pages_of(survey: Questionnaire, language: str, easy: str) -> Iterator[tuple[str, str]]:
    """Kind and address of every page of a questionnaire."""
    version = survey.versions[-1]
    query = f"?version={version.version}&language={language}&easy={easy}"
    at = f"/feedback/questionnaires/{survey.code}/try"
    young = "-young" if survey.audience == "child" else ""
    yield f"start{young}", f"{at}/0{query}"
    for number, question in enumerate(version.questions, 1):
        yield f"{kind_of(question)}{young}", f"{at}/{number}{query}"


class Shown:
    """One tab in which documents are shown; their style sheet comes from the service."""

    def __init__(self, page: Page, address: str, officer: ServiceClient) -> None:
        self.page, self.address, self.officer = page, address, officer
        self.html = ""

    @classmethod
    async def begin(cls, chromium: Chromium, address: str, officer: ServiceClient) -> "Shown":
        """A tab at the service."""
        page = await chromium.open(f"{address}/livez", width=NARROW)
        shown = cls(page, address, officer)

        async def document(route: Route) -> None:
            await route.fulfill(body=shown.html, content_type="text/html; charset=utf-8")

        await page.route(f"{address}/shown", document)
        return shown

    async def fetch(self, path: str, language: str) -> str:
        """A page of the service, small and in the right direction."""
        answer = await self.officer.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert len(answer.content) < LATER_PAGE, path
        assert "<script" not in answer.text, path
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        assert f'<html lang="{language}" dir="{direction}"' in answer.text, path
        return answer.text

    async def show(self, pages: list[str]) -> None:
        """Pages of one language and style, one below another."""
        head = pages[0].partition("<body>")[0]
        bodies = [_numbered(page.partition("<body>")[2].partition("</body>")[0], place) for place, page in enumerate(pages)]
        self.html = f"{head}<body>{''.join(bodies)}</body></html>"
        await self.page.set_viewport_size({"width": NARROW, "height": 900})
        await self.page.goto(f"{self.address}/shown")

    async def fits_everywhere(self, where: str) -> None:
        """Nothing is broken at any width, nor with letters of 200%."""
        for width in (NARROW, PHONE, DESK):
            await self.page.set_viewport_size({"width": width, "height": 900})
            assert await self.page.evaluate(BROKEN) == [], f"{where} at {width} px"
        await self.page.set_viewport_size({"width": NARROW, "height": 900})
        await self.page.evaluate(TWICE_THE_SIZE)
        assert await self.page.evaluate(BROKEN) == [], f"{where} at {NARROW} px with letters of 200%"


def _numbered(body: str, place: int) -> str:
    """A page's content with identifiers that no other page beside it has."""
    named = re.sub(r' (id|for|name)="([^"]+)"', rf' \1="\2-{place}"', body)
    named = re.sub(r' href="#([^"]+)"', rf' href="#\1-{place}"', named)
    listed = r' (aria-labelledby|aria-describedby)="([^"]+)"'
    return re.sub(listed, lambda at: f' {at[1]}="{" ".join(f"{each}-{place}" for each in at[2].split())}"', named)


@pytest.mark.parametrize("org", ORGANISATIONS)
async def test_every_questionnaire_fits_in_every_language_and_is_accessible(
    chromium: Chromium, address: str, app: FastAPI, keys: Keys, documents: Any, org: str
) -> None:
    kinds: dict[tuple[str, str], dict[str, str]] = {}
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", org=org)) as officer:
        officer.headers["accept"] = "text/html"
        shown = await Shown.begin(chromium, address, officer)
        for survey in profile_of(documents, org).questionnaires:
            easy_too = ("off", "on") if survey.versions[-1].easy_read else ("off",)
            for language, easy in itertools.product(survey.languages, easy_too):
                pages = {path: (kind, await shown.fetch(path, language)) for kind, path in pages_of(survey, language, easy)}
                await shown.show([page for _, page in pages.values()])
                where = f"{org}: {survey.code} in {language}, easy read {easy}"
                await shown.fits_everywhere(where)
                if language == survey.languages[0]:
                    await assert_accessible(shown.page)
                for kind, page in pages.values():
                    kinds.setdefault((language, easy), {}).setdefault(kind, page)
        for (language, easy), distinct in kinds.items():
            await shown.show([*distinct.values()])
            await assert_accessible(shown.page)
            await picture(shown.page, f"every-kind-{org}-{language}-easy-{easy}")
    assert len(kinds) >= 10


@pytest.mark.parametrize(("org", "area"), [("worcestershire", "through-care"), ("telford-wrekin", "children-in-care")])
async def test_with_script_switched_off_a_family_gets_from_the_link_to_the_confirmation(
    chromium: Chromium, address: str, app: FastAPI, keys: Keys, org: str, area: str
) -> None:
    body = {"questionnaire": "care-leavers", "service_area": area, "channel": "letter", "language": "ar"}
    async with ServiceClient(app, keys, "feedback", caller("feedback:invitations:write", org=org)) as machine:
        answer = await machine.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    link = address + str(answer.json()["url"])[len("http://loop.test") :]
    page = await chromium.open(link, width=NARROW, script=False)
    assert await page.get_attribute("html", "dir") == "rtl"
    await page.click("[name=easy_read]")
    assert "easy-read" in str(await page.get_attribute("html", "class"))
    await page.click("main .govuk-button")
    while "/s/question/" in page.url:
        before = page.url
        await page.click("form[action^='/s/question'] .govuk-button >> nth=0")
        await page.wait_for_url(re.compile(f"(?!{re.escape(before)}$)"))
    assert page.url.endswith("/s/check")
    await page.click("form[action='/s/check'] .govuk-button")
    await page.wait_for_url("**/s/done")


class TestTheKeyboardAlone:
    """One question of each kind: it can be reached, answered, and sent."""

    async def _at(self, chromium: Chromium, address: str, issue: Any, survey: str, number: int) -> Page:
        issued = await issue(questionnaire=survey, service_area="through-care", language="ur")
        page = await chromium.open(address + str(issued["url"])[len("http://loop.test") :], width=PHONE)
        await page.goto(f"{address}/s/question/{number}")
        return page

    async def _tab_to(self, page: Page, wanted: str) -> None:
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await page.evaluate(f"document.activeElement.matches({wanted!r})"):
                return
        raise AssertionError(f"{wanted} is not reached with the Tab key")

    @pytest.mark.parametrize(
        ("survey", "number", "field", "pressed"),
        [
            ("living-where-i-live", 1, "input[type=radio]", ["ArrowDown"]),
            ("living-where-i-live", 2, "input[type=radio]", ["Space"]),
            ("living-where-i-live", 3, "input[type=checkbox]", ["Space"]),
            ("have-your-say", 1, "input[type=radio]", ["Space"]),
            ("have-your-say", 2, "#answer", ["2", "Tab", "3", "Tab", "2", "0", "2", "2"]),
            ("have-your-say", 3, "textarea", ["a"]),
        ],
    )
    async def test_a_question_is_answered(
        self, chromium: Chromium, address: str, issue: Any, survey: str, number: int, field: str, pressed: list[str]
    ) -> None:
        page = await self._at(chromium, address, issue, survey, number)
        await self._tab_to(page, field)
        for key in pressed:
            await page.keyboard.press(key)
        await self._tab_to(page, "form[action^='/s/question'] button:not([name])")
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: not url.endswith(f"/question/{number}"))
        await page.goto(f"{address}/s/check")
        assert await page.locator(".survey-none").count() == await page.locator(".govuk-summary-list__row").count() - 1
