"""Links on paper, read back: pages, tags, words, and every code by a decoder."""

import json
import zlib
from datetime import date

import pytest
import typst
import zxingcpp

from chassis.pages.strings import Strings
from chassis.pdf.printer import Printer
from chassis.pdf.slips import LEAST_CODE, QUIET_ZONE, Modules, Slips
from chassis.pdf.typesetter import FONTS, TEMPLATES
from chassis.testing.fixtures import ROOT
from chassis.testing.pdf import Printed
from feedback.adapters import qr
from feedback.adapters.print_links import Paper, paper_of
from feedback.domain.links import new_code, new_token
from feedback.domain.told import ToldLink

PUBLIC_URL = "https://feedback.worcestershire.example"
STRINGS = Strings(ROOT / "services/feedback/src/feedback/pages/words")


def links(count: int, language: str = "en") -> list[ToldLink]:
    return [
        ToldLink(f"EHCP-{number:04}", f"{PUBLIC_URL}/s/{new_token()}", new_code(), date(2027, 2, 1), language, None)
        for number in range(count)
    ]


async def document(paper: Paper, some: list[ToldLink], *, reusable: bool = False) -> Slips:
    codes = await qr.drawn([link.url for link in some])
    return paper_of(
        paper, some, codes, STRINGS, organisation="Worcestershire Children First", public_url=PUBLIC_URL, reusable=reusable,
        made_on=date(2026, 11, 25),
    )  # fmt: skip


async def printed(paper: Paper, some: list[ToldLink], *, reusable: bool = False) -> Printed:
    return Printed(await Printer().render(await document(paper, some, reusable=reusable)))


PPI = 200


def photographed(slips: Slips) -> memoryview:
    """A page as it looks, in grey, by rows. A PNG of eight bits in four channels is unpacked by hand (PNG, 9: filtering)."""
    content = typst.compile(
        TEMPLATES["slips"], sys_inputs={"document": json.dumps(slips.data())}, format="png", ppi=PPI, ignore_system_fonts=True,
        font_paths=[FONTS],
    )  # fmt: skip
    assert isinstance(content, bytes)
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    assert content[24:26] == bytes((8, 6))
    packed, place = b"", 8
    while place < len(content):
        length = int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] == b"IDAT":
            packed += content[place + 8 : place + 8 + length]
        place += 12 + length
    raw, stride = zlib.decompress(packed), 4 * width
    above, grey = bytearray(stride), bytearray()
    for row in range(height):
        start = row * (stride + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above)
        grey += above[::4]
    return memoryview(bytes(grey)).cast("B", (height, width))


def _unfiltered(how: int, line: bytearray, above: bytearray) -> bytearray:
    for place, value in enumerate(line):
        left = line[place - 4] if place >= 4 else 0
        up, corner = above[place], above[place - 4] if place >= 4 else 0
        if how == 4:
            guess = left + up - corner
            nearest = min((left, up, corner), key=lambda each: abs(guess - each))
        else:
            nearest = (0, left, up, (left + up) // 2)[how]
        line[place] = value + nearest & 255
    return line


def read(code: Modules) -> str:
    """What a decoder reads of the modules, drawn as the path says, four pixels a module."""
    side = code.size + 2 * QUIET_ZONE
    dark = [[False] * side for _ in range(side)]
    for run in code.path.split("M")[1:]:
        start, width = run.split("v")[0].split("h")
        x, y = map(int, start.split())
        for place in range(x, x + int(width)):
            dark[y + QUIET_ZONE][place + QUIET_ZONE] = True
    rows = b"".join(bytes(0 if module else 255 for module in row for _ in range(4)) * 4 for row in dark)
    [found] = zxingcpp.read_barcodes(memoryview(rows).cast("B", (side * 4, side * 4)))
    assert found.ec_level == "M"
    return str(found.text)


class TestCodes:
    @pytest.mark.parametrize("count", [2, 12])
    async def test_each_is_read_back_here_and_from_the_process_of_its_own(self, count: int) -> None:
        some = links(count)
        assert [read(code) for code in await qr.drawn([link.url for link in some])] == [link.url for link in some]

    def test_a_picture_is_read_back_and_wide_enough_to_print(self) -> None:
        [link] = links(1)
        content = qr.png(link.url)
        assert content.startswith(b"\x89PNG")
        side = int.from_bytes(content[16:20])
        assert (side - 2 * QUIET_ZONE * 12) / qr.DPI * 25.4 > LEAST_CODE

    def test_a_code_that_is_too_small_is_refused(self) -> None:
        with pytest.raises(ValueError, match="25 mm"):
            Slips("Title", "Worcestershire", date(2026, 11, 25), (), code=24)


class TestPaper:
    @pytest.mark.parametrize(("paper", "count"), [("inserts", 4), ("sheet", 6), ("poster", 1)])
    async def test_every_code_of_a_page_is_read_by_a_decoder_and_at_least_25_mm_wide(self, paper: Paper, count: int) -> None:
        some = links(count)
        found = zxingcpp.read_barcodes(photographed(await document(paper, some)))
        assert sorted(code.text for code in found) == sorted(link.url for link in some)
        for code in found:
            corner = code.position
            assert (corner.top_right.x - corner.top_left.x) / PPI * 25.4 > LEAST_CODE

    async def test_inserts_are_four_a_page_with_address_code_and_reference(self) -> None:
        some = links(9)
        pdf = await printed("inserts", some)
        assert (pdf.pages, pdf.language, pdf.title) == (3, "en", "Letter inserts")
        assert pdf.standards == {"pdfua-1", "pdfa-2a"}
        assert pdf.tags["Figure"] == 9
        assert pdf.headings == [(1, "Tell us what you think")] * 9
        for link in some:
            assert link.short_code in pdf.text
            assert link.reference is not None
            assert link.reference in pdf.text
        assert "feedback.worcestershire.example/s/code" in pdf.text
        assert "until 01/02/2027" in pdf.text

    async def test_no_token_stands_in_words_of_the_document(self) -> None:
        some = links(5)
        pdf = await printed("sheet", some)
        assert pdf.pages == 1
        assert not any(link.url.rpartition("/")[2] in pdf.text for link in some)
        assert not any(link.url.rpartition("/")[2].encode() in pdf.content for link in some)

    async def test_a_welsh_insert_is_welsh_and_one_without_words_is_english_and_says_so(self) -> None:
        pdf = await printed("inserts", [*links(1, "cy"), *links(1, "so")])
        assert pdf.headings == [(1, "Dywedwch wrthym beth yw eich barn"), (1, "Tell us what you think")]

    @pytest.mark.parametrize(
        ("language", "heading"),
        [("pl", "Proszę powiedzieć nam, co Państwo myślą"), ("ar", "أخبرونا برأيكم"), ("ur", "ہمیں اپنی رائے بتائیں")],
    )
    async def test_a_slip_is_printed_in_the_language_of_its_link(self, language: str, heading: str) -> None:
        for paper in ("inserts", "sheet", "poster"):
            pdf = await printed(paper, links(1, language), reusable=paper == "poster")
            assert (pdf.pages, pdf.language) == (1, language)
            assert pdf.headings == [(1, heading)]
            assert pdf.standards == {"pdfua-1", "pdfa-2a"}
            # Every letter is there as itself: what no font has would be said in words, in brackets.
            assert "[" not in pdf.text

    async def test_a_poster_is_one_page_that_says_that_everybody_gets_the_same_code(self) -> None:
        pdf = await printed("poster", links(1), reusable=True)
        assert pdf.pages == 1
        assert "Everybody gets the same code" in pdf.text
        assert "EHCP-0000" not in pdf.text
