"""`$metadata` (CSDL XML 4.0) and the service document, from the entity sets alone."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import NAMESPACE, EntitySet

_DESCRIPTION = "Org.OData.Core.V1.Description"

_APPLY = (
    '<Annotation Term="Org.OData.Aggregation.V1.ApplySupported"><Record><PropertyValue Property="Transformations"><Collection>'
    "<String>filter</String><String>groupby</String><String>aggregate</String></Collection></PropertyValue></Record></Annotation>"
)
_RESTRICTIONS = "".join(
    f'<Annotation Term="Org.OData.Capabilities.V1.{term}"><Record><PropertyValue Property="{name}" Bool="false"/></Record>'
    "</Annotation>"
    for term, name in (("SearchRestrictions", "Searchable"), ("ExpandRestrictions", "Expandable"))
)


def csdl() -> str:
    """The metadata document: every property with its type and what it means."""
    types = "".join(_type(each) for each in ENTITY_SETS.values())
    sets = "".join(
        f'<EntitySet Name="{each.name}" EntityType="{NAMESPACE}.{each.entity}">{_annotation(each.description)}'
        f"{_APPLY}{_changes(each)}{_RESTRICTIONS}</EntitySet>"
        for each in ENTITY_SETS.values()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        '<edmx:Reference Uri="https://docs.oasis-open.org/odata/odata-vocabularies/v4.0/vocabularies/Org.OData.Core.V1.xml">'
        '<edmx:Include Namespace="Org.OData.Core.V1"/></edmx:Reference>'
        f"{_reference('Aggregation')}{_reference('Capabilities')}"
        f'<edmx:DataServices><Schema Namespace="{NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'{types}<EntityContainer Name="Feeds">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def service_document(base: str) -> dict[str, Any]:
    """The list of entity sets (OData JSON format, section 5); `base` ends with a slash."""
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in ENTITY_SETS]
    return {"@odata.context": f"{base}$metadata", "value": value}


def _reference(vocabulary: str) -> str:
    address = f"https://docs.oasis-open.org/odata/odata-vocabularies/v4.0/vocabularies/Org.OData.{vocabulary}.V1.xml"
    return f'<edmx:Reference Uri="{address}"><edmx:Include Namespace="Org.OData.{vocabulary}.V1"/></edmx:Reference>'


def _changes(entities: EntitySet) -> str:
    supported = "true" if entities.roots else "false"
    term = "Org.OData.Capabilities.V1.ChangeTracking"
    return f'<Annotation Term="{term}"><Record><PropertyValue Property="Supported" Bool="{supported}"/></Record></Annotation>'


def _type(entities: EntitySet) -> str:
    keys = "".join(f'<PropertyRef Name="{name}"/>' for name in entities.key)
    properties = "".join(
        f'<Property Name="{each.name}" Type="{each.type}"{"" if each.nullable else " Nullable=" + quoteattr("false")}>'
        f"{_annotation(each.description)}</Property>"
        for each in entities.properties
    )
    return f'<EntityType Name="{entities.entity}"><Key>{keys}</Key>{properties}</EntityType>'


def _annotation(words: str) -> str:
    return f'<Annotation Term="{_DESCRIPTION}"><String>{escape(words)}</String></Annotation>'
