"""The process that sets a document: JSON in, PDF out. It holds no secret, and is ended when it takes too long.

    python -I -m chassis.pdf.typesetter <megabytes> <seconds>    < document.json > document.pdf

Exits 0, or 3 with one line on what is wrong, in which nothing is quoted: a document is full of what is confidential.
"""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from chassis.pdf.limits import limit
from chassis.pdf.words import with_words_for

_HERE = Path(__file__).parent
FONTS = _HERE / "fonts"
"""Beside those of the compiler's wheel, which has no letters of Urdu and joins those of Arabic badly."""
TEMPLATES = {"document": _HERE / "document.typ", "slips": _HERE / "slips.typ", "letter": _HERE / "letter.typ"}
STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]  # for everybody to read; to be kept
ROUNDS = 4
"""The compiler names all characters that it has no glyph for at once; what they become may need one more round."""

_ABSENT = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def typeset(data: Any) -> bytes:
    """The PDF of a document. Characters for which there is no glyph stand in it in words, since a blank would be a lie.

    Raises typst.TypstError.
    """
    year, month, day = data["made_on"]
    made_on = datetime(year, month, day, tzinfo=UTC)
    template = TEMPLATES[data.get("template", "document")]
    for _ in range(ROUNDS):
        try:
            return typst.compile(
                template,
                sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
                ignore_system_fonts=True,
                font_paths=[FONTS],
                format="pdf",
                pdf_standards=STANDARDS,
                timestamp=made_on,
            )
        except typst.TypstError as error:
            absent = {_unescaped(each) for each in _ABSENT.findall(error.diagnostic)}
            if not absent:
                raise
            data = with_words_for(data, absent)
    raise RuntimeError("there are characters that cannot be shown, and whose words cannot be shown either")


def _unescaped(written: str) -> str:
    """The text that Rust's `Debug` wrote so."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _PLAIN.get(found[2], found[2]), written)


def main(arguments: list[str]) -> int:
    """Read, set, write; gives the exit code."""
    limit(megabytes=int(arguments[0]), seconds=int(arguments[1]))
    try:
        content = typeset(json.load(sys.stdin.buffer))
    except typst.TypstError as error:
        sys.stderr.write(re.sub(r'`.*?`|".*?"', "…", error.message, flags=re.DOTALL))
        return 3
    except Exception as error:  # noqa: BLE001 - whatever it is, its words could quote the document
        sys.stderr.write(type(error).__name__)
        return 3
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
