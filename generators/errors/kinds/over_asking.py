"""The user is asked for what they have said."""

from collections.abc import Iterator
from random import Random

from generators.errors.draft import Draft, Kind, draw_words
from generators.errors.ground import Ground, shuffled
from generators.lexicon.names import label
from generators.lexicon.relations import find_counted
from schemas.message import FromUser, UserMessage


def _place(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        said = [
            (one.path, one.source.span) for one in step.call.provenance
            if isinstance(one.source, FromUser) and "." not in one.path and "[" not in one.path
        ]  # fmt: skip
        before = ground.clean.messages[step.position - 1]
        if not said or not isinstance(before, UserMessage):
            continue
        path, span = shuffled(rng, said)[0]
        reply = before.model_copy(
            update={
                "text": draw_words(rng, "over_asking", "answer").format(said=span),
                "act": "inform",
            }
        )
        yield Draft(
            decision=step.position, resume=step.position, code=None, act="clarify",
            text=draw_words(rng, "over_asking", "said").format(name=_name(path)),
            reply=reply,
            details={"tool": step.call.name, "parameter": path},
        )  # fmt: skip


def _name(parameter: str) -> str:
    """What people call it: ``number of bags paid for``."""
    counted = find_counted(parameter)
    return f"number of {counted.label}" if counted else label(parameter)


KIND = Kind(
    "over_asking",
    "the user is asked for what they have said",
    "The user had given what {parameter} needs.",
    _place,
)
