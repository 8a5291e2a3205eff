"""How a sheet looks on a screen and on paper, in whichever program opens it.

Programs differ in what they make of a workbook that leaves something open: LibreOffice draws a bold font without a name in
another face, gives a wrapped row the height of one line, and both it and Excel show days as `###` where a column is
narrow. So everything that can be said is said here: font, widths, heights, and the paper.
"""

from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Calibri"
BOLD, TITLE = Font(name=FONT, size=11, bold=True), Font(name=FONT, size=14, bold=True)
LINK = Font(name=FONT, size=11, underline="single", color="0563C1")
WRAPPED, FIGURE = Alignment(wrap_text=True, vertical="top"), Alignment(horizontal="right", vertical="top")
# A text beside figures, which stand at the right end of their column.
SET_IN = Alignment(horizontal="left", wrap_text=True, vertical="top", indent=1)
FIGURE_HEAD = Alignment(wrap_text=True, horizontal="right", vertical="top")
DAY = "yyyy-mm-dd"
DAY_WIDE = 12  # letters
_LINE, _TALLEST = 15.0, 400.0  # points; no program shows a row of more than 409
_A4 = 9


def describe(book: Workbook, title: str) -> None:
    """What the file says of itself; screen readers read title and language out."""
    book.properties.title = title
    book.properties.creator = "Learning Loop"
    book.properties.language = "en-GB"


def to_print(sheet: Worksheet, heading: int = 1, *, upright: bool = False, ruled: bool = True) -> None:
    """As wide as a sheet of A4, with the row of headings again on every page and the pages counted."""
    sheet.page_setup.orientation = "portrait" if upright else "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.gridLines = ruled
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(left=_HeaderFooterPart(text="&A"), right=_HeaderFooterPart(text="&P of &N"))


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many letters, as words wrap."""
    return sum(_lines_of(each, max(int(width) - 1, 1)) for each in text.split("\n")) or 1


def height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """The height in points of a row whose texts wrap in columns of these widths."""
    return min(_LINE * max((lines(text, width) for text, width in zip(texts, widths, strict=False)), default=1), _TALLEST)


def wide_enough(values: Sequence[object], heading: str, *, least: int = 10, most: int = 40) -> int:
    """The width of a column in letters: its longest value on one line, or `most`; of its heading the longest word."""
    words = max(map(len, heading.split()), default=0)
    lengths = (DAY_WIDE - 2 if isinstance(each, date) else len(str(each)) for each in values if each is not None)
    longest = max(lengths, default=0)
    return min(max(least, words + 2, longest + 2), max(most, words + 2))


def _lines_of(text: str, width: int) -> int:
    count, at = 1, 0
    for word in text.split(" "):
        if at and at + 1 + len(word) > width:
            count, at = count + 1, 0
        at += len(word) + (1 if at else 0)
        count, at = count + (at - 1) // width if at else count, (at - 1) % width + 1 if at else 0
    return count
