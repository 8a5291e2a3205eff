"""The list of exports as JSON."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

from reporting.domain.exports import Format
from reporting.domain.odata.model import EntitySet


class ExportColumn(BaseModel):
    """A column of a file."""

    name: str
    type: str = Field(description="As `$metadata` of the feed has it.", examples=["Edm.Date"])
    nullable: bool
    description: str


class ExportAnswer(BaseModel):
    """An entity set that can be fetched as a file."""

    name: str = Field(examples=["ComplaintPoints"])
    description: str
    key: list[str] = Field(description="The columns that tell one row from all others.")
    columns: list[ExportColumn]
    files: dict[str, str] = Field(description="Addresses by format.")


class ExportList(BaseModel):
    """Every export."""

    exports: list[ExportAnswer]

    @classmethod
    def of(cls, sets: Iterable[EntitySet], path: str) -> "ExportList":
        """From the declarations."""
        return cls(exports=[_answer(each, path) for each in sets])


def _answer(entities: EntitySet, path: str) -> ExportAnswer:
    columns = [
        ExportColumn(name=each.name, type=each.type.value, nullable=each.nullable, description=each.description)
        for each in entities.properties
    ]
    files = {each.value: f"{path}/{entities.name}.{each.value}" for each in Format}
    return ExportAnswer(
        name=entities.name, description=entities.description, key=list(entities.key), columns=columns, files=files
    )
