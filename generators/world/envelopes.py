"""Which objects among a write's arguments are only wrapped around the row's own fields.

``body``, ``input``, the entity's name, JSON:API's ``data`` and ``relationships``, or anything else
whose leaves are fields of the entity; lists of such objects hold a row each.
"""

from collections.abc import Iterator
from functools import partial

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import load_words
from generators.world.entity_drafts import EntityDraft, EntityDrafts
from generators.world.schema_leaves import as_schema, members, plain_schema, schema_type
from generators.world.tool_drafts import ToolDraft
from schemas.record import JsonObject

_words = partial(load_words, "inference")

_MARKS = frozenset({"id", "type", "kind", "data"})
"""All that an object holds which only names another row."""


def find_envelopes(
    draft: ToolDraft, kind: EntityDraft | None, kinds: EntityDrafts
) -> frozenset[str]:
    """Paths, without brackets, of the objects and lists in which fields of the row lie."""
    if kind is None or draft.operation not in ("create", "update"):
        return frozenset()
    return frozenset(_walk(draft.tool.parameters, "", draft, kind, kinds))


def _walk(
    schema: JsonObject, path: str, draft: ToolDraft, kind: EntityDraft, kinds: EntityDrafts
) -> Iterator[str]:
    held = members(schema)
    keys = {snake(part) for part in kind.identity} | {"id"}
    alone = sum(snake(name) not in keys for name in held) == 1
    for name, (part, _) in held.items():
        plain, place = plain_schema(part), f"{path}.{name}" if path else name
        many = schema_type(plain) == "array"
        inner = plain_schema(as_schema(plain.get("items"))) if many else plain
        if schema_type(inner) != "object" or not members(inner):
            continue
        if _is_envelope(name, inner, kind, kinds, alone=alone, many=many):
            keyed = keys & {snake(one) for one in members(inner)}
            if not many or draft.operation == "create" or keyed:
                yield place
                yield from _walk(inner, place, draft, kind, kinds)


def _is_envelope(
    name: str, inner: JsonObject, kind: EntityDraft, kinds: EntityDrafts, *, alone: bool, many: bool
) -> bool:
    """Whether what an object of this name holds are fields of the row, and it is none itself."""
    columns = {snake(column) for column in kind.columns}
    words, nouns = noun_words(name), tuple(kind.noun.split())
    telling = tuple(one for one in words if one not in _words("envelope_words"))
    if snake(name) in columns:
        return False
    if snake(name) in _words("wrappers") or not telling or telling in (nouns, nouns[-1:]):
        return True
    own = {snake(one) for one in members(inner)}
    refers = f"{snake(name)}_id" in columns or " ".join(telling) in kinds
    if refers or own <= _MARKS or split_words(name)[-1:] in (("ref",), ("link",)):
        return False
    if not columns or (many and not alone):
        return alone and not many
    known = len(own & (columns | _words("wrappers")))
    return known > 0 and 2 * known >= len(own)
