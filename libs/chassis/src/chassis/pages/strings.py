"""Words of the pages in every language that a page speaks.

A catalogue is a folder with one flat JSON file a language: key to text, with `{name}` for values. The chassis has one for its
layouts and error pages; a service adds its own, and may override. A key that a language lacks is said in English; a key that
English lacks is a mistake of the page and raises. A file whose words nobody who speaks the language has read yet says so in
`_review`; staff see it, families do not.
"""

import json
from collections.abc import Mapping
from pathlib import Path

DEFAULT = "en"
REVIEW = "_review"
OWN = Path(__file__).parent / "words"

# Languages written from right to left, by primary subtag (CLDR, `characterOrder`).
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 language tag."""
    return "rtl" if language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


class Strings:
    """Catalogues laid over one another; later folders win."""

    def __init__(self, *folders: Path) -> None:
        """Read the chassis' catalogue and those of the folders."""
        self._words: dict[str, dict[str, str]] = {}
        self._unread: set[str] = set()
        for folder in (OWN, *folders):
            for path in sorted(folder.glob("*.json")):
                words: dict[str, str] = json.loads(path.read_text("utf-8"))
                if words.pop(REVIEW, None):
                    self._unread.add(path.stem)
                self._words.setdefault(path.stem, {}).update(words)

    @property
    def languages(self) -> Mapping[str, Mapping[str, str]]:
        """The words of each language."""
        return self._words

    @property
    def unread(self) -> frozenset[str]:
        """The languages some of whose words still wait for somebody who speaks them."""
        return frozenset(self._unread)

    def spoken(self, language: str, key: str) -> str:
        """Return the language in which a key will be said: `pt-BR`, or else `pt`, or else English."""
        for candidate in (language, language.partition("-")[0]):
            if key in self._words.get(candidate, ()):
                return candidate
        return DEFAULT

    def say(self, language: str, key: str, **values: object) -> str:
        """Return a text in the language of `spoken`, with its values filled in. Raises KeyError."""
        return self._words[self.spoken(language, key)][key].format(**values)
