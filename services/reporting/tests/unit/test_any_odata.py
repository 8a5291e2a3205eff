"""Whatever a BI tool or anybody else puts into the options of a feed: a query, or OData's own error."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.errors import DomainError
from chassis.storable import is_storable
from chassis.testing.fuzz import base64url, cursors, mutated, mutated_document, mutated_text, texts, written
from reporting.domain import periods
from reporting.domain.odata import delta, query
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import ODataError
from reporting.pages.kpi_entry import _day
from reporting.web.kpis import _after
from reporting.web.odata import _PAGE_SIZE, _TRACK

pytestmark = pytest.mark.fuzz

NAMES = sorted(ENTITY_SETS)


def value_of(edm: str) -> str:
    """A literal of a type, as a client writes it."""
    known = {
        "Edm.String": "'it''s'", "Edm.Date": "2026-01-31", "Edm.Boolean": "true", "Edm.DateTimeOffset": "2026-01-31T00:00:00Z",
        "Edm.Guid": "018f2b5e-0000-7000-8000-000000000001",
    }  # fmt: skip
    return known.get(edm, "1")


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """An entity set, and options that were right before they were changed."""
    name = draw(st.sampled_from(NAMES))
    properties = ENTITY_SETS[name].properties
    one, two = draw(st.sampled_from(properties)), draw(st.sampled_from(properties))
    right = {
        "$select": f"{one.name},{two.name}",
        "$filter": f"not ({one.name} eq {value_of(one.type)} and ({two.name} ne null or {one.name} in ({value_of(one.type)})))",
        "$orderby": f"{one.name} desc,{two.name}",
        "$apply": f"filter({one.name} ne null)/groupby(({one.name},{two.name}),aggregate($count as Total))",
        "$top": "10", "$skip": "5", "$count": "true", "$format": "json",
        "$skiptoken": base64url(orjson.dumps([["a"] * len(ENTITY_SETS[name].key), 3])),
        "$deltatoken": base64url(orjson.dumps(["x", 1, 2, None])),
    }  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(sorted(right)), min_size=1, max_size=3, unique=True))
    options = [(each, draw(st.one_of(st.just(right[each]), mutated_text(st.just(right[each]))))) for each in chosen]
    return name, options


class TestOptions:
    @given(asked())
    @example((NAMES[0], [("$filter", "\ud800")]))
    def test_are_a_query_or_an_odata_error(self, question: tuple[str, list[tuple[str, str]]]) -> None:
        name, options = question
        try:
            found = query.read(ENTITY_SETS[name], options)
        except ODataError as error:
            assert error.status in {400, 404, 406, 410, 501}
            # It is sent as JSON.
            orjson.dumps({"code": error.code, "message": error.message.encode("utf-8", "replace").decode()})
            return
        assert found.top is None or 0 <= found.top < 2**63
        assert found.left is None or 0 <= found.left < 2**63

    @given(
        st.sampled_from(NAMES),
        st.one_of(
            mutated_document(st.just([["a"], 3])).map(written).map(base64url),
            mutated(st.just(b'[["a"],3,["x",7]]')).map(base64url),
            mutated_text(st.just(base64.b64encode(b'[["a"],3]').decode())),
        ),
    )
    def test_a_token_of_a_page_is_ours_or_malformed(self, name: str, token: str) -> None:
        entities = ENTITY_SETS[name]
        try:
            found = query.read(entities, [("$skiptoken", token)])
        except ODataError as error:
            assert error.status == 400
            return
        assert found.left is None or 0 <= found.left < 2**63
        for each in found.page.after or ():
            assert not isinstance(each, str) or is_storable(each)

    @given(
        st.sampled_from(NAMES),
        st.one_of(
            mutated_document(st.just(["x", 1, 2, ["a"]])).map(written).map(base64url),
            mutated(st.just(b'["x",1,2,null]')).map(base64url),
            texts(),
        ),
    )
    def test_a_token_of_changes_is_ours_or_an_error(self, name: str, token: str) -> None:
        try:
            delta.read(ENTITY_SETS[name], "x", token)
        except ODataError as error:
            assert error.status in {400, 410}

    @given(mutated_text(st.just("odata.maxpagesize=50, odata.track-changes")))
    def test_preferences(self, prefer: str) -> None:
        found = _PAGE_SIZE.search(prefer)
        assert found is None or 0 <= int(found[1]) < 10**6
        _TRACK.search(prefer)


class TestCursors:
    @given(cursors())
    def test_a_cursor_is_ours_or_malformed(self, cursor: str) -> None:
        try:
            assert 0 <= _after(cursor) < 2**63
        except DomainError as error:
            assert error.slug == "malformed-cursor"

    @given(texts(st.just("2026-11")))
    def test_a_month_of_the_page_is_a_day_or_none(self, month: str) -> None:
        found = _day(month)
        assert found is None or found.day == 1


class TestPeriods:
    @given(mutated_text(st.sampled_from(["2022-23-q1", "2022-23", "2022-23-h1", "2022-06", "2022-04..2022-09"])))
    def test_a_code_is_a_period_or_an_error(self, code: str) -> None:
        found: Any = None
        try:
            found = periods.parse(code)
        except periods.UnknownPeriodError:
            return
        assert found.first <= found.last
