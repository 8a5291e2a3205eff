"""The entity sets of outcome stars."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import STAR

_STAR = Property("star_id", Edm.GUID, "The course of a person, from its start to its end. It names nobody.")
_SCALE = code("scale", "The scale.")
_RANGE = (
    Property("lowest", Edm.INT32, "Lowest score of the scale."),
    Property("highest", Edm.INT32, "Highest score of the scale."),
)
_WITHDRAWN = day("withdrawn_on", "Day on which it was withdrawn as a mistake: then it counts nowhere.", nullable=True)

STAR_SCORES = EntitySet(
    "StarScores",
    "StarScore",
    "feed_star_score",
    "One row a scale of a reading of an outcome star. A score that a correction took away has no row any more.",
    ("reading_id", "scale"),
    (
        Property("reading_id", Edm.GUID, "The reading."),
        _SCALE,
        _STAR,
        code("star", "The kind of star."),
        code("questionnaire", "The questionnaire whose questions it puts."),
        Property("questionnaire_version", Edm.INT32, "Its version."),
        code("point", "start, mid or end."),
        day("taken_on", "Day on which it was taken."),
        code("channel", "How it came: link, staff or system."),
        code("answered_by", "Who gave the stars: self, with-help, for-them or worker."),
        code("service_area", "Service area that took it."),
        code("team", "Team that took it.", nullable=True),
        Property("score", Edm.INT32, "The score."),
        *_RANGE,
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(STAR,),
)
STARS = EntitySet(
    "Stars",
    "Star",
    "feed_star",
    "One row a start and scale of a person, with the last star of the scale: average `change` where it is not empty. Whose "
    "start_score is the highest began at the top and cannot improve.",
    ("reading_id", "scale"),
    (
        Property("reading_id", Edm.GUID, "The reading of the start."),
        _SCALE,
        _STAR,
        code("star", "The kind of star."),
        code("service_area", "Service area that took the last star."),
        code("team", "Team that took the last star.", nullable=True),
        day("started_on", "Day of the start."),
        Property("start_score", Edm.INT32, "Score at the start."),
        code("last_point", "mid or end; empty where there is only a start.", nullable=True),
        day("last_on", "Day of the last star.", nullable=True),
        Property("last_score", Edm.INT32, "Score of the last star.", nullable=True),
        Property("change", Edm.INT32, "Last less start; empty where there is only a start.", nullable=True),
        *_RANGE,
        day("closed_on", "Day on which the course ended; empty while it goes on.", nullable=True),
        code("closed_reason", "end-star, or why there is none.", nullable=True),
        _WITHDRAWN,
        *CHANGES,
    ),
    roots=(STAR,),
)

STAR_SETS = (STAR_SCORES, STARS)
