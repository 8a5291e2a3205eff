"""Both layouts in a real Chromium, on a phone and on a desk."""

import pytest
from playwright.async_api import Error

from chassis.identity import HEADER
from chassis.testing import browser
from chassis.testing.browser import DESK, PHONE, AccessibilityError, Chromium, assert_accessible, assert_fits, picture
from chassis.testing.fixtures import Keys, caller
from chassis.testing.looks import looks
from chassis.testing.sample import eventually

pytestmark = pytest.mark.browser

PAGES = [
    "staff",
    "s/question",
    "s/question?language=ar",
    "s/question?large=on",
    "s/faces",
    "s/check",
    "s/done",
    "s/wrong",
    "nowhere",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_accessible_and_fits_on_a_phone_and_on_a_desk(chromium: Chromium, address: str, path: str) -> None:
    for width in (PHONE, DESK):
        page = await chromium.open(f"{address}/{path}", width=width)
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"{path.replace('/', '-').replace('?', '-')}-{width}")


async def test_an_error_beside_a_field_is_accessible(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/staff", width=PHONE, script=False)
    await page.get_by_role("button", name="Save").click()
    assert (await page.title()).startswith("Error: ")
    await page.get_by_role("link", name="Enter a name").click()
    assert page.url.endswith("#name")
    await picture(page, f"staff-error-{PHONE}")


async def test_an_identity_is_signed_anew_while_its_page_is_open(
    chromium: Chromium, address: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "RENEW_AFTER", 0.05)
    headers = keys.headers("sample", caller("role:qa-officer"))
    page = await chromium.open(f"{address}/staff", extra_http_headers=headers)

    async def renewed() -> bool:
        answer = await page.goto(f"{address}/staff")
        assert answer is not None
        return (await answer.request.all_headers())[HEADER.lower()] != headers[HEADER]

    await eventually(renewed)


async def test_what_a_page_wants_of_another_host_is_noted(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/staff", script=False)
    elsewhere = "http://elsewhere.example/"
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto(elsewhere)
    assert chromium.foreign == [elsewhere]
    chromium.foreign.clear()


async def test_a_choice_is_made_by_tapping_its_tile_and_by_the_keyboard(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/s/question", width=PHONE, script=False)
    await page.get_by_text("Yes", exact=True).tap()
    assert await page.get_by_label("Yes").is_checked()
    await page.keyboard.press("ArrowUp")
    assert await page.get_by_label("No", exact=True).is_checked()


async def test_a_face_is_chosen_by_tapping_it(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/s/faces", width=PHONE, script=False)
    await page.get_by_label("Very sad").tap()
    assert await page.get_by_label("Very sad").is_checked()
    await page.get_by_text("Nobody", exact=True).tap()
    assert await page.get_by_label("Nobody").is_checked()


async def test_a_page_from_right_to_left_is_a_mirror(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/s/question?language=ar", width=PHONE)
    radio, label = page.locator(".govuk-radios__input").first, page.locator(".govuk-radios__label").first
    mark, tile = await radio.bounding_box(), await label.bounding_box()
    assert mark is not None
    assert tile is not None
    assert mark["x"] > tile["x"] + tile["width"] / 2


async def test_the_first_view_of_a_survey_is_small(chromium: Chromium, address: str) -> None:
    assert await chromium.first_view(f"{address}/s/question") < 20_000


async def test_chosen_and_focused_are_seen_where_colours_are_forced(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/s/question", width=PHONE, forced_colors="active")
    await assert_fits(page)
    await picture(page, f"s-question-forced-{PHONE}")


ADD_PALE_WORDS = """
  const pale = document.createElement("span");
  pale.textContent = "pale";
  pale.style.color = "#aaa";
  document.querySelector("h1").append(pale);
"""


class TestContrastJudgedOnce:
    """Of pages that look the same; whatever contrast hangs on makes another page of it."""

    @pytest.mark.parametrize(
        "spoil",
        [
            "document.querySelector('h1').style.color = '#aaa'",
            "document.querySelector('main').style.backgroundColor = '#333'",
            "document.querySelector('h1').style.opacity = '0.3'",
            ADD_PALE_WORDS,
        ],
        ids=["colour", "background", "opacity", "words"],
    )
    async def test_a_page_that_was_good_is_found_bad_when_it_is_spoilt(
        self, chromium: Chromium, address: str, spoil: str
    ) -> None:
        page = await chromium.open(f"{address}/staff", width=PHONE)
        await assert_accessible(page)
        await page.evaluate(spoil)
        with pytest.raises(AccessibilityError, match="color-contrast"):
            await assert_accessible(page)
        with pytest.raises(AccessibilityError, match="color-contrast"):
            await assert_accessible(page)

    async def test_a_colour_that_only_one_width_has_is_found_there(self, chromium: Chromium, address: str) -> None:
        page = await chromium.open(f"{address}/staff", width=PHONE)
        await page.evaluate(
            "const sheet = new CSSStyleSheet();"
            "sheet.replaceSync('@media (min-width: 1000px) { h1 { color: #aaa !important } }');"
            "document.adoptedStyleSheets = [sheet]"
        )
        await assert_accessible(page)
        await page.set_viewport_size({"width": DESK, "height": 900})
        with pytest.raises(AccessibilityError, match="color-contrast"):
            await assert_accessible(page)

    async def test_other_words_and_a_wider_window_do_not_make_another_page_and_smaller_words_do(
        self, chromium: Chromium, address: str
    ) -> None:
        page = await chromium.open(f"{address}/s/check", width=PHONE)
        await assert_accessible(page)
        await page.evaluate("document.querySelector('h1').textContent = 'Something quite different'")
        assert (await looks(page)).are_judged()
        await page.set_viewport_size({"width": DESK, "height": 900})
        assert (await looks(page)).are_judged()
        await page.evaluate("document.querySelector('h1').style.fontSize = '9px'")
        assert not (await looks(page)).are_judged()
