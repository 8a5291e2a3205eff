"""Write the AsyncAPI document and the JSON Schemas of the events, or check that they are current and break no reader.

python tools/events.py            write libs/contracts/asyncapi.json and libs/contracts/schemas/
python tools/events.py --check    compare with what is committed, and with libs/contracts/released/
python tools/events.py --release  freeze subjects that are not yet released
"""

import json
import sys
from pathlib import Path

from contracts import BY_SUBJECT
from contracts.asyncapi import document, schema
from contracts.compatibility import breaking_changes

HOME = Path(__file__).resolve().parent.parent / "libs" / "contracts"


def wanted() -> dict[Path, str]:
    """Give every generated file and its text."""
    files = {HOME / "asyncapi.json": document()}
    files |= {HOME / "schemas" / f"{subject}.json": schema(event) for subject, event in BY_SUBJECT.items()}
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in files.items()}


def faults() -> list[str]:
    """What is stale, left over, or breaks a reader."""
    files = wanted()
    found = [f"{path.name} is not current" for path, text in files.items() if not path.exists() or path.read_text() != text]
    found += [f"schemas/{path.name} belongs to no event" for path in (HOME / "schemas").glob("*.json") if path not in files]
    for path in sorted((HOME / "released").glob("*.json")):
        event = BY_SUBJECT.get(path.stem)
        if event is None:
            found.append(f"{path.stem} was released and is gone")
            continue
        found += [f"{path.stem} {each}" for each in breaking_changes(json.loads(path.read_text()), schema(event))]
    return found


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    if arguments == ["--check"]:
        found = faults()
        print("\n".join(found))
        return 1 if found else 0
    for path, text in wanted().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    if arguments == ["--release"]:
        (HOME / "released").mkdir(exist_ok=True)
        for subject, event in BY_SUBJECT.items():
            released = HOME / "released" / f"{subject}.json"
            if not released.exists():
                released.write_text(json.dumps(schema(event), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
