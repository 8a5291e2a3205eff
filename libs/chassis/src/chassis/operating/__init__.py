"""What the processes of a service tell an operator of themselves, and what an operator may have done with dead letters.

`GET /operating` stands on each process' own port, beside its health, below no path that the gateway passes on: the gateway's
page asks it, with an identity that it signed for the operator. Of other services' schemas nobody reads anything.
"""

from chassis.operating.answering import PATH, Operating
from chassis.operating.told import Told

__all__ = ["PATH", "Operating", "Told"]
