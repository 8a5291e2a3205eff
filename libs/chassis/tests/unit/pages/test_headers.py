"""Redirects stay on this host."""

import pytest

from chassis.pages.headers import redirect


class TestRedirect:
    def test_goes_on_with_the_headers_of_a_page(self) -> None:
        answer = redirect("/s/start")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/s/start"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("path", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "start", ""])
    def test_never_leaves_this_host(self, path: str) -> None:
        with pytest.raises(ValueError, match="stays on this host"):
            redirect(path)
