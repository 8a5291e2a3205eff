"""Links on paper: inserts for letters, sheets of codes to hand over, and a poster; each slip in the language of its link."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from chassis.pages.strings import Strings
from chassis.pdf.slips import Modules, Slip, Slips
from feedback.domain.told import ToldLink

Paper = Literal["inserts", "sheet", "poster"]
TITLES: dict[Paper, str] = {"inserts": "Letter inserts", "sheet": "Sheet of codes", "poster": "Poster"}
_NOT_IN_THE_FONTS = frozenset({"bn", "pa", "ti", "am", "zh", "ja", "ko", "ta", "hi"})
"""Languages with letters that the typesetter's fonts lack."""

# Side by side, one below another, millimetres of a code, points of letters, words beside the code.
_FORMS: dict[Paper, tuple[int, int, int, int, bool]] = {
    "inserts": (1, 4, 38, 12, True),
    "sheet": (2, 3, 32, 10, False),
    "poster": (1, 1, 100, 24, False),
}


def typed_address(public_url: str) -> str:
    """The address at which a short code is typed, as it stands on paper: without what every browser adds."""
    return public_url.removeprefix("https://") + "/s/code"


def paper_of(
    paper: Paper,
    links: Sequence[ToldLink],
    codes: Sequence[Modules],
    strings: Strings,
    *,
    organisation: str,
    public_url: str,
    reusable: bool,
    made_on: date,
) -> Slips:
    """The document; a code for each link. A reference stands small on its slip, so that it gets into the right letter."""
    across, down, code, points, beside = _FORMS[paper]
    address = typed_address(public_url)
    slips = tuple(
        _slip(link, drawn, strings, organisation, address, reusable=reusable, brief=paper == "sheet")
        for link, drawn in zip(links, codes, strict=True)
    )
    languages = {language_on_paper(strings, link.language) for link in links}
    return Slips(
        title=TITLES[paper],
        organisation=organisation,
        made_on=made_on,
        slips=slips,
        across=across,
        down=down,
        code=code,
        points=points,
        beside=beside,
        language=languages.pop() if len(languages) == 1 else "en",
    )


def language_on_paper(strings: Strings, language: str) -> str:
    """The language in which a slip is printed: English where a language has no words here, or the fonts lack its letters."""
    spoken = strings.spoken(language, "slip.title")
    return "en" if spoken in _NOT_IN_THE_FONTS else spoken


def _slip(
    link: ToldLink, code: Modules, strings: Strings, organisation: str, address: str, *, reusable: bool, brief: bool
) -> Slip:
    language = language_on_paper(strings, link.language)

    def say(key: str, **values: object) -> str:
        return strings.say(language, f"slip.{key}", **values)

    until = say("until", day=f"{link.expires_on:%d/%m/%Y}")
    whose = f"{organisation} · {link.reference}" if link.reference and not reusable else organisation
    foot = [f"{until} {say('open' if reusable else 'once')}", whose]
    return Slip(
        language=language,
        heading=say("title"),
        steps=() if brief else (say("scan"),),
        typed=((say("type"), address), (say("code"), link.short_code)),
        foot=tuple(foot),
        code=code,
        alt=say("alt"),
    )
