"""Where references lead: files beside the document, and a schema's own definitions.

Files are taken in, JSON and YAML, inside the document's own folder only: each lies in it under a
key of its own, and references lead there. Nothing is fetched; what is not there is left as it
stands, for the operation that needs it to be skipped.
"""

from dataclasses import dataclass, field
from operator import is_
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from generators.importers.documents import YAML_SUFFIXES, load_document
from generators.importers.subschemas import DEFINITIONS, by_pointer
from schemas.errors import InputError
from schemas.record import JsonObject

HELD = "x-files"
"""Where the files lie in the document."""
MAX_FILES = 200
_SUFFIXES = (".json", *YAML_SUFFIXES)


def take_in_files(root: JsonObject, file: Path) -> tuple[JsonObject, set[Path]]:
    """The document with the files that it refers to, and which; what cannot be read is left out."""
    neighbours = _Neighbours(file.absolute().resolve())
    document: JsonObject = neighbours.lead_inwards(root, neighbours.home)
    if neighbours.held:
        held = {neighbours.name_of(path): value for path, value in neighbours.held.items()}
        document = {**document, HELD: held}
    return document, set(neighbours.held)


@dataclass
class _Neighbours:
    home: Path
    """The document's own file."""
    held: dict[Path, Any] = field(default_factory=dict)
    unread: set[Path] = field(default_factory=set)

    def lead_inwards(self, node: Any, source: Path) -> Any:
        """A copy whose references to files lead into the document."""
        if isinstance(node, list):
            return [self.lead_inwards(one, source) for one in node]
        if not isinstance(node, dict):
            return node
        copy = {key: self.lead_inwards(one, source) for key, one in node.items()}
        if isinstance(node.get("$ref"), str):
            copy["$ref"] = self.lead(node["$ref"], source)
        mapping = node.get("mapping")
        if "propertyName" in node and isinstance(mapping, dict):
            copy["mapping"] = {
                key: self.lead(to, source) if isinstance(to, str) and "#" in to else to
                for key, to in mapping.items()
            }
        return copy

    def lead(self, reference: str, source: Path) -> str:
        """The reference as the document alone understands it; as it stands where that cannot be."""
        name, _, pointer = reference.partition("#")
        if not name:
            target = source
        elif "://" in name or name.startswith(("/", "\\", "file:", "data:", "urn:")):
            return reference
        else:
            target = (source.parent / unquote(name)).resolve()
        if target == self.home:
            return f"#{pointer}"
        inside = target.is_relative_to(self.home.parent) and target.suffix.lower() in _SUFFIXES
        if not inside or not self.load(target):
            return reference
        return f"#/{HELD}/{_escape(self.name_of(target))}{pointer}"

    def load(self, target: Path) -> bool:
        """Whether the file is held, by now."""
        known = target in self.held or target in self.unread
        if not known and len(self.held) < MAX_FILES:
            try:
                # It may refer to a file that refers to it: it is held before it is looked into.
                self.held[target] = load_document(target)
            except InputError:
                self.unread.add(target)
                return False
            self.held[target] = self.lead_inwards(self.held[target], target)
        return target in self.held

    def name_of(self, path: Path) -> str:
        """The path below the document's folder."""
        return path.relative_to(self.home.parent).as_posix()


_Scope = tuple[str, JsonObject]
"""Where a schema with definitions stands, as a pointer, and the schema."""


def lead_to_definitions(root: JsonObject) -> JsonObject:
    """The document with such references led; itself where there are none."""

    def lead(reference: str, scopes: tuple[_Scope, ...]) -> str:
        pointer = unquote(reference[1:])
        if not scopes or reference[:2] != "#/" or by_pointer(root, pointer) is not None:
            return reference
        holding = (at for at, one in reversed(scopes) if by_pointer(one, pointer) is not None)
        place = next(holding, None)
        return reference if place is None else f"#{place}{reference[1:]}"

    def walk(node: Any, place: str, scopes: tuple[_Scope, ...]) -> Any:
        if isinstance(node, list):
            items = [walk(one, f"{place}/{at}", scopes) for at, one in enumerate(node)]
            return node if all(map(is_, items, node)) else items
        if not isinstance(node, dict):
            return node
        if place and any(isinstance(node.get(key), dict) for key in DEFINITIONS):
            scopes = (*scopes, (place, node))
        made = {key: walk(one, f"{place}/{_escape(key)}", scopes) for key, one in node.items()}
        if isinstance(node.get("$ref"), str):
            made["$ref"] = lead(node["$ref"], scopes)
        mapping = node.get("mapping")
        if "propertyName" in node and isinstance(mapping, dict):
            made["mapping"] = {
                key: lead(to, scopes) if isinstance(to, str) else to for key, to in mapping.items()
            }
            made["mapping"] = mapping if made["mapping"] == mapping else made["mapping"]
        return node if all(made[key] is one for key, one in node.items()) else made

    found: JsonObject = walk(root, "", ())
    return found


def _escape(key: Any) -> str:
    """A step of a pointer in the fragment of an address."""
    return str(key).replace("~", "~0").replace("/", "~1").replace("%", "%25")
