"""The site of the documentation: built strictly, without another host, accessible on a phone and on a desk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from tools import documentation

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, served

__all__ = ["chromium"]
PAGES = ("index.html", "guides/install.html", "configuration.html")
LOADED = re.compile(r'<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)="([^"]*)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built once."""
    folder = tmp_path_factory.mktemp("site") / "site"
    assert documentation.main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(Starlette(routes=[Mount("/", StaticFiles(directory=site, html=True))])) as url:
        yield url


def test_every_page_of_docs_and_every_readme_is_in_it(site: Path) -> None:
    assert [name for name in documentation.sources().values() if not (site / f"{name}.html").exists()] == []


def test_nothing_that_a_page_loads_comes_from_another_host(site: Path) -> None:
    loaded = {each for page in site.rglob("*.html") for each in LOADED.findall(page.read_text())}
    assert len(loaded) > 5
    assert {each for each in loaded if re.match(r"(?:[a-z]+:)?//", each)} == set()
    sheets = "".join(sheet.read_text() for sheet in site.rglob("*.css"))
    assert re.findall(r"""(?:@import|url\()\s*["']?(?:https?:)?//[^"')]*""", sheets) == []


def test_a_link_that_leads_nowhere_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs" / "guides").mkdir(parents=True)
    links = "[A](guides/other.md#part) [B](guides/nowhere.md) [C](guides/other.md#nothing)"
    (tmp_path / "docs" / "page.md").write_text(f"# A page\n\n{links}\n")
    (tmp_path / "docs" / "guides" / "other.md").write_text("# Another\n\n## Part\n\nWords.\n")
    monkeypatch.setattr(documentation, "ROOT", tmp_path)
    monkeypatch.setattr(documentation, "PARTS", (documentation.Part("All", "Everything.", ("page", "guides/*")),))
    assert documentation.main([str(tmp_path / "site")]) == 1
    told = [line for line in capfd.readouterr().err.splitlines() if "page.md:3" in line]
    assert len(told) == 2
    assert "nowhere" in told[0] + told[1]
    assert "nothing" in told[0] + told[1]


def test_a_page_that_no_reader_is_led_to_is_refused() -> None:
    with pytest.raises(ValueError, match=r"guides-of-others/x$"):
        documentation.placed([*documentation.sources().values(), "guides-of-others/x"])


def test_each_page_is_in_one_part() -> None:
    names = list(documentation.sources().values())
    found = documentation.placed(names)
    assert sorted(name for each in found.values() for name in each) == sorted(names)
    assert [title for title, each in found.items() if not each] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_accessible_and_no_wider_than_the_window(
    chromium: Chromium, address: str, name: str, width: int
) -> None:
    page = await chromium.open(f"{address}/{name}", width=width)
    await assert_accessible(page)
    await assert_fits(page)
    assert chromium.foreign == []


@pytest.mark.browser
async def test_search_finds_a_page_without_another_host(chromium: Chromium, address: str) -> None:
    page = await chromium.open(f"{address}/search.html?q=retention")
    await page.locator("#search-results li a").first.wait_for()
    assert chromium.foreign == []
