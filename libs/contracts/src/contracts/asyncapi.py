"""The events as an AsyncAPI 3 document and as JSON Schemas, made from the models."""

from typing import Any

from pydantic.json_schema import models_json_schema

from contracts import BY_SUBJECT, SERVICES, Event

VERSION = "1.0.0"
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0, structured mode, with the sequence extension.",
    "required": ["specversion", "id", "source", "type", "time", "org", "sequence", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "Also the header Nats-Msg-Id."},
        "source": {"type": "string", "pattern": "^loop/[a-z]+$"},
        "type": {"type": "string", "description": "The subject."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "datacontenttype": {"const": "application/json"},
        "org": {"type": "string", "description": "Code of the organisation."},
        "sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "Gapless number within the producing service."},
        "traceparent": {"type": "string", "description": "W3C trace context."},
        "data": {"type": "object"},
    },
}


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one event's data, complete in itself."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:learning-loop:event:{event.subject}",
        **event.model_json_schema(mode="serialization"),
    }


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel a subject, sent by its service and received by reporting."""
    _, definitions = models_json_schema(
        [(event, "serialization") for event in BY_SUBJECT.values()], ref_template="#/components/schemas/{model}"
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for service, events in SERVICES.items():
        for event in events:
            name = event.__name__
            messages[name] = {
                "name": name,
                "title": name,
                "summary": (event.__doc__ or "").strip().split("\n")[0],
                "contentType": "application/cloudevents+json",
                "payload": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Envelope"},
                        {"type": "object", "properties": {"data": {"$ref": f"#/components/schemas/{name}"}}},
                    ]
                },
            }
            channels[name] = {"address": event.subject, "messages": {name: {"$ref": f"#/components/messages/{name}"}}}
            operations[f"{service}.send{name}"] = _operation("send", name, f"The {service} service tells of it.")
            operations[f"reporting.receive{name}"] = _operation("receive", name, "Reporting keeps its facts by it.")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Learning Loop events",
            "version": VERSION,
            "description": "Codes, dates and keyed pseudonyms only: no names, no contact details, no free text. "
            "One JetStream stream a producing service, `loop-<service>`.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"Envelope": _ENVELOPE, **definitions["$defs"]}},
    }


def _operation(action: str, name: str, summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }
