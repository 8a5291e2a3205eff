"""How well a word list finds what a person must look at, on sentences of our own.

`python services/feedback/tests/worry_measure.py` prints recall (the share of worrying sentences that are found) and false
alarms (the share of harmless ones that are). The even lines of the file were not looked at when a list was mended, so their
figures are the ones to believe; even they flatter, since one hand wrote the sentences and the lists.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.profiles import parse_yaml
from chassis.word_list import WordList

EXAMPLES = Path(__file__).parent / "worry_examples.txt"
PROFILES = Path(__file__).resolve().parents[3] / "profiles"


@dataclass(frozen=True)
class Example:
    """A sentence, its line, and whether a person must look at it."""

    line: int
    worry: bool
    text: str


@dataclass(frozen=True)
class Measured:
    """What a list makes of some sentences."""

    missed: Sequence[Example]
    false: Sequence[tuple[Example, tuple[str, ...]]]
    worries: int
    others: int

    @property
    def recall(self) -> float:
        """Share of the worrying sentences that are found."""
        return 1 - len(self.missed) / self.worries

    @property
    def false_alarms(self) -> float:
        """Share of the harmless sentences that are found too."""
        return len(self.false) / self.others


def examples() -> list[Example]:
    """All sentences of the file."""
    lines = enumerate(EXAMPLES.read_text().splitlines(), 1)
    return [Example(number, line[0] == "+", line[2:]) for number, line in lines if line and line[0] in "+-"]


def list_of(profile: str) -> WordList:
    """The word list of a shipped profile."""
    path = PROFILES / profile / "worries.yaml"
    document = parse_yaml(path.read_bytes(), path).data
    assert isinstance(document, dict)
    words = document["words"]
    assert isinstance(words, list)
    return WordList([str(each) for each in words])


def measure(listed: WordList, sentences: Sequence[Example]) -> Measured:
    """What a list finds in sentences."""
    found = [(each, listed.find(each.text)) for each in sentences]
    return Measured(
        missed=[each for each, signs in found if each.worry and not signs],
        false=[(each, signs) for each, signs in found if signs and not each.worry],
        worries=sum(each.worry for each in sentences),
        others=sum(not each.worry for each in sentences),
    )


def seen(sentences: Sequence[Example]) -> list[Example]:
    """Those that the list was written with in view."""
    return [each for each in sentences if each.line % 2]


def unseen(sentences: Sequence[Example]) -> list[Example]:
    """Those that it was not."""
    return [each for each in sentences if not each.line % 2]


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print the figures, and with `--show` the sentences that are missed or found wrongly among those in view."""
    for profile in sorted(each.name for each in PROFILES.iterdir() if (each / "worries.yaml").exists()):
        listed = list_of(profile)
        for name, half in (("in view", seen(examples())), ("not seen", unseen(examples()))):
            found = measure(listed, half)
            say(
                f"{profile}, {name}: recall {found.recall:.1%} ({found.worries - len(found.missed)} of {found.worries}), "
                f"false alarms {found.false_alarms:.1%} ({len(found.false)} of {found.others})"
            )
            if "--show" in sys.argv and name == "in view":
                for each in found.missed:
                    say(f"  missed, line {each.line}: {each.text}")
                for each, signs in found.false:
                    say(f"  false alarm, line {each.line}: {each.text} ({', '.join(signs)})")


if __name__ == "__main__":
    main()
