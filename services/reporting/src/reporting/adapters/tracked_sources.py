"""How the measures of the learning tracker are computed: all of them of what the tracker itself shows (migration 0026)."""

from reporting.adapters.source import Dimension, Source, columns, themes

_ON_THE_DAY = "learning_on({last}) f"
_PLACE = {
    "learning_source": Dimension("f.source"),
    **columns("service_area", "team"),
    "theme": themes("f.theme_codes"),
}
_STANDS = {**_PLACE, "learning_standing": Dimension("f.standing")}
_IN = "between {first} and {last}"
_TO_REVIEW = "f.source <> 'feedback' and f.standing = 'completed'"

TRACKED = {
    "tracked_actions": Source(_ON_THE_DAY, f"f.set_on {_IN}", _STANDS),
    "tracked_open": Source(_ON_THE_DAY, "{first} <= {last} and f.standing in ('on-track', 'may-miss', 'missed')", _STANDS),
    "tracked_missed": Source(_ON_THE_DAY, "{first} <= {last} and f.standing = 'missed'", _PLACE),
    "tracked_in_time": Source(
        _ON_THE_DAY,
        f"f.standing <> 'dropped' and f.due_on {_IN}",
        _PLACE,
        n="count(*) filter (where f.done_on <= f.due_on)",
        of="count(*)",
    ),
    "tracked_completed": Source(_ON_THE_DAY, f"f.standing = 'completed' and f.done_on {_IN}", _PLACE),
    "tracked_helped": Source(_ON_THE_DAY, f"f.difference in ('yes', 'partly') and f.reviewed_on {_IN}", _PLACE),
    "tracked_reviewed": Source(
        _ON_THE_DAY,
        f"{_TO_REVIEW} and f.done_on {_IN}",
        _PLACE,
        n="count(*) filter (where f.reviewed_on >= f.done_on)",
        of="count(*)",
    ),
    "tracked_difference": Source(
        _ON_THE_DAY,
        f"f.difference in ('yes', 'partly', 'no') and f.reviewed_on {_IN}",
        _PLACE,
        n="count(*) filter (where f.difference in ('yes', 'partly'))",
        of="count(*)",
    ),
}
