"""What the forms of reporting's own records have in common: who may send them, and the version that a page showed."""

from typing import Annotated

from fastapi import Depends

from chassis.access import requires
from chassis.identity import Identity
from chassis.pages import Form
from reporting.pages.ways import COMPLAINTS_OFFICER, OFFICER

Writer = Annotated[Identity, Depends(requires(OFFICER, COMPLAINTS_OFFICER))]
_MOST_DIGITS = 9


def number_in(form: Form, name: str = "revision") -> int:
    """A number that the page put into the form; -1, which nothing has, where the field does not hold one."""
    seen = form.text(name)[:_MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1
