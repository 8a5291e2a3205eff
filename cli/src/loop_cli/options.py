"""Options that many commands take."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", envvar="LOOP_DATA", help="Data folder of the installation.", file_okay=False)]
DEFAULT_DATA = Path(".loop")
Org = Annotated[str, typer.Option("--org", help="Code of the organisation.")]
