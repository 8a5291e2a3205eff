"""The made-up people of the demonstration: whom one can sign in as where `LOOP_DEMO_SIGN_IN` is on.

Their codes are those of the directory of staff that the demonstration loads, so that whoever is given an audit there can sign
in and find it.
"""

from dataclasses import dataclass

from gateway.domain.scopes import ROLES


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist: a code of the directory of staff, a name, and one role or more."""

    code: str
    name: str
    roles: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Who they are to the services."""
        return f"demo-{self.code}"

    @property
    def label(self) -> str:
        """What stands at the top of their pages."""
        return f"{self.name} (demonstration)"

    @property
    def described(self) -> str:
        """Their roles in words."""
        first, *more = (ROLES[role] for role in self.roles)
        return "; ".join([first, *(each[0].lower() + each[1:] for each in more)])


_ALL = (
    Person("alex-morgan", "Alex Morgan", ("qa-officer",)),
    # Approves the quotes that Alex redacts: it takes two.
    Person("sol-reyes", "Sol Reyes", ("qa-officer",)),
    Person("nia-evans", "Nia Evans", ("complaints-officer",)),
    Person("ruth-adeyemi", "Ruth Adeyemi", ("senior-reader",)),
    Person("dee-harris", "Dee Harris", ("safeguarding-duty",)),
    Person("mo-clarke", "Mo Clarke", ("family-contact",)),
    Person("kim-taylor", "Kim Taylor", ("caller",)),
    Person("sam-okafor", "Sam Okafor", ("manager",)),
    Person("priya-shah", "Priya Shah", ("manager",)),
    Person("jo-bennett", "Jo Bennett", ("manager",)),
    Person("lee-walsh", "Lee Walsh", ("manager",)),
    Person("chris-doyle", "Chris Doyle", ("manager",)),
    Person("dana-price", "Dana Price", ("manager",)),
    Person("ines-costa", "Ines Costa", ("data-protection",)),
    Person("ada-novak", "Ada Novak", ("administrator",)),
    # Moderates audits, and reads what all of them add up to.
    Person("robin-hughes", "Robin Hughes", ("manager", "senior-reader")),
)

PEOPLE: dict[str, Person] = {person.code: person for person in _ALL}
"""By code."""
