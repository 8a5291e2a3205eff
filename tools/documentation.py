"""Build the site of the documentation in build/site from docs/, strictly and without network.

    python tools/documentation.py [folder]

The pages are those of docs/ and the READMEs of the parts, as they stand in the repository; files that pages link to are copied
beside. A link that leads nowhere, a page that no reader is led to, and whatever else Sphinx warns of ends it with 1. Nothing in
the site comes from another host: no font, no script, and the search is a script with its index.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "site"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Part:
    """What a reader comes for; `pages` are names below docs, `*` as in a shell, in the order of reading."""

    title: str
    words: str
    pages: tuple[str, ...]


PARTS = (
    Part("Look around", "Five minutes with pictures, and how it is built.", ("tour", "architecture")),
    Part(
        "Install and operate",
        "On one machine or on many; settings, keys, mail, what to watch, what to do when something is wrong.",
        ("guides/install", "guides/install-containers", "configuration", "guides/sign-in", "guides/mail", "guides/keys",
         "guides/operating", "guides/upgrading", "guides/metrics", "guides/tracing", "guides/trail", "scaling",
         "performance", "runbooks/*"),
    ),
    Part("Write a profile", "What differs between councils is data.", ("guides/profiles",)),
    Part(
        "Run the year",
        "For quality assurance, complaints and learning: month by month, and each task by itself.",
        ("guides/year", "guides/auditing", "guides/audit-rounds", "guides/agreement", "guides/disputes",
         "guides/questionnaires", "guides/surveys", "guides/letters", "guides/calls", "guides/comments", "guides/themes",
         "guides/stars", "guides/complaints", "guides/complaint-clocks", "guides/points", "guides/contact", "guides/worries",
         "guides/old-cases", "guides/attachments", "guides/learning-from-complaints", "guides/learning", "guides/kpis",
         "guides/reports"),
    ),
    Part(
        "Integrate",
        "For makers of other systems.",
        ("guides/integrating", "guides/posting-outcomes", "guides/auditing-api", "guides/recording-complaints",
         "guides/webhooks", "access", "fields"),
    ),
    Part("Connect BI", "Power BI, Excel, Tableau, Metabase, Superset, code.", ("guides/bi", "guides/bi-tools", "guides/bi-*")),
    Part(
        "Security and privacy",
        "For the security officer and the data protection officer.",
        ("security", "security/*", "privacy", "privacy/*", "guides/subject-access", "guides/retention"),
    ),
    Part("Change it", "For those who write the code.", ("guides/pages", "guides/chaos", "parts/*")),
    Part("Decisions", "The reasons, one by one.", ("decisions/*",)),
)  # fmt: skip


def sources() -> dict[Path, str]:
    """Every page of the site: the file, and its name in the site without `.md`."""
    docs = ROOT / "docs"
    found = {path: path.relative_to(docs).with_suffix("").as_posix() for path in sorted(docs.rglob("*.md"))}
    readmes = [*ROOT.glob("README.md"), *sorted(ROOT.glob("*/README.md")), *sorted(ROOT.glob("*/*/README.md"))]
    for path in readmes:
        if ".venv" not in path.parts and "node_modules" not in path.parts:
            found[path] = f"parts/{'-'.join(path.relative_to(ROOT).parts[:-1]) or 'repository'}"
    return found


def placed(names: list[str]) -> dict[str, list[str]]:
    """Names by the title of their part, each in the first that has it; raises `ValueError` where none has."""
    left, found = list(names), dict[str, list[str]]()
    for part in PARTS:
        # A name that stands in full in a later part is not taken by a `*` before.
        exact = {each for other in PARTS for each in other.pages if "*" not in each and other is not part}
        found[part.title] = []
        for pattern in part.pages:
            fitting = [name for name in left if fnmatch(name, pattern) and name not in exact]
            found[part.title] += fitting
            left = [name for name in left if name not in fitting]
    if left:
        raise ValueError(f"in no part of tools/documentation.py: {', '.join(left)}")
    return found


def contents(found: dict[str, list[str]]) -> Iterator[str]:
    """The page that one comes to: parts with their pages, and the navigation beside every page."""
    yield "# Learning Loop\n"
    yield "Quality assurance of children's services: audits, feedback, complaints, and what was learned from them.\n"
    for part in PARTS:
        yield f"- **[{part.title}]({found[part.title][0]}.md)**: {part.words}"
    for part in PARTS:
        yield f"\n```{{toctree}}\n:hidden:\n:caption: {part.title}\n"
        yield from found[part.title]
        yield "```"


class Staging:
    """A copy of the pages in which links lead to pages and files of the site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = sources()

    def write(self) -> None:
        """Write every page, what they link to, and the first page."""
        for source, name in self.pages.items():
            target = self.folder / f"{name}.md"
            target.parent.mkdir(parents=True, exist_ok=True)
            up = "../" * name.count("/")
            target.write_text(self._rewritten(source, up))
        (self.folder / "index.md").write_text("\n".join(contents(placed(list(self.pages.values())))) + "\n")

    def _rewritten(self, source: Path, up: str) -> str:
        return LINK.sub(lambda found: self._link(source, up, found), source.read_text())

    def _link(self, source: Path, up: str, found: re.Match[str]) -> str:
        is_image, words, address = found[1], found[2], found[3]
        if re.match(r"[a-z]+:|#", address):
            return found[0]
        path, _, anchor = address.partition("#")
        target = (source.parent / path).resolve()
        if name := self.pages.get(target) or self.pages.get(target / "README.md"):
            return f"[{words}]({up}{name}.md{f'#{anchor}' if anchor else ''})"
        if target.is_dir():
            return words
        if not target.exists():
            return found[0]  # Sphinx says where it stands
        copy = self.folder / "files" / target.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target, copy)
        return f"{is_image}[{words}]({up}files/{target.relative_to(ROOT).as_posix()})"


SETTINGS = {
    "project": "Learning Loop",
    "extensions": ["myst_parser"],
    "html_theme": "furo",
    "html_title": "Learning Loop",
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "myst_heading_anchors": 6,
    "myst_links_external_new_tab": False,
    "language": "en",
    "exclude_patterns": ["files/**"],
    # Blocks that are no one language (what a terminal shows, JSON with gaps) are shown as they are.
    "highlight_language": "none",
    "suppress_warnings": ["misc.highlighting_failure", "myst.header"],
}
CSS = """
/* Wide tables scroll by themselves; nothing makes a page wider than a phone. */
.table-wrapper { overflow-x: auto; }
article img { border: 1px solid var(--color-foreground-border); max-width: 100%; height: auto; }
code { overflow-wrap: anywhere; }
a { text-decoration: underline; }
"""


def build(target: Path) -> int:
    """Build the site; gives the exit code of Sphinx, 1 where it warns of anything."""
    work = target.parent / f"{target.name}-work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    (work / "pages" / "_static").mkdir(parents=True)
    (work / "pages" / "_static" / "site.css").write_text(CSS)
    Staging(work / "pages").write()
    lines = "".join(f"{name} = {value!r}\n" for name, value in SETTINGS.items())
    (work / "pages" / "conf.py").write_text(lines)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-d", str(work / "trees")]
    code = subprocess.run([*command, str(work / "pages"), str(target)], check=False).returncode
    shutil.rmtree(work)
    for page in target.rglob("*.html"):
        page.write_text(reachable(page.read_text()))
    return code


def reachable(page: str) -> str:
    """A page in which what scrolls can be reached and scrolled by keyboard (WCAG 2.1.1), and headings have a level (1.3.1)."""
    page = page.replace('role="heading"', 'role="heading" aria-level="2"')
    page = re.sub(r'<div class="table-wrapper([^"]*)">', r'<div class="table-wrapper\1" tabindex="0">', page)
    return re.sub(r"<pre>", '<pre tabindex="0">', page)


def main(arguments: list[str]) -> int:
    """Build into the folder that is named, or build/site; gives the exit code."""
    target = Path(arguments[0]).resolve() if arguments else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    code = build(target)
    print(f"{target}/index.html" if code == 0 else "The site was not built: see above.")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
