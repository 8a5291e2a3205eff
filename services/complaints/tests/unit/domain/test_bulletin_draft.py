"""What a bulletin says of a month, and that nothing it does not say can be worked out from what it says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from services.complaints.tests.support import profile_document

from complaints.domain.bulletin import Content, Month
from complaints.domain.bulletin_draft import draft
from complaints.domain.profile import Profile

DOCUMENT: dict[str, Any] = profile_document("worcestershire")
del DOCUMENT["version"]
PROFILE = Profile.model_validate(DOCUMENT)
CATEGORIES = [category.code for category in PROFILE.complaints.categories]
NAMES = {category.name: category for category in PROFILE.complaints.categories}
EMPTY: dict[str, dict[str, int]] = {
    name: {} for name in ("received", "categories", "findings", "compliments", "actions", "themes")
}


def tables(**counts: dict[str, int]) -> dict[str, dict[str, str]]:
    """The tables of a bulletin, by title."""
    bulletin = draft(Month.parse("2022-07"), Content(), {**EMPTY, **counts}, (), PROFILE)
    return {table.title: dict(table.rows) for section in bulletin.sections for table in section.tables}


class TestDraft:
    @given(st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 9)))
    def test_a_theme_that_is_said_is_the_sum_of_what_is_said_by_category(self, counts: dict[str, int]) -> None:
        found = tables(categories=counts)
        by_category = found["Points of complaints received, by what they are about"]
        names = {theme.code: theme.name for theme in PROFILE.organisation.themes}
        for code, name in names.items():
            cell = found["The same points, by theme"].get(name)
            if cell is None or cell == "not shown":
                continue
            parts = [cell for label, cell in by_category.items() if label in NAMES and code in NAMES[label].themes]
            assert "not shown" not in parts
            assert int(cell) == sum(map(int, parts))

    def test_a_code_that_has_left_the_profile_stands_for_itself(self) -> None:
        found = tables(received={"gone": 7})
        assert found["Complaints and enquiries received"] == {"gone": "7", "All": "7"}

    def test_of_a_quiet_month_it_says_so(self) -> None:
        found = tables()
        assert found["Complaints and enquiries received"] == {"All": "0"}
        assert found["Compliments from outside"]["All"] == "0"
