"""Which tools do what somebody who writes might wish for."""

from generators.identity_cache import Same
from generators.language.action import action
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sandbox.own_rows import find_user
from generators.world.model import ToolModel, World
from schemas.semantic import ADDRESS

_SAID = 7
"""Values that a person tells in two or three messages, where nobody has said how they put it."""


def is_wish(world: World, model: ToolModel, *, guessed: bool = False) -> bool:
    """Whether somebody would ask for a tool's work, and could.

    It has words, and is not guessed or suspect; people are not asked for as if that were a piece of
    work; nobody comes to be looked up themselves; what staff does for a customer is no wish of
    theirs; and what it has to be told can be said. ``guessed``: what is guessed will do.
    """
    if find_verb(model.verb).enters:
        return False  # nobody comes to be let in
    user = find_user(Same(world), model.tool.domain)
    own = user is not None and model.entity == user.key and not model.writes
    if (
        (model.doubts and not guessed)
        or model.suspect
        or hands_over(model)
        or own
        or not action(model).sayable
    ):
        return False
    if model.operation == "list" and not model.parameters and _is_reference(world, model):
        return False
    service = world.domains.get(model.tool.domain)
    if service is not None and (service.service or service.users):
        return True
    return not _serves_customer(world, model) and _count_said(model) <= _SAID


def _is_reference(world: World, model: ToolModel) -> bool:
    """Whether a tool lists what nothing changes and others choose from: airports, categories."""
    others = [one for one in world.models.values() if one is not model]
    written = any(one.writes and one.entity == model.entity for one in others)
    named = any(p.entity == model.entity for one in others for p in one.parameters)
    return named and not written


def hands_over(model: ToolModel) -> bool:
    """Whether a tool hands the user over to people, and needs no more than words for it."""
    words = set(split_words(model.tool.clear_name))
    texts = [p for p in model.parameters if p.required]
    plain = len(texts) <= 1 and all(p.schema.get("type") == "string" for p in texts)
    people, hands = load_words("inference", "helpers"), load_words("inference", "hands_over")
    return bool(words & people and words & hands) and plain


def _serves_customer(world: World, model: ToolModel) -> bool:
    """Whether a tool gives to the customer what only the service can decide."""
    user = find_user(Same(world), model.tool.domain)
    named = {one.entity for one in model.parameters if one.required}
    gives = not load_words("inference", "staff_acts").isdisjoint(split_words(model.verb))
    return model.writes and user is not None and user.key in named and gives


def _count_said(model: ToolModel) -> int:
    """How many values a call has to be told: an address is one, in lists each counts twice."""
    told = [one for one in model.parameters if one.required and not one.found]
    plain = [one for one in told if one.semantic not in ADDRESS or one.use != "field"]
    twice = sum("[]." in one.path for one in told)
    return len(plain) + twice + (len(plain) < len(told))
