"""The query options of a feed: which rows, which columns, in which order, and where the next page begins."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.storable import is_storable
from reporting.domain.odata import apply, delta, filters
from reporting.domain.odata.apply import Grouping
from reporting.domain.odata.delta import Since
from reporting.domain.odata.model import EntitySet, ODataError, Property, malformed

PAGE = 1_000
MOST_PAGE = 5_000
MOST_SKIP = 1_000_000
MOST_ORDER = 5
KNOWN = frozenset(
    {"$apply", "$filter", "$select", "$orderby", "$top", "$skip", "$count", "$format", "$skiptoken", "$deltatoken"}
)
NOT_HERE = {
    "$expand": "The tables are flat: read each, and join them by their ids.",
    "$search": "There is no free text to search; $filter with contains(column,'…') finds parts of codes.",
    "$compute": "Compute in your own tool, or aggregate with $apply.",
    "$levels": "The tables are flat.",
    "$index": "Rows have no numbers; use $orderby, $top and $skip.",
    "$schemaversion": "There is one version of the columns.",
}


@dataclass(frozen=True)
class Order:
    """One sort key; in ascending order null comes first (OData URL conventions, 5.1.4)."""

    property: Property
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Where a page begins: the sort key of the last row before it, and how many rows are still wanted (None: all).

    Where changes are tracked, `mark` is from when on they are told: epoch and number, taken before the first page was read.
    """

    after: tuple[object, ...] = ()
    left: int | None = None
    mark: tuple[str, int] | None = None


@dataclass(frozen=True)
class Query:
    """A read of an entity set."""

    entities: EntitySet
    filter: filters.Node | None = None
    select: tuple[Property, ...] = ()
    order: tuple[Order, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    page: Page = field(default_factory=Page)
    size: int = PAGE
    grouping: Grouping | None = None
    tracked: bool = False
    since: Since | None = None
    asked: str = ""

    @property
    def columns(self) -> tuple[Property, ...]:
        """What is shown of a row; where changes are tracked, always its key."""
        if not self.select:
            return self.entities.properties
        keys = [self.entities.property(name) for name in self.entities.key] if self.tracked or self.since else []
        return tuple(dict.fromkeys([*keys, *self.select]))

    @property
    def source(self) -> EntitySet:
        """The set that is read, also where it is shown in groups."""
        return self.grouping.source if self.grouping else self.entities

    @property
    def left(self) -> int | None:
        """How many rows are wanted from here on."""
        return self.page.left if self.page.after else self.top


def read(entities: EntitySet, options: Sequence[tuple[str, str]], size: int = PAGE, *, track: bool = False) -> Query:
    """The query of a request's options (names with or without `$`). Raises ODataError.

    `track` says that the client would like a delta link; it gets one where it reads a whole table.
    """
    given = _known(options)
    grouping = apply.parse(given["$apply"], entities) if given.get("$apply", "").strip() else None
    entities = grouping.result() if grouping else entities
    asked = delta.asked(entities, [given.get("$filter", "").strip(), given.get("$select", "").strip()])
    order = _order(entities, given.get("$orderby", ""))
    page = _page(order, given.get("$skiptoken"))
    whole = grouping is None and bool(entities.roots) and not {"$top", "$skip", "$orderby"} & given.keys()
    return Query(
        entities,
        filter=filters.parse(given["$filter"], entities) if given.get("$filter", "").strip() else None,
        select=_select(entities, given.get("$select", "")),
        order=order,
        top=_whole("$top", given.get("$top")),
        skip=_whole("$skip", given.get("$skip"), MOST_SKIP) or 0,
        count=_flag("$count", given.get("$count")),
        page=page,
        size=size,
        grouping=grouping,
        tracked=whole and (page.mark is not None or (track and not page.after)),
        since=_since(entities, asked, given, whole=whole),
        asked=asked,
    )


def _since(entities: EntitySet, asked: str, given: Mapping[str, str], *, whole: bool) -> Since | None:
    if "$deltatoken" not in given:
        return None
    if not whole or "$skiptoken" in given or given.get("$count") == "true":
        raise malformed("$deltatoken goes with no $apply, $orderby, $top, $skip or $count. Use the delta link as it was given.")
    return delta.read(entities, asked, given["$deltatoken"])


def next_token(query: Query, last: Mapping[str, object], shown: int) -> str:
    """The `$skiptoken` of the page after one that ended with the row `last` (its values as JSON has them)."""
    left = None if query.left is None else query.left - shown
    key = [None if last[each.property.name] is None else _written(last[each.property.name]) for each in query.order]
    token = [key, left, *([query.page.mark] if query.page.mark else [])]
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(options: Sequence[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in options:
        # OData 4.01 lets clients leave the dollar away.
        option = name if name.startswith("$") else f"${name}"
        option = option.lower()
        if option in NOT_HERE:
            raise ODataError(501, "not-implemented", f"{option} is not available here. {NOT_HERE[option]}")
        if option in given:
            raise malformed(f"{option} stands twice.")
        if option in KNOWN:
            if not is_storable(value):
                raise malformed(f"{option} holds a character that cannot be looked for.")
            given[option] = value
        elif name.startswith("$"):
            raise malformed(f"There is no query option '{name[:40]}'.")
    if (wanted := given.get("$format", "json").lower()) and not wanted.startswith(("json", "application/json")):
        raise ODataError(406, "not-acceptable", "The feeds are JSON.")
    return given


def _order(entities: EntitySet, text: str) -> tuple[Order, ...]:
    """What was asked for, made unambiguous by the key."""
    orders: list[Order] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if direction.strip() not in {"", "asc", "desc"}:
            raise malformed(f"$orderby: expected asc or desc, found '{direction[:40]}'.")
        if any(each.property.name == name for each in orders):
            raise malformed(f"$orderby names '{name[:40]}' twice.")
        orders.append(Order(entities.property(name), direction.strip() == "desc"))
    if len(orders) > MOST_ORDER:
        raise malformed(f"$orderby takes {MOST_ORDER} properties at most.")
    held = {each.property.name for each in orders}
    return (*orders, *(Order(entities.property(name)) for name in entities.key if name not in held))


def _select(entities: EntitySet, text: str) -> tuple[Property, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or "*" in names:
        return ()
    return tuple(dict.fromkeys(entities.property(name) for name in names))


def _whole(option: str, text: str | None, most: int = 2**31) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)) or int(text) > most:
        raise malformed(f"{option} is a whole number from 0 to {most}.")
    return int(text)


def _flag(option: str, text: str | None) -> bool:
    if text not in {None, "true", "false"}:
        raise malformed(f"{option} is true or false.")
    return text == "true"


def _page(order: Sequence[Order], token: str | None) -> Page:
    if token is None:
        return Page()
    try:
        key, left, *marks = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        well_formed = len(key) == len(order) and all(part is None or isinstance(part, str) for part in key)
        well_formed &= left is None or (isinstance(left, int) and left >= 0)
        well_formed &= len(marks) <= 1 and all(_is_mark(each) for each in marks)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        key, left, marks, well_formed = [], None, [], False
    if not well_formed:
        raise malformed("$skiptoken is not one that was given out here. Start again without it.")
    after = tuple(None if part is None else each.property.read(part) for part, each in zip(key, order, strict=True))
    return Page(after, left, (marks[0][0], marks[0][1]) if marks else None)


def _is_mark(mark: object) -> bool:
    match mark:
        case [str(), int() as xid]:
            return 0 <= xid < delta.MOST_XID
        case _:
            return False
