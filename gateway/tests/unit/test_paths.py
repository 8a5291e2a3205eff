"""Paths: what is passed on, returned to, or logged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.paths import for_log, is_ambiguous, may_be_link, safe_next


class TestAmbiguous:
    @pytest.mark.parametrize(
        "path",
        [b"/audit/..", b"/audit/../x", b"/audit/.", b"/./audit", b"/audit/%2e%2e/x", b"/audit/.%2E", b"/audit/a%2Fb", b"/a\\b",
         b"/a%5Cb", b"/a%00", b"/a%0d", b"/a%7f", b"/audit//x"],
    )  # fmt: skip
    def test_could_be_read_in_two_ways(self, path: bytes) -> None:
        assert is_ambiguous(path)

    @pytest.mark.parametrize(
        "path",
        [
            b"/audit/v1/outcomes",
            b"/reporting/tables/a.csv",
            b"/reporting/odata/v4/$metadata",
            b"/x/F('a%20b')",
            b"/a..b",
            b"/a/.x",
        ],
    )
    def test_is_plain(self, path: bytes) -> None:
        assert not is_ambiguous(path)


class TestForLog:
    @given(st.text(alphabet="abcXYZ019-_", min_size=1, max_size=60))
    def test_token_of_a_link_is_never_in_it(self, token: str) -> None:
        for path in (f"/s/{token}", f"/s/{token}/", f"/s/{token}/start", f"/s/start/x{token}", f"/s/question/x{token}"):
            assert token not in for_log(path).replace("/s/start", "").replace("/s/question", "").replace("***", "")

    def test_pages_of_a_survey_are_named(self) -> None:
        assert for_log("/s/question/12") == "/s/question/12"
        assert for_log("/s/static/survey.123.css") == "/s/static/survey.123.css"
        assert for_log("/audit/v1/outcomes") == "/audit/v1/outcomes"

    def test_the_public_page_of_an_organisation_is_named_and_is_no_link(self) -> None:
        assert for_log("/s/you-said/worcestershire") == "/s/you-said/worcestershire"
        assert for_log("/s/you-said/No Code/x y") == "/s/you-said/***/***"
        assert not may_be_link("/s/you-said/worcestershire")
        assert may_be_link("/s/you-saidx")

    def test_is_short(self) -> None:
        assert len(for_log("/audit/" + "x" * 5000)) == 200


class TestSafeNext:
    @given(st.text(max_size=50))
    def test_stays_on_this_host_or_falls_back(self, target: str) -> None:
        found = safe_next(target, "/home")
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
        assert not any(ord(each) < 0x21 or ord(each) == 0x7F for each in found)

    def test_keeps_a_path_with_its_query(self) -> None:
        assert safe_next("/reporting/reports/send?period=2022-23-q1") == "/reporting/reports/send?period=2022-23-q1"
