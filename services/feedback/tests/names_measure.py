"""How well likely names are found, on sentences of our own: `python services/feedback/tests/names_measure.py [--show]`.

Recall is the share of marked parts of which every letter is found; false alarms are found parts that touch no marked one, by
sentence. The even lines were not looked at when the finder was mended; one hand wrote sentences and lists, so expect less.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feedback.adapters.known_names import known_of
from feedback.domain.likely_names import Span, find

EXAMPLES = Path(__file__).parent / "names_examples.txt"
KNOWN = replace(known_of(), phrases=("north team",))
_MARKED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Example:
    """A sentence, its line, and where what may say who somebody is stands in it."""

    line: int
    text: str
    marked: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Measured:
    """What was found in some sentences."""

    marked: int
    sentences: int
    missed: Sequence[tuple[Example, str]]
    false: Sequence[tuple[Example, str]]

    @property
    def recall(self) -> float:
        """Share of the marked parts that are found."""
        return 1 - len(self.missed) / self.marked

    @property
    def false_alarms(self) -> float:
        """Parts found wrongly by sentence."""
        return len(self.false) / self.sentences


def examples() -> list[Example]:
    """All sentences of the file."""
    return [
        _example(number, line)
        for number, line in enumerate(EXAMPLES.read_text("utf-8").splitlines(), 1)
        if line and not line.startswith("#")
    ]


def _example(number: int, line: str) -> Example:
    text, marked, end = "", [], 0
    for found in _MARKED.finditer(line):
        text += line[end : found.start()]
        marked.append((len(text), len(text) + len(found[1])))
        text += found[1]
        end = found.end()
    return Example(number, text + line[end:], tuple(marked))


def measure(sentences: Sequence[Example]) -> Measured:
    """What is found in sentences."""
    missed, false = [], []
    for each in sentences:
        spans = find(each.text, KNOWN)
        missed += [(each, each.text[a:b]) for a, b in each.marked if not _covered(spans, a, b, each.text)]
        false += [
            (each, each.text[span.start : span.end])
            for span in spans
            if not any(span.start < b and a < span.end for a, b in each.marked)
        ]
    return Measured(sum(len(each.marked) for each in sentences), len(sentences), missed, false)


def _covered(spans: Sequence[Span], start: int, end: int, text: str) -> bool:
    letters = [at for at in range(start, end) if text[at].isalnum() and not _possessive(text, at)]
    return all(any(span.start <= at < span.end for span in spans) for at in letters)


def _possessive(text: str, at: int) -> bool:
    return text[at] == "s" and at > 0 and text[at - 1] in "'’"


def seen(sentences: Sequence[Example]) -> list[Example]:
    """Those that the finder was mended with."""
    return [each for each in sentences if each.line % 2]


def unseen(sentences: Sequence[Example]) -> list[Example]:
    """Those that it was not."""
    return [each for each in sentences if not each.line % 2]


def main() -> None:
    """Print the figures, and with `--show` what is missed and found wrongly in the sentences in view."""
    for name, half in (("in view", seen(examples())), ("not seen", unseen(examples()))):
        found = measure(half)
        sys.stdout.write(
            f"{name}: recall {found.recall:.1%} ({found.marked - len(found.missed)} of {found.marked}), "
            f"false alarms {found.false_alarms:.2f} a sentence ({len(found.false)} in {found.sentences})\n"
        )
        if "--show" in sys.argv and name == "in view":
            for example, part in found.missed:
                sys.stdout.write(f"  missed, line {example.line}: {part!r} in {example.text}\n")
            for example, part in found.false:
                sys.stdout.write(f"  false alarm, line {example.line}: {part!r} in {example.text}\n")


if __name__ == "__main__":
    main()
