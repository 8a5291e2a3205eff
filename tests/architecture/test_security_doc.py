"""What docs/security says of the code can be looked up: paths and names exist, no requirement is missing or stands twice."""

import ast
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ASVS = ROOT / "docs/security/asvs.md"
PAGES = [ROOT / "docs/security.md", *sorted((ROOT / "docs/security").glob("*.md"))]
TOP = "cli|demo|deploy|docs|gateway|libs|locks|profiles|services|tests|tools"
NAMED = re.compile(rf"`((?:{TOP})/[\w./-]*\w|pyproject\.toml|Makefile)(?:::(\w+))?`")
"""A file of the repository in code marks, and the class or function in it that is meant."""

ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| (met|\*\*not met\*\*|does not apply) \| (.+) \|$", re.MULTILINE)
REQUIREMENTS = {1: 70, 2: 183}
"""How many ASVS 5.0.0 has of each level."""


@lru_cache
def names_in(path: Path) -> frozenset[str]:
    """Every class and function of a module."""
    tree = ast.walk(ast.parse(path.read_text()))
    return frozenset(each.name for each in tree if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))


class TestSecurityDoc:
    """docs/security.md and what lies beside it."""

    def test_every_file_and_name_is_there(self) -> None:
        wrong = []
        for page in PAGES:
            found = NAMED.findall(page.read_text())
            assert found, f"{page.name} names no file at all"
            for place, name in found:
                path = ROOT / place
                if not path.exists() or (name and name not in names_in(path)):
                    wrong.append(f"{page.name}: {place}{'::' + name if name else ''}")
        assert wrong == []

    def test_each_requirement_stands_once(self) -> None:
        rows = ROW.findall(ASVS.read_text())
        numbers = [number for number, *_ in rows]
        assert sorted(numbers) == sorted(set(numbers))
        assert {level: sum(each[1] == str(level) for each in rows) for level in REQUIREMENTS} == REQUIREMENTS
        # No row that the pattern passed over, for instance with a word of its own for its state.
        assert len(numbers) == len(re.findall(r"^\| \d+\.", ASVS.read_text(), re.MULTILINE))

    def test_what_is_met_names_what_shows_it(self) -> None:
        met = [(number, shown) for number, _, state, shown in ROW.findall(ASVS.read_text()) if state == "met"]
        assert [number for number, shown in met if not NAMED.search(shown)] == []
