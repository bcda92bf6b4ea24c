"""Whether what a read answers says anything to whoever asked.

Ids, links and times of creation say nothing, nor does what was asked by; of many rows each has to
bear a name, or to differ in something that a person would read.
"""

from collections.abc import Iterator

from generators.language.facts import has_spoken_ids
from generators.language.references import name_noun
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.row_values import is_filed
from generators.world.model import ParameterModel, ToolModel, World
from generators.world.schema_leaves import leaves_of, path_top, result_row, schema_type
from generators.world.semantics import semantic_type
from schemas.semantic import SemanticType

_SILENT = frozenset({"opaque_id", "number_id", "url", "cursor", "sha", "color", "object", "list"})
"""Meanings of values that tell rows apart, or lead to them, and say nothing of them."""
_NUMBERS = frozenset({"number", "no", "num", "nr"})
_NAMES = frozenset(
    "title person_name first_name last_name company email handle path text number_id branch "
    "label".split()
)
"""Meanings by which a person tells rows of a list apart."""
_MARKS = frozenset("date datetime time money city country airport phone street address".split())
"""Others that tell rows apart, if there are two of them."""
_FILES = frozenset({"document", "folder"})
_WORD = 4
"""Letters of a word that tells something."""


def says_something(world: World, model: ToolModel) -> bool:
    """Whether a read's answer holds more than ids, links and what it was asked by."""
    if model.operation not in ("get", "list"):
        return True
    found = dict(_list_telling(world, model))
    if model.operation == "get":  # of what stands in a list, flags and numbers tell nobody anything
        return any("[]" not in path or one in _NAMES | _MARKS for path, one in found.items())
    own = [semantic for path, semantic in found.items() if "[]" not in path]
    return any(one in _NAMES for one in own) or sum(one in _MARKS for one in own) > 1


def promises(model: ToolModel) -> bool:
    """Whether a description tells of more than the thing itself: its price, what is in it."""
    own = {*noun_words(model.noun), *noun_words(model.tool.clear_name), model.verb}
    plain = load_words("inference", "generic") | load_words("inference", "qualifiers")
    words = {*noun_words(model.tool.description)} - own - plain
    words -= load_words("inference", "prepositions") | load_words("inference", "keys")
    told = (word for word in words if len(word) >= _WORD and word.isascii())
    return any(find_verb(word).operation is None for word in told)


def shows_ids_alone(model: ToolModel) -> bool:
    """Whether nobody has said what comes back, and the row that is made up is a bare id."""
    row = result_row(model.tool.model_copy(update={"returns": model.returns}), model.noun)
    leaves = [*leaves_of(row)]
    meanings = {semantic_type(leaf.name, leaf.schema) for leaf in leaves}
    return model.returns_inferred and bool(leaves) and meanings <= _SILENT


def is_found_by_name(world: World, entity: str | None) -> bool:
    """Whether a tool lists the rows of an entity with what a person tells them apart by."""
    return any(
        model.operation == "list" and model.entity == entity and says_something(world, model)
        for model in world.models.values()
    )


def _list_telling(world: World, model: ToolModel) -> Iterator[tuple[str, SemanticType]]:
    """Path and meaning of what a result's row, or the lone result, tells a person."""
    tool = model.tool.model_copy(update={"returns": model.returns})
    row = result_row(tool, model.noun) or model.returns
    entity = world.entities.get(model.entity or "")
    asked = {one.field or one.name for one in model.parameters if one.required}
    if entity is not None and is_filed(entity) and named_as(model.noun) not in _FILES:
        asked.update(entity.identity)  # what such a file is called nobody knows: a memory dump
    if not isinstance(row, dict) or schema_type(row) not in ("object", "array", ""):
        row = {"properties": {"": row}}
    for leaf in leaves_of(row):
        name = path_top(leaf.path)
        field = entity.fields.get(name) if entity is not None else None
        own = field is not None and leaf.path.replace("[]", "") == name
        told = field if own else None
        semantic = told.semantic if told else semantic_type(leaf.name, leaf.schema)
        words = {*split_words(leaf.name), *noun_words(leaf.name)}
        spoken = load_words("telling", "spoken_ids") & (words | {model.noun.rpartition(" ")[2]})
        known = semantic == "number_id" and bool(spoken)
        if (semantic in _SILENT or (told is not None and told.entity)) and not known:
            continue
        kept = load_words("telling", "bookkeeping") | load_words("inference", "unshown")
        if leaf.path in asked or words & kept:
            continue
        if model.returns_inferred and semantic == "path" and not (entity and is_filed(entity)):
            continue  # where something else lies is made up
        yield leaf.path, semantic


def is_never_said(world: World, parameter: ParameterModel) -> bool:
    """Whether it is a bare number that no person would say, whichever it is: of a comment."""
    if parameter.semantic != "number_id" or {"const", "default"} & parameter.schema.keys():
        return False
    noun = name_noun(world, parameter)
    spoken = " " not in noun or noun in load_words("telling", "spoken_ids")
    return not is_numbered(parameter) and not (spoken and has_spoken_ids(noun))


def is_numbered(parameter: ParameterModel) -> bool:
    """Whether its name says that it is a number: ``issue_number``."""
    return split_words(parameter.name)[-1] in _NUMBERS
