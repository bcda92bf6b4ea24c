"""What a tool does to which noun, concluded from its name, its description and its parameters.

First the nouns of a domain are gathered, then each tool is concluded with them at hand
(`generators.world.resolve_operation`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import Operation, find_verb, opening_verb, operation_of, things_made
from generators.world.resolve_operation import place_nouns, resolve_operation
from generators.world.result_rows import row_key
from generators.world.row_names import ENDING, is_scalar, stem
from generators.world.schema_leaves import leaves_of, members, schema_type
from generators.world.tool_drafts import NO_VERB, ONLY_READS, YET_WRITES, ToolDraft, best_grade
from generators.world.tool_names import (
    NameReading,
    common_prefix,
    read_name,
)
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")


def conclude(tools: Sequence[ToolSpec]) -> tuple[ToolDraft, ...]:
    """Conclude operation and noun of each tool of one domain, in the order given."""
    prefix = common_prefix(tools)
    drafts = [_first_draft(tool, prefix) for tool in tools]
    shown = frozenset(draft.noun for draft in drafts if draft.operation in ("get", "list"))
    drafts = [place_nouns(draft, shown) for draft in drafts]
    known = _known_nouns(drafts)
    return tuple(resolve_operation(draft, known, prefix) for draft in drafts)


def _first_draft(tool: ToolSpec, prefix: str) -> ToolDraft:
    reading = read_name(tool, prefix)
    verb, operation, why = _operation(tool, reading)
    leaves = tuple(leaves_of(tool.parameters))
    # ``order detail`` → ``order``; a generic word alone stays.
    words = reading.words
    while len(words) > 1 and words[-1] in _words("generic"):
        words = words[:-1]
    noun = " ".join(words)
    if not noun and operation == "create" and things_made(verb):
        noun = things_made(verb)[0]
    return ToolDraft(tool, replace(reading, verb=verb), leaves, operation, noun, why=why)


def _operation(tool: ToolSpec, reading: NameReading) -> tuple[str, Operation, str]:
    """Give verb, operation and reason, by the verb alone, then corrected by the tool's effect."""
    verb = reading.verb
    source = "the description's first word" if reading.from_description else "the name's verb"
    told = opening_verb(tool.description)
    if verb == "write" and told is not None and operation_of(told) in ("create", "update"):
        verb, source = told, "the description's first verb, for a tool that writes"
    guessed = any(one.startswith("effect from the verb") for one in tool.inferred)
    if (guessed or tool.effect != "write") and _is_sum(tool):
        return verb or "compute", "compute", "numbers in, their result out"
    if not verb:
        operation: Operation = "update" if tool.effect == "write" else "get"
        return "get" if operation == "get" else "update", operation, NO_VERB
    known = find_verb(verb)
    assert known is not None
    usual = known.operation_on(reading.noun)
    why = f"{source} is '{verb}'"
    writes = usual in ("create", "update", "delete")
    if tool.effect == "read" and writes:
        return verb, "get", f"{why}, {ONLY_READS}"
    if tool.effect == "write" and not writes:
        return verb, "update", f"{why}, {YET_WRITES}"
    return verb, usual, why


def _is_sum(tool: ToolSpec) -> bool:
    """Whether the tool takes numbers alone, and gives one number that it calls the result."""
    leaves = list(leaves_of(tool.parameters))
    parts = members(tool.returns or {})
    name, (part, _) = next(iter(parts.items()), ("", ({}, False)))
    kinds = {schema_type(schema) for schema in (part, *(leaf.schema for leaf in leaves))}
    named = set(split_words(name)) <= _words("outcomes")
    return bool(leaves) and len(parts) == 1 and named and kinds <= {"integer", "number"}


def _known_nouns(drafts: Sequence[ToolDraft]) -> frozenset[str]:
    """Gather the nouns that certainly are kinds of things in this domain."""
    known = {draft.noun for draft in drafts if draft.noun and _is_kind(draft)}
    stems = {before for draft in drafts for before in _stems(draft)}
    endings = {ending for noun in known for ending in _endings(noun)}
    for draft in drafts:
        key = row_key(draft.tool)
        fresh = draft.operation == "create" and key not in _stems(draft)
        if (key in stems or fresh) and key not in endings:
            known.add(key)
            endings |= _endings(key)
    return frozenset(known - {""})


def _endings(noun: str) -> set[str]:
    """``pull request review`` → ``request review``, ``review``."""
    words = noun.split(" ")
    return {" ".join(words[start:]) for start in range(1, len(words))}


def _is_kind(draft: ToolDraft) -> bool:
    """Whether this tool alone shows that its noun is a kind of thing."""
    if draft.operation == "compute" or draft.reading.aim:
        return False
    made = things_made(draft.reading.verb)
    if draft.operation == "create" and made and draft.noun not in made and " " not in draft.noun:
        return False
    sure = draft.operation in ("create", "list", "delete")
    return sure or best_grade(draft, draft.noun) >= ENDING


def _stems(draft: ToolDraft) -> frozenset[str]:
    """Gather what the tool's required ids are ids of, for tools about a row."""
    if draft.operation not in ("get", "update", "delete"):
        return frozenset()
    stems = [stem(leaf.name) for leaf in draft.required if is_scalar(leaf)]
    return frozenset(" ".join(before) for before in stems if before)


def group_by_domain(tools: Iterable[ToolSpec]) -> Mapping[str, tuple[ToolSpec, ...]]:
    """Sort tools by domain, then wire name: nothing later depends on their order."""
    ordered = sorted(tools, key=lambda tool: (tool.domain, tool.wire_name))
    grouped = groupby(ordered, key=lambda tool: tool.domain)
    return {domain: tuple(tools) for domain, tools in grouped}
