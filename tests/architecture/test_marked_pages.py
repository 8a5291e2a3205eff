"""Pages on which a record is seen (`KindOf.pages`) are routes that there are: else its marks stay away without an error."""

import importlib
import re
from pathlib import Path

import pytest

ACCESS = (Path(__file__).resolve().parents[2] / "docs/access.md").read_text()
PAGES = set(re.findall(r"^\| `(/[^`]+)` \| GET \|", ACCESS, re.MULTILINE))


@pytest.mark.parametrize("service", ["audit", "feedback", "complaints", "reporting"])
def test_every_page_of_a_record_is_a_page_or_has_pages_below_it(service: str) -> None:
    kinds = importlib.import_module(f"{service}.subject").SUBJECT.kinds
    named = {address for kind in kinds for address in kind.pages}
    assert named
    there = {re.sub(r":\w+}", "}", page) for page in PAGES}
    assert not {each for each in named if not any(page == each or page.startswith(f"{each}/") for page in there)}
