"""The entity sets of Ombudsman cases. What the Ombudsman wants in words is not in them."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import CASE

_CASE = (
    Property("complaint_id", Edm.GUID, "The complaint, where it is recorded.", nullable=True),
    code("service_area", "Service area."),
    day("accepted_on", "Day on which the Ombudsman accepted it."),
)
OMBUDSMAN_SETS = (
    EntitySet(
        "OmbudsmanCases",
        "OmbudsmanCase",
        "feed_ombudsman_case",
        "One row a case that the Ombudsman accepted, as it stands now.",
        ("case_id",),
        (
            Property("case_id", Edm.GUID, "The case."),
            *_CASE,
            day("outcome_on", "Day of the decision.", nullable=True),
            code("outcome", "The decision.", nullable=True),
            Property("actions", Edm.INT32, "How many actions it asks for.", nullable=True),
            Property("remedies", Edm.STRING, "Codes of what it asks for, separated by semicolons.", nullable=True),
            *CHANGES,
        ),
        roots=(CASE,),
    ),
    EntitySet(
        "OmbudsmanDeadlines",
        "OmbudsmanDeadline",
        "feed_ombudsman_deadline",
        "One row a thing that the Ombudsman wants by a day, as it stands now. Its words are never here.",
        ("deadline_id",),
        (
            Property("deadline_id", Edm.GUID, "The deadline."),
            Property("case_id", Edm.GUID, "The case; see OmbudsmanCases."),
            *_CASE,
            code("outcome", "The decision of the case.", nullable=True),
            code("kind", "enquiry, draft or remedy."),
            code("remedy", "What the remedy is.", nullable=True),
            day("due_on", "Day by which the Ombudsman wants it."),
            day("done_on", "Day on which it was done.", nullable=True),
            *CHANGES,
        ),
        roots=(CASE,),
    ),
)
