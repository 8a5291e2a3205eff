"""The entity sets of calls. Who called is in none of them."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import by

_CALL = Property("call_id", Edm.GUID, "The call.")
_PLACE = (
    code("programme", "The programme of calls."),
    code("questionnaire", "The questionnaire that is asked."),
    code("service_area", "Service area."),
    code("team", "Team.", nullable=True),
)

CALLS = EntitySet(
    "Calls",
    "Call",
    "feed_call",
    "One row a call that is or was to be made, as it stands now. Who is called and who calls is never here.",
    ("call_id",),
    (
        _CALL,
        *_PLACE,
        day("due_on", "Day by which it is made; it decides the period."),
        code("status", "due, call-back, done, declined or closed."),
        day("ended_on", "Day on which it was made, declined or closed.", nullable=True),
        code("ground", "Why it was closed without a call.", nullable=True),
        Property("attempts", Edm.INT32, "Number of attempts."),
        *CHANGES,
    ),
    roots=(by("call_id"),),
)
ATTEMPTS = EntitySet(
    "CallAttempts",
    "CallAttempt",
    "feed_call_attempt",
    "One row an attempt to make a call.",
    ("call_id", "number"),
    (
        _CALL,
        Property("number", Edm.INT32, "Number of the attempt, from 1."),
        *_PLACE,
        day("attempted_on", "Day of the attempt; it decides the period."),
        code("outcome", "no-answer, wrong-number, call-back, declined or done."),
        *CHANGES,
    ),
    roots=(by("call_id"),),
)

CALL_SETS = (CALLS, ATTEMPTS)
