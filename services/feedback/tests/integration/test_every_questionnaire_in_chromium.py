"""Every questionnaire of both profiles in every language, in a real Chromium.

What is covered, so that nobody believes more of it. The pages of a questionnaire are those of a family: the start, each
question whether branching shows it or not, the check of its answers, the end. They are laid one below another in a document of
their language and style, which takes the place of the one before, so that it takes a minute and not an hour.
- Every questionnaire in every language, in ordinary and in easy words: at 320, 390 and 1280 px nothing runs over an edge or is
  cut off; at 320 px also with letters of 200%. axe, by each rule of WCAG 2.2 AA on words, names, languages and structure.
- What hangs on elements and classes alone - contrast, size of targets, the way of the keyboard - on every page that differs
  from all others in more than its words, in both directions: with the Tab key alone each control is reached in the order in
  which it is read, and shows that it is. One question of each kind is answered and sent so.
- No page holds a script, nor anything for where there is none, so all of this holds with script switched off; with it off a
  questionnaire of each profile is walked from the link to the confirmation, in Arabic and easy words.
- Each page is small as it is sent, which is uncompressed; with the style sheet too it is a first view.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from feedback_matrix import RIGHT_TO_LEFT, Family, Look, looks, skeleton, stacked
from playwright.async_api import Page, Route

from chassis.pages.assets import built_assets
from chassis.testing.browser import DESK, DRAWN, PHONE, Chromium, assert_accessible, picture, served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from feedback.bootstrap import build_app
from feedback.domain.profile import FeedbackProfile
from feedback.settings import FeedbackSettings

pytestmark = pytest.mark.browser

NARROW = 320
ORGANISATIONS = ("worcestershire", "telford-wrekin")
LANGUAGES = ("en", "cy", "pl", "ur", "ar")
FIRST_VIEW, LATER_PAGE = 60_000, 15_000
HOST = "http://pages.test"
STYLE = sum(len(built_assets().files[built_assets().names[name]].compressed) + 1_000 for name in ("survey.css", "icon.svg"))
"""Bytes of what a page loads, as it is sent, with its headers."""
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


PUT = """([attributes, body]) => {
  const html = document.documentElement;
  for (const each of [...html.attributes]) html.removeAttribute(each.name);
  for (const [name, value] of attributes) html.setAttribute(name, value);
  document.body.innerHTML = body;
  window.scrollTo(0, 0);
}"""
_OPENED = re.compile(r"<html ([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture
def address(app: FastAPI, settings: FeedbackSettings) -> Iterator[str]:
    """The application on a port of this machine."""
    with served(build_app(settings)) as found:
        yield found


@pytest.fixture
def made(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The application as it makes pages; there is no database."""
    for name, value in keys.environment("postgresql://nobody@127.0.0.1/none").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOOP_PUBLIC_URL", "http://loop.test")
    return build_app(FeedbackSettings.load())


def families(app: FastAPI, documents: Any) -> Iterator[Family]:
    """A family with each questionnaire of each profile."""
    for org in ORGANISATIONS:
        document = documents(org)
        del document["version"]
        profile = FeedbackProfile.model_validate(document)
        yield from (Family(app, org, profile, each) for each in profile.questionnaires)


class Shown:
    """One tab in which documents are shown, with the service's own style sheet; nothing else is loaded."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def begin(cls, chromium: Chromium, first: str) -> "Shown":
        """A tab with a document."""
        assets = built_assets()

        async def answer(route: Route) -> None:
            asset = assets.files.get(route.request.url.rpartition("/")[2])
            if asset is None:
                await route.fulfill(body=first, content_type="text/html; charset=utf-8")
            else:
                await route.fulfill(body=asset.content, content_type=asset.media_type)

        return cls(await chromium.open(f"{HOST}/shown", width=NARROW, answer=answer))

    async def put(self, document: str) -> None:
        """Another document of the same style sheet in the place of the one before."""
        opened = _OPENED.search(document)
        assert opened is not None
        attributes = _ATTRIBUTE.findall(opened[1])
        await self.page.set_viewport_size({"width": NARROW, "height": 900})
        await self.page.evaluate(PUT, [attributes, document.partition("<body>")[2].partition("</body>")[0]])

    async def fits_everywhere(self, where: str) -> None:
        """Nothing is broken at any width, nor with letters of 200%."""
        for width in (DESK, PHONE, NARROW):
            await self.page.set_viewport_size({"width": width, "height": 900})
            assert await self.page.evaluate(BROKEN) == [], f"{where} at {width} px"
        await self.page.evaluate(TWICE_THE_SIZE)
        assert await self.page.evaluate(BROKEN) == [], f"{where} at {NARROW} px with letters of 200%"


def good(page: str, look: Look, where: str) -> str:
    """A page that is in the right language and direction, needs no script, and is small."""
    direction = "rtl" if look.language in RIGHT_TO_LEFT else "ltr"
    assert f'<html lang="{look.language}" dir="{direction}"' in page, where
    assert not re.search(r"<script|<noscript|javascript:|\son[a-z]+=", page), where
    assert len(page.encode()) < LATER_PAGE, where
    assert len(page.encode()) + STYLE < FIRST_VIEW, where
    return page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_questionnaire_fits_and_is_accessible(
    chromium: Chromium, made: FastAPI, documents: Any, language: str
) -> None:
    shown: Shown | None = None
    for family in families(made, documents):
        for look in looks(family.questionnaire):
            if look.language != language:
                continue
            where = f"{family.org}: {family.questionnaire.code}, {look}"
            document = stacked([good(page, look, where) for _, page in family.pages(look)])
            shown = shown or await Shown.begin(chromium, document)
            await shown.put(document)
            if family.says(look):
                await assert_accessible(shown.page, without=DRAWN)
            await shown.fits_everywhere(where)


def distinct(app: FastAPI, documents: Any, *, from_the_right: bool) -> Iterator[tuple[str, list[str]]]:
    """Pages of which each differs from all others in more than its words, by style and as many as make a document."""
    found: dict[str, dict[str, str]] = {}
    for family in families(app, documents):
        for look in looks(family.questionnaire):
            if (look.language in RIGHT_TO_LEFT) is from_the_right:
                for _, page in family.pages(look):
                    found.setdefault(f"{look.language}-{look.easy}", {}).setdefault(skeleton(page), page)
    seen: set[str] = set()
    for style, pages in found.items():
        fresh = [page for bones, page in pages.items() if bones not in seen]
        seen |= set(pages)
        for start in range(0, len(fresh), 10):
            yield style, fresh[start : start + 10]


@pytest.mark.parametrize("from_the_right", [False, True])
async def test_what_is_drawn_is_accessible_and_the_keyboard_reaches_all_of_it(
    chromium: Chromium, made: FastAPI, documents: Any, from_the_right: bool
) -> None:
    shown: Shown | None = None
    for number, (style, pages) in enumerate(distinct(made, documents, from_the_right=from_the_right)):
        document = stacked(pages)
        shown = shown or await Shown.begin(chromium, document)
        await shown.put(document)
        await assert_accessible(shown.page, rules=DRAWN)
        await reached(shown.page, f"{style}, {number}")
        await picture(shown.page, f"every-kind-{style}-{number}")


# What the Tab key has to reach, in the order in which it is read: of the answers of which one can be chosen, the first.
CONTROLS = """() => {
  const first = new Set();
  const controls = document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, summary");
  window.wanted = [...controls].filter((each) => {
    if (each.tabIndex < 0 || each.disabled) return false;
    if (each.type !== "radio") return true;
    const group = `${each.form.id} ${each.name}`;
    return !first.has(group) && first.add(group);
  });
  window.met = [];
  window.look = (each) => ["outlineStyle", "outlineWidth", "boxShadow", "backgroundColor", "borderColor"]
    .map((name) => [each, each.labels?.[0], each.nextElementSibling].filter(Boolean)
      .map((part) => getComputedStyle(part)[name] + getComputedStyle(part, "::before")[name]).join()).join();
  window.still = new Map(window.wanted.map((each) => [each, window.look(each)]));
  window.noted ??= document.addEventListener("focusin", ({target}) => {
    const seen = target.labels?.[0] ?? target;
    const box = seen.getBoundingClientRect();
    const inside = box.width > 0 && box.left >= -1 && box.right <= document.documentElement.clientWidth + 1;
    if (window.still.has(target)) window.met.push({target, shows: window.look(target) !== window.still.get(target), inside});
  }) ?? true;
  // From the top of the page.
  const top = document.body.insertAdjacentElement("afterbegin", document.createElement("span"));
  top.tabIndex = -1;
  top.focus();
  window.met.length = 0;
  return window.wanted.length;
}"""
MISSED = """() => {
  const name = (each) => each.outerHTML.slice(0, 90);
  const out = window.met.filter(({shows, inside}) => !shows || !inside).map(({target, shows}) =>
    `${name(target)} ${shows ? "is out of sight" : "does not show that it has the focus"}`);
  const order = window.met.map(({target}) => target);
  const wrong = window.wanted.findIndex((each, place) => order[place] !== each);
  return wrong < 0 ? out : [...out, `${name(window.wanted[wrong])} is not reached in its turn`];
}"""


async def reached(page: Page, where: str) -> None:
    """Every control of a document is reached with the Tab key alone, in its turn, and shows that it is."""
    for _ in range(await page.evaluate(CONTROLS)):
        await page.keyboard.press("Tab")
    assert await page.evaluate(MISSED) == [], where


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
