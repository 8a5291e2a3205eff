"""Text that people typed, made fit for print: what a printer cannot show is said in words instead."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_BREAKS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+")
# Overrides and isolates of direction, typed or pasted, could turn round what stands beside them. Names need none: the
# algorithm of Unicode (UAX 9) finds their direction by their letters.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_LONG_WORD = re.compile(r"\S{25,}")
# In a letter every line has the whole width: an address that stays whole can be copied.
_LONGER_THAN_A_LINE = re.compile(r"\S{60,}")
_PIECE = 12
_SEAM = "\N{ZERO WIDTH SPACE}"

_SAID_BY_THE_ONE_BEFORE = re.compile("VARIATION SELECTOR|EMOJI MODIFIER|ZERO WIDTH|^COMBINING |^TAG ")
_SCRIPTS = {"CJK": "Chinese, Japanese or Korean", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}


def tidied(text: str) -> str:
    """A text in one line: breaks become spaces, and characters that mean nothing in print go."""
    return " ".join(_clean(text).split())


def shown(text: str) -> str:
    """A piece of a line: as `tidied`, with the spaces at its ends, which belong between it and its neighbours."""
    return re.sub(r"\s+", " ", _clean(text, _LONGER_THAN_A_LINE))


def paragraphs(text: str) -> list[dict[str, Any]]:
    """The paragraphs of a text, each with its lines, and whether it runs from right to left. None for an empty text."""
    found = []
    for paragraph in _EMPTY_LINES.split(_clean(text).strip("\n")):
        lines = [" ".join(line.split()) for line in paragraph.split("\n")]
        if any(lines):
            found.append({"lines": lines, "rtl": runs_from_right(paragraph)})
    return found


def runs_from_right(text: str) -> bool:
    """Whether a text runs from right to left: by its first letter that has a direction (UAX 9, rules P2 and P3)."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in {"R", "AL"}:
            return True
        if direction == "L":
            return False
    return False


def spoken(absent: str) -> str:
    """What stands in print for a run of characters that no font there has: "[text in Bengali script]", "[red heart]"."""
    said: list[str] = []
    for letter in absent:
        name = unicodedata.name(letter, "UNKNOWN CHARACTER")
        if letter.isspace() or _SAID_BY_THE_ONE_BEFORE.search(name):
            continue
        if unicodedata.category(letter)[0] in "LMN":
            first = name.split()[0].split("-")[0]
            words = f"text in {_SCRIPTS.get(first, first.title())} script"
            # A word is said once, however many letters it has.
            if said[-1:] != [words]:
                said.append(words)
        else:
            said.append(name.lower())
    return f"[{', '.join(said)}]" if said else ""


def with_words_for(data: Any, absent: Iterable[str]) -> Any:
    """JSON with words in the place of characters that cannot be shown; words that follow one another become one."""
    listed = "|".join(re.escape(each) for each in sorted(absent, key=len, reverse=True))
    return _replaced(data, re.compile(f"(?:{listed})+(?: +(?:{listed})+)*"))


def _replaced(data: Any, run: re.Pattern[str]) -> Any:
    if isinstance(data, str):
        return run.sub(lambda found: spoken(found[0]), data)
    if isinstance(data, list):
        return [_replaced(each, run) for each in data]
    if isinstance(data, dict):
        return {key: _replaced(value, run) for key, value in data.items()}
    return data


def _clean(text: str, long: re.Pattern[str] = _LONG_WORD) -> str:
    shown = _BREAKS.sub("\n", text).translate(_DIRECTIONS).replace("\t", " ")
    kept = "".join(map(_shown, shown))
    return long.sub(_with_seams, kept)


def _shown(letter: str) -> str:
    # Control characters, halves of surrogate pairs, and what is private to somebody else's font.
    return letter if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs", "Co"} else _UNKNOWN


def _with_seams(word: re.Match[str]) -> str:
    """A word that fits in no column may be broken: an address, a file's name, a key that got stuck."""
    return _SEAM.join(word[0][start : start + _PIECE] for start in range(0, len(word[0]), _PIECE))
