"""What a call must give for it to mean anything, though the schema asks for nothing.

Many catalogues leave every parameter optional. To cancel something says which; a new issue has a
title, a message a text. No call is proposed without these; where they
cannot be given, the tool is not asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import Operation
from generators.world.model import Entity, ParameterModel, split_entity_key
from schemas.demand import Demand
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")
_ID_OF = re.compile(
    r"\b(?:ID|identifier)s? of (?:the |a |an )?(?:[\w-]+ ){0,4}?([a-z]+)"
    r"(?=\s*(?:[.,;()]|$)| (?:to|for|that|whose|in|on|from|which)\b)"
)
_OPTIONAL = re.compile(
    r"\boptional|\bdefault|\b(?:if|when) (?:not |none )?(?:given|provided|set|specified)"
    r"|\b(?:leave|left) (?:empty|out)|\bomit",
    re.IGNORECASE,
)
_KEYS = ("handle", "opaque_id", "number_id")
_OWN = ("handle", "title", "path", "email", "branch")
"""Meanings of what people call their things by: no service makes that up."""


def with_needed(
    parameters: Sequence[ParameterModel],
    operation: Operation,
    entity: Entity | None,
    tool: ToolSpec,
    demands: Sequence[Demand],
    unread: Mapping[str, Sequence[str]],
) -> tuple[ParameterModel, ...]:
    """The parameters, those marked as required without which a call would mean nothing."""
    name = tool.name
    unmarked = _find_unmarked(parameters) if tool.source.format != "openapi" else ()
    parameters = [replace(p, required=True) if p.path in unmarked else p for p in parameters]
    if entity is None or operation == "compute":
        said = {*split_words(name)}  # the count of a traffic source: of which
        return tuple(
            replace(one, required=True)
            if one.semantic in ("enum", "label") and {*split_words(one.name)} <= said
            else one
            for one in parameters
        )
    if operation == "list":
        words = noun_words(name)  # behind ``by`` stands what it finds its rows by
        by = {*words[words.index("by") + 1 :]} if "by" in words[1:] else set()
        told = {one.path for one in parameters if by and by.issuperset(noun_words(one.name))}
        told |= {*_say_whose(parameters, entity, tool.description)} if not told else set()
        return tuple(replace(one, required=True) if one.path in told else one for one in parameters)
    free = [one for one in parameters if "[]" not in one.path]
    needed = set(_name_row(free, operation, entity))
    if operation == "create":
        needed |= {one.path for one in free if one.use in ("identity", "field")
                   and one.field == entity.identity[-1] and one.semantic in _OWN}  # fmt: skip
        needed |= set(_say_what(free, entity, frozenset(split_words(name))))
    if operation in ("create", "update"):
        needed |= set(_say_to_whom(free, frozenset(split_words(name))))
    settled = {path for one in demands if one.kind != "between" for path in one.parameters}
    texts = {one.path for one in free if snake(one.name) in _words("new_texts")}
    needed -= settled | (unread.keys() - texts)
    return tuple(replace(one, required=True) if one.path in needed else one for one in parameters)


def _find_unmarked(parameters: Sequence[ParameterModel]) -> frozenset[str]:
    """The parameters that a call needs, where the schema demands none and says which it does not.

    A docstring of Python marks those that may be left out; the others are without that mark.
    """
    said = {one.path: str(one.schema.get("description") or "") for one in parameters}
    free = {path for path, text in said.items() if _OPTIONAL.search(text)}
    if not free or any(one.required for one in parameters):
        return frozenset()
    plain = (one for one in parameters if one.path.isidentifier() and "default" not in one.schema)
    return frozenset(one.path for one in plain if said[one.path] and one.path not in free)


_OF_ONE = re.compile(
    r"\b(?:for|of|in|from) an? (?:specific|given|certain|particular) ([\w ]+)", re.I
)


def _say_whose(parameters: Sequence[ParameterModel], entity: Entity, said: str) -> Iterator[str]:
    """Where messages, comments or reviews stand: nobody lists those of no channel.

    Likewise what is told to be of one row: the creatives "for a specific ad".
    """
    one_of = _OF_ONE.search(said)
    if any(one.required for one in parameters):
        return
    if one_of and entity.noun.split()[-1] not in _words("worded"):
        of = {*noun_words(one_of[1])}
        yield from [p.path for p in parameters if p.use == "reference" and p.opaque
                    and of & {*noun_words(p.name)[:-1]}][:1]  # fmt: skip
        return
    if entity.noun.split()[-1] not in _words("worded"):
        return
    where = [one for one in parameters if snake(one.name) in _words("recipients")]
    where = where or [one for one in parameters if one.use == "reference" and "[]" not in one.path]
    yield from (one.path for one in where[:1])


def _name_row(
    free: Sequence[ParameterModel], operation: Operation, entity: Entity
) -> Iterator[str]:
    """The parameters that say which row is meant, where none has to be given."""
    own = [one for one in free if one.use == "identity"]
    if operation == "create" or any(
        one.required for one in own if one.field not in entity.identity[:-1]
    ):
        return
    keyed = [one for one in own if one.field == entity.identity[-1]]
    if keyed:
        yield from (one.path for one in own if one.field in entity.identity[:-1])
        yield keyed[0].path
    elif operation in ("update", "delete") and not any(one.required for one in free):
        yield from (one.path for one in free if one.use == "reference" and one.opaque)


def _say_what(
    free: Sequence[ParameterModel], entity: Entity, name: frozenset[str]
) -> Iterator[str]:
    """What something new cannot be without: a title, a message's text, where it goes and when."""
    fields = [one for one in free if one.use in ("field", "reference")]
    about = name | {*entity.noun.split()[-1:]}
    told = [one for one in fields if one.required and snake(one.name) not in _words("recipients")]
    told = [one for one in told if one.semantic != "handle"]  # whom it is shown to
    worded = bool(about & _words("worded")) and not told  # a review with stars needs no words
    kinds = ["new_names", *(("new_texts", "recipients") if worded else ())]
    for kind in kinds:
        named = [one for one in fields if snake(one.name) in _words(kind)]
        if named and not any(one.required for one in named):
            yield named[0].path
    if name & _words("put_off") and not any(one.semantic == "datetime" for one in told):
        yield from [one.path for one in fields if one.semantic == "datetime"][:1]  # when it is sent
    if about & _words("of_something") and not any(one.use == "reference" for one in told):
        yield from [one.path for one in fields if one.use == "reference"][:1]  # what is ordered
    if about & _words("of_events") and not any(one.use == "reference" for one in told):
        events = load_words("unsayable", "public_events") | {"event"}
        nouns = ((one, split_entity_key(one.entity)[1].split()) for one in fields if one.entity)
        yield from [one.path for one, noun in nouns if noun[-1] in events][:1]  # what it is for


def _say_to_whom(free: Sequence[ParameterModel], name: frozenset[str]) -> Iterator[str]:
    """Who gets what is handed on: a ticket that is transferred, a list that is shared."""
    to, of = (load_table("inference")["role_words"][one] for one in ("to", "from"))
    deeds = name & _words("handed_on")
    people = _words("people") | {*to, *(f"{one}ee" for one in deeds)}
    told = [one for one in free if one.semantic == "email" or people & {*noun_words(one.name)}]
    told = [one for one in told if not {"by", *of}.intersection(split_words(one.name))]
    told += [one for one in free if snake(one.name) in _words("recipients")]
    if deeds and not any(one.required for one in told):
        yield from (one.path for one in told[:1])


def find_nameless(
    parameters: Sequence[ParameterModel], operation: Operation, entity: Entity | None
) -> str:
    """Why a call may be about no row: none of what is required, and no identity, says which.

    Or what is said to be the row's id is taken for something else; or what is made is a trial, of
    which only the outcome is wanted.
    """
    if entity is None or operation in ("list", "compute"):
        return ""
    naming = ("identity", "reference")
    nouns = entity.noun.split()[-1:]
    keyed = any(one.use == "identity" and one.semantic in _KEYS for one in parameters)
    for one in parameters if not keyed else ():
        told = _ID_OF.search(str(one.schema.get("description") or ""))
        if told and one.use not in naming and [*noun_words(told[1])][-1:] == nouns:
            return f"{one.path} is the id of a {entity.noun}, and nothing tells of which kind."
    if operation == "create":
        tried = not _words("trials").isdisjoint(nouns)
        return f"Nothing tells what a {entity.noun} comes to." if tried else ""
    if any(one.required or one.use in naming for one in parameters):
        return ""
    keys = [one.path for one in parameters if one.semantic in _KEYS]
    return f"Nothing tells that {keys[0]} says which {entity.noun} is meant." if keys else ""


def discards(parameter: ParameterModel) -> bool:
    """Whether a flag says that a row is archived or thrown away: ``in_trash``."""
    flag = parameter.schema.get("type") == "boolean" or parameter.semantic == "boolean"
    return flag and not _words("discarding").isdisjoint(split_words(parameter.name))


_IDS_IN_TEXT = re.compile(
    r"\b(?:comma|space)[- ]separated\b[^.]*\b(?:IDs?|users|channels|members)\b", re.IGNORECASE
)


def is_list_of_ids(parameter: ParameterModel) -> bool:
    """Whether a text holds ids one after the other, as nobody says them."""
    told = str(parameter.schema.get("description") or "")
    return "[]" not in parameter.path and _IDS_IN_TEXT.search(told) is not None


def is_untold_kind(parameter: ParameterModel) -> bool:
    """Whether a kind of things has to be named, and nothing tells which kinds there are."""
    told = {"enum", "const", "default", "examples", "pattern", "format"} & parameter.schema.keys()
    kind = noun_words(parameter.name)[-1:] in (("type",), ("kind",))
    plain = parameter.semantic in ("label", "unknown", "text", "title")
    return kind and plain and not told and parameter.use != "reference"
