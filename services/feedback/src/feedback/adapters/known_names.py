"""Names, places and common words that `likely_names` knows: lists of ours, and the names of an organisation's profile."""

from functools import lru_cache
from pathlib import Path

from feedback.domain.likely_names import Known
from feedback.domain.profile import Organisation

_LISTS = Path(__file__).parent / "names"
_SHORTEST_WORD = 4  # of a team's name that is looked for by itself


def _read(name: str) -> dict[str, frozenset[str]]:
    parts: dict[str, set[str]] = {"": set()}
    part = ""
    for line in (_LISTS / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            part = line.strip("[]")
            parts[part] = set()
        elif not line.startswith("#"):
            parts[part].update(line.split())
    return {name: frozenset(words) for name, words in parts.items()}


@lru_cache(maxsize=1)
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    names, common = _read("first_names.txt"), _read("common_words.txt")[""]
    also = names["also words"]
    return names["names"] - also, also, _read("places.txt")[""], common


@lru_cache(maxsize=64)
def _known(phrases: tuple[str, ...]) -> Known:
    names, also, places, common = _lists()
    return Known(names, also, places, phrases, common)


def known_of(organisation: Organisation | None = None) -> Known:
    """What is known for an organisation: the lists, and what it calls itself, its service areas and its teams."""
    if organisation is None:
        return _known(())
    common = _lists()[3]
    own = [organisation.name, *(team.name for team in organisation.teams)]
    phrases = {each.lower() for each in own}
    # "Evesham" of "Family Front Door Evesham": the words of a team's name that are no common ones.
    phrases |= {
        word.lower() for name in own for word in name.replace("(", " ").replace(")", " ").split()
        if len(word) >= _SHORTEST_WORD and word.isalpha() and not _is_common(word.lower(), common)
    }  # fmt: skip
    return _known(tuple(sorted(phrases, key=lambda each: (-len(each), each))))


def _is_common(word: str, common: frozenset[str]) -> bool:
    return word in common or word.removesuffix("s") in common
