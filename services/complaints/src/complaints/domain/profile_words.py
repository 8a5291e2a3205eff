"""Codes with their labels, and the lists of them that hold where an organisation's profile has none of its own."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Owned(BaseModel):
    """A part that this service owns."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Named(Owned):
    """A code with its label."""

    code: Code
    name: Label


REMEDIES = (
    Named(code="apology", name="Apology"),
    Named(code="explanation", name="Explanation or information"),
    Named(code="service", name="A service provided, or provided sooner"),
    Named(code="decision-reviewed", name="Decision reviewed or changed"),
    Named(code="record-corrected", name="Record corrected"),
    Named(code="payment", name="Payment"),
    Named(code="procedure-changed", name="Procedure or practice changed"),
)
"""What is done to put things right, where the profile does not say."""
OMBUDSMAN_REMEDIES = (
    Named(code="apology", name="Apology"),
    Named(code="payment", name="Payment"),
    Named(code="service-provided", name="A service provided, or provided sooner"),
    Named(code="decision-reviewed", name="Decision reviewed or taken again"),
    Named(code="procedure-changed", name="Procedure or policy changed"),
    Named(code="staff-trained", name="Staff trained or guided"),
    Named(code="other-cases-reviewed", name="Other cases looked into"),
)
"""What an Ombudsman asks for, where the profile does not say: personal remedies and service improvements of its decisions."""
DESIRED_OUTCOMES = (
    Named(code="apology", name="An apology"),
    Named(code="explanation", name="An explanation or information"),
    Named(code="service", name="A service, or a service sooner"),
    Named(code="decision-reviewed", name="A decision reviewed or changed"),
    Named(code="record-corrected", name="A record corrected"),
    Named(code="payment", name="A payment"),
    Named(code="other-worker", name="Another worker"),
    Named(code="procedure-changed", name="That it does not happen to others"),
    Named(code="other", name="Something else"),
)
"""What complainants want, where the profile does not say."""
NOT_COMPLAINTS = (
    Named(code="safeguarding-referral", name="Safeguarding referral"),
    Named(code="service-request", name="Request for a service"),
    Named(code="appeal-or-tribunal", name="Appeal or tribunal"),
    Named(code="other-council", name="Another council or organisation"),
    Named(code="data-protection", name="Data protection request"),
    Named(code="too-late", name="Late, and declined"),
)
"""Where what is not a complaint goes instead, where the profile does not say."""
