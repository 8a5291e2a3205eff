"""The shapes of what may say who somebody is, as expressions and as words that stand around it; see `likely_names`."""

import re
from enum import StrEnum


class Sort(StrEnum):
    """What a part of a text may be."""

    NAME = "name"
    PLACE = "place"
    SCHOOL = "school"
    AGE = "age"
    DATE = "date"
    PHONE = "phone number"
    ADDRESS = "address"
    CONTACT = "contact"

    @property
    def instead(self) -> str:
        """What stands in its place."""
        return f"[{self.value}]"


SENTENCE_BREAK = re.compile(r"[.!?…:;\n•\"“”(\[]|^\s*-\s", re.MULTILINE)
"""After these a capital letter says nothing."""

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_NUMBER = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen)"
)
_STREET = (
    r"(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|court|crescent|terrace|grove|gardens|mews|row|walk|way|square|"
    r"cottages?|flats?)"
)
_SCHOOL = (
    r"(?:primary|infants?|juniors?|(?-i:High)|(?:high|secondary|middle|first|special|grammar)\s+(?:school|academy)|academy|"
    r"school|nursery|pre-?school|playgroup|college|sixth form|hospice|children['’]?s home)"
)
NO_SCHOOL = frozenset(
    """
    a an the my his her their our your its this that these those any another new old same other local special mainstream high
    primary secondary middle first nursery at to in from with and or of for no every each more good nice nearest right different
    whole after before since between boarding day pre grammar junior infant sixth private public proper suitable named there
    back go going goes went home change changing moved leave left like love hate about through during until home-school start
    started attend attends attended starting leaving what which one is was get gets got year big small sunday summer senior
    lower upper wrong chosen current previous normal per than into as on but so when if not all some
    """.split()  # noqa: SIM905 - it is read as words
)
"""Words before "school" that name none: my school, a new primary school."""

_TITLE = (
    r"(?:mr|mrs|ms|mx|dr|prof|professor|rev|pc|nurse|sir|madam|lady|lord|imam|sister|brother|auntie?y?|aunt|uncle|nan|nana|"
    r"nanny|gran|granny|grandma|grandad|miss)"
)
_YEARS = r"\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
_SOMEBODY_IS = r"i'?m|i’m|i am|he'?s|he’s|she'?s|she’s|he is|she is|(?:just )?turned|turning|is only|was only"
_NOT_YEARS = r"(?!\s*(?:weeks?|months?|days?|hours?|minutes?|times?|of|o'clock|%|people|in))"


def _any_case(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.IGNORECASE)


SHAPES: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    (Sort.CONTACT, _any_case(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+|(?<![\w@])@[\w.]{3,}")),
    (Sort.PHONE, re.compile(r"(?<![\w/])(?:\+|00)?\(?\d(?:[\d() -]{6,18})\d(?!\w)")),
    (Sort.ADDRESS, _any_case(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b")),
    (Sort.ADDRESS, _any_case(rf"\b(?:flat\s+)?\d{{1,4}}[a-z]?,?\s+(?:[^\W\d_]+['’]?\s+){{1,3}}?{_STREET}\b")),
    (Sort.ADDRESS, re.compile(r"\b(?:[A-Z][^\W\d_]+\s+){1,3}(?:Street|Road|Lane|Avenue|Close|Drive|Crescent|Terrace)\b")),
    (Sort.DATE, re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}\b")),
    (Sort.DATE, _any_case(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+\d{{4}})?")),
    (Sort.DATE, _any_case(rf"\b{_MONTH}\.?\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?")),
    (Sort.DATE, _any_case(rf"\b{_MONTH}\s+(?:of\s+)?(?:19|20)\d\d\b")),
    (Sort.DATE, _any_case(r"(?:(?<=\bon )|(?<=\bthe ))\d{1,2}(?:st|nd|rd|th)\b")),
    (Sort.AGE, _any_case(rf"\b{_NUMBER}(?:\s*-?\s*and a half)?[\s-]*(?:years?|yrs?|months?|mths?)[\s-]*olds?\b")),
    (Sort.AGE, _any_case(rf"\b\d{{1,2}}\s?(?:yo|y/o|yr olds?)\b|\baged?\s+(?:of\s+)?{_NUMBER}\b")),
    (Sort.AGE, _any_case(rf"\b(?:{_SOMEBODY_IS})\s+(?:only\s+|just\s+|nearly\s+)?{_NUMBER}\b{_NOT_YEARS}")),
    (
        Sort.AGE,
        _any_case(rf"\b(?:year|yr)\s?(?:{_YEARS})\b(?!\s+(?:ago|later))|\breception (?:class|year)\b|\b[YS]\d{{1,2}}\b"),
    ),
)
"""What is found by its shape alone."""

SCHOOLS = _any_case(rf"((?:[^\W\d_]+(?:['’.-]?[^\W\d_]*)\s+){{1,4}}?){_SCHOOL}(?:\s+{_SCHOOL})*\b")
TITLED = _any_case(rf"\b{_TITLE}\.?\s+([^\W\d_][\w'’-]*)(?:\s+([A-Z][\w'’-]+))?")
SURELY_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "prof", "professor", "rev", "pc"})
CALLED = _any_case(r"\b(?:called|named|name is|name’s|name's|names|known as)\s+([^\W\d_][\w'’-]*)")
INITIAL = re.compile(r"(?<![\w.'’])(?:[A-Z]\.(?:\s?[A-Z]\.)*|[B-HJ-Z])(?![\w'’])")
PAIR = re.compile(r"(?<![\w.'’&-])[A-Z]{2}(?![\w&-])")
PAIRS_KNOWN = frozenset(
    """
    UK GP TA SW TV OK PE IT ID PA OT CP LA US EU RE AM PM NO MY IS IN IT ON WE HE SO TO DO IF OR OF AT BY UP GO ME AN AS BE
    """.split()  # noqa: SIM905 - it is read as words
)
"""Two capital letters that are nobody's initials."""

DOES = frozenset(
    """
    is was has had said says loves likes hates goes went gets got needs wants wanted feels felt came comes helped helps does did
    makes made listens listened took takes told tells keeps kept can could would will never always really and also who still
    gave gives loved liked came rang called explained understood understands sorted deserves thinks knows lives cried cries
    asked seems seemed
    """.split()  # noqa: SIM905 - it is read as words
)
"""What somebody does whose name begins a sentence."""

PLACE_BEFORE = frozenset({"in", "at", "from", "near", "to", "around", "outside"})
THINGS_ENDS = ("tion", "tions", "ment", "ments", "ness")
ORDINARY_ENDS = (*THINGS_ENDS, "ing", "ings", "ly", "ity", "ies", "ism", "ful", "less", "ed")
"""How words end that are no names: of things, and of what a sentence often begins with."""
