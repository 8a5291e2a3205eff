"""What people read when they did not get in: what happened, and what to do next. Never what was received."""

from dataclasses import dataclass

_AGAIN = "Nothing was changed. Sign in again from the start."


@dataclass(frozen=True)
class Words:
    """A page: its status, title and text; `ask`: the organisation’s own words say whom to ask; `again`: with the way back."""

    status: int
    title: str
    text: str
    ask: bool = False
    again: bool = True


_NO_ENTRY = "You are not signed in to Learning Loop."

REFUSED = {
    "no-role": Words(
        403,
        "You have no role in Learning Loop yet",
        "Your organisation knows you, but none of your groups has a role here.",
        ask=True,
    ),
    "too-many-groups": Words(
        403,
        "Your groups did not reach us",
        "You are in more groups than your organisation’s sign-in sends at once, so we cannot tell your role. This is for an "
        "administrator to set right: the sign-in must send app roles, or only the groups assigned to Learning Loop.",
        ask=True,
    ),
    "no-number": Words(
        403,
        "Your account has no staff number",
        "The sign-in worked, but your account does not say who you are in the directory of staff. An administrator can add it.",
        ask=True,
    ),
    "unusable-number": Words(
        403,
        "Your staff number cannot be used",
        "The sign-in worked, but what your account holds in place of a staff number is none. An administrator can correct it.",
        ask=True,
    ),
    "another-account": Words(
        403,
        "Your staff number belongs to another account",
        "The sign-in worked, but another account has signed in here with the number that yours holds. If both are yours, an "
        "administrator can let the number go from the other account, at “Who is signed in”.",
        ask=True,
    ),
    "denied": Words(403, "You did not sign in", "Your organisation’s sign-in was cancelled or refused. " + _NO_ENTRY, ask=True),
    "gone": Words(
        400,
        "This sign-in is no longer valid",
        "It took too long, was used already, or was begun in another browser. " + _AGAIN,
    ),
    "refused": Words(400, "The sign-in could not be verified", "What came back did not prove who you are. " + _AGAIN, ask=True),
    "away": Words(
        503,
        "Your organisation’s sign-in does not answer",
        "Learning Loop is running; the service that signs you in is not reachable just now. Try again in a few minutes. Who is "
        "signed in already stays so.",
        ask=True,
    ),
    "wrong": Words(
        502,
        "The sign-in is not set up correctly",
        "Your organisation’s sign-in and Learning Loop do not understand each other. Trying again does not help: an "
        "administrator must set it right. The log of the gateway says what is wrong.",
        ask=True,
        again=False,
    ),
}

DENIED = {
    "temporarily_unavailable": "away",
    "server_error": "away",
    "invalid_request": "wrong",
    "unauthorized_client": "wrong",
    "unsupported_response_type": "wrong",
    "invalid_scope": "wrong",
}
"""Errors of a provider (RFC 6749, 4.1.2.1) that are not the person's own; all others are `denied`."""
