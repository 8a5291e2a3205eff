"""Whatever is sent: what was written is read, and nothing but the documented error comes out of anything else."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from chassis.errors import DomainError
from chassis.spreadsheet import Choice, Column, Layout, read, template_xlsx, write_csv, write_xlsx

pytestmark = pytest.mark.fuzz

CODES = (Choice("good", "Good"), Choice("n-a", "Not applicable"))
LAYOUT = Layout(
    "Notes",
    (
        Column(name="reference", help="", required=True),
        Column(name="day", help="", kind="day"),
        Column(name="number", help="", kind="whole"),
        Column(name="grade", help="", choices=CODES),
        Column(name="note", help=""),
    ),
)
NAMES = [column.name for column in LAYOUT.columns]
SLUGS = {
    "spreadsheet-too-large",
    "not-a-spreadsheet",
    "unreadable-spreadsheet",
    "empty-spreadsheet",
    "wrong-columns",
    "too-many-columns",
    "too-many-rows",
}

# What a cell can hold: neither control characters nor half ones, and no white space around it.
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufeff\u200b\u2028\u2029\x85"), max_size=20
).map(str.strip)
references = texts.filter(lambda text: text and not text.lower().startswith("example"))
rows = st.lists(
    st.tuples(
        references,
        st.none() | st.dates(min_value=date(1900, 3, 1)),
        st.none() | st.integers(-(10**14), 10**14),
        st.none() | st.sampled_from(["good", "n-a"]),
        st.none() | texts,
    ),
    min_size=1,
    max_size=8,
)


def attempt(content: bytes) -> None:
    refusal: DomainError | None = None
    try:
        read(io.BytesIO(content), LAYOUT)
    except DomainError as error:
        refusal = error
    assert refusal is None or (refusal.slug in SLUGS and refusal.detail)


def plain(content: bytes) -> list[tuple[Any, ...]]:
    sheet = read(io.BytesIO(content), LAYOUT)
    assert [error for row in sheet.rows for error in row.errors] == []
    return [tuple(row.values[name] for name in NAMES) for row in sheet.rows]


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return write_xlsx(LAYOUT, [["A-1", date(2022, 7, 6), 3, "good", "naïve"], ["A-2", None, None, None, "=x"]])


class TestRoundTrip:
    @given(rows)
    def test_csv(self, written: list[tuple[Any, ...]]) -> None:
        assert plain(write_csv(NAMES, written)) == [
            tuple(cell or (0 if cell == 0 else None) for cell in row) for row in written
        ]

    @settings(deadline=None, max_examples=40)
    @given(rows)
    def test_workbook(self, written: list[tuple[Any, ...]]) -> None:
        assert plain(write_xlsx(LAYOUT, written)) == [
            tuple(cell or (0 if cell == 0 else None) for cell in row) for row in written
        ]


class TestMutations:
    @given(st.binary(max_size=200))
    def test_any_bytes(self, content: bytes) -> None:
        attempt(content)

    @given(st.text(alphabet='reference,;\t"\r\n=day\0é', max_size=120))
    def test_any_text_of_the_marks_of_csv(self, text: str) -> None:
        attempt(b"reference,day\n" + text.encode())
        attempt(text.encode("utf-16"))

    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_a_workbook_with_changed_bytes(self, workbook: bytes, data: st.DataObject) -> None:
        content = bytearray(workbook)
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        attempt(bytes(content))

    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_a_workbook_whose_parts_are_changed_inside(self, workbook: bytes, data: st.DataObject) -> None:
        source = zipfile.ZipFile(io.BytesIO(workbook))
        name = data.draw(st.sampled_from(source.namelist()))
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in source.namelist():
                part = source.read(each)
                if each == name:
                    begin = data.draw(st.integers(0, len(part)))
                    end = data.draw(st.integers(begin, min(len(part), begin + 40)))
                    inserted = data.draw(
                        st.sampled_from([b"", b"0", b"-1", b"x", b"<c/>", b'"', b"99999999999", b"\xff", b"<row/>"])
                    )
                    part = part[:begin] + inserted + part[end:]
                archive.writestr(each, part)
        attempt(target.getvalue())

    def test_a_template_with_nothing_in_it_is_empty(self) -> None:
        with pytest.raises(DomainError, match="empty-spreadsheet"):
            read(io.BytesIO(template_xlsx(LAYOUT)), LAYOUT)

    def test_an_empty_workbook_is_empty(self) -> None:
        target = io.BytesIO()
        Workbook().save(target)
        with pytest.raises(DomainError, match="empty-spreadsheet"):
            read(io.BytesIO(target.getvalue()), LAYOUT)
