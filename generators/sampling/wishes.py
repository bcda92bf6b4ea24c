"""Which tools do what somebody might wish for: the gates, in order, each with its reason.

What a gate looks at stands where it is written: what has to be told and what is done in
`generators.sampling.errands`, what comes back in `generators.sampling.answers`.
"""

from collections.abc import Callable

import generators.sampling.answers as answers
import generators.sampling.errands as errands
from generators.language.deed_words import is_thing
from generators.sampling.errands import Errand
from generators.sampling.made_up import is_made_up
from generators.sampling.promised_answers import lacks_promised
from generators.sandbox.understood_values import find_unclear
from generators.world.model import ToolModel, World, is_described

ONLY_CHOICES = "it lists what others choose from"
SAYS_NOTHING = "its answer would say nothing"
Gate = tuple[Callable[[Errand], bool | str], str]
"""What may speak against an errand; and why, with room for the tool and what was found."""


def find_unsayable(errand: Errand) -> str:
    """Why a value that it needs could not be said; rows that a list shows are pointed at."""
    for one in errand.needed:
        listed = one.use in ("identity", "reference") and one.semantic != "unknown"
        if listed and answers.is_found_by_name(errand.world, one.entity):
            continue
        if "const" not in one.schema and (
            unclear := find_unclear(errand.model, errand.entity, one)
        ):
            return f"{one.path}: {unclear}"
    return ""


READABLE: Gate = (errands.is_unreadable, "its words are not English")
"""Before all else: what rules cannot read, they say nothing of."""

UNDERSTOOD: tuple[Gate, ...] = (
    READABLE,
    (errands.lets_in, "nobody comes to be let in"),
    (errands.find_doubt, "in doubt: {found}"),
    (errands.find_suspicion, "its description stands in the way: {found}"),
)
"""What speaks against a tool even as a step on the way to something else."""

FOR_ALL: tuple[Gate, ...] = (
    *UNDERSTOOD,
    (errands.leads_elsewhere, "it only leads to something else"),
    (errands.has_no_words, "nobody would put it into words"),
    (errands.lists_choices, ONLY_CHOICES),
)
"""What speaks against a tool whoever described its service."""

SENSE: tuple[Gate, ...] = (
    (answers.is_asked_by_another, "it is asked by a name, and its rows are known by ids"),
    (answers.is_in_another_form, "nobody writes its answer in the form that it promises"),
    (answers.shows_one_of_all, "its answer shows one row of many"),
    (answers.hangs_on_option, "what it answers hangs on what nobody can tell it"),
    (answers.is_invented, "nothing tells how its answer is worked out"),
    (errands.fetches_what_is_there, "nobody tells what stands at that address"),
    (errands.names_no_row, "nothing says which {model.noun} is meant"),
    (answers.is_wordless, "a {model.noun} without its words is none"),
    (answers.asks_other_times, "nothing ties the times that it shows to those asked for"),
    (answers.is_of_its_own_kind, "nothing tells what such a service calls its rows"),
    (errands.is_told_from_another, "nothing says what tells it from another tool"),
    (errands.acts_on_anything, "nothing says what it is done to"),
    (errands.is_keyed_by_another, "nothing says what it is done to"),
    (errands.changes_nothing, "nothing tells it what to change"),
    (errands.does_untold, "nothing tells what it does to the row"),
    (errands.is_undone_by_choice, "its name tells of one deed, and a choice of another"),
    (errands.makes_unnamed, "nothing tells how the new {model.noun} is called"),
    (lacks_promised, "its answer lacks what its description promises"),
    (answers.saves_file, "nothing shows the file that it saves"),
    (answers.makes_up, "nothing can hold what it makes up"),
)
"""What makes no sense of a tool's answer, or of what it does, whatever is shown.

A person who describes a service vouches for its tools; a model that does so is held against this.
"""


MADE_UP: Gate = (is_made_up, "nothing ties together what its rows are made up of: {found}")
"""What is left to whoever describes the service."""


def waits_for_untold(errand: Errand) -> str:
    """Another tool that must come before a write, where nobody knows what that one answers."""
    world, gates = errand.world, (*UNDERSTOOD, *SENSE)
    firsts = (world.models.get(one.tool or "") for one in errand.model.demands
              if one.kind == "after" and errand.model.writes)  # fmt: skip
    return next((one.name for one in firsts if one and _pass(gates, Errand(world, one))), "")


WHERE_UNTOLD: tuple[Gate, ...] = (
    (errands.sends_file, "nobody has the file at hand"),
    (answers.shows_media, "a text shows no image and no sound"),
    (errands.serves_customer, "only the service can decide it"),
    (errands.does_many, "it does many things at once"),
    (errands.is_dictated, "nobody dictates a list of things field by field"),
    *SENSE,
    (find_unsayable, "{found}"),
    (waits_for_untold, "what {found} answers first is not known"),
    MADE_UP,
    (answers.says_nothing, SAYS_NOTHING),
)
"""What speaks against a tool of a service of which nobody has said what it is for."""


def is_wish(world: World, model: ToolModel) -> bool:
    """Whether somebody would ask for a tool's work, and could."""
    return not find_objection(world, model)


def find_objection(world: World, model: ToolModel) -> str:
    """Why nobody would ask for a tool's work, or could; "" where somebody would."""
    gates = (*FOR_ALL, *WHERE_UNTOLD)
    if is_described(world, model):
        service = world.domains[model.tool.domain]
        authors = {
            service.origins[key].source for key in ("service", "users") if key in service.origins
        }
        gates = FOR_ALL if authors != {"model"} else (*FOR_ALL, *SENSE)
    return _pass(gates, Errand(world, model))


def is_senseless(world: World, model: ToolModel) -> bool:
    """Whether what a tool answers is no answer to what it is asked, or none that rules can read."""
    return bool(_pass((READABLE, *SENSE), Errand(world, model)))


def is_plain(world: World, model: ToolModel) -> bool:
    """Whether a tool's work is come for where a catalogue has nothing better, in stiff words.

    What others choose from; or a read whose answer is bare, and whose description promises no more
    in words that are understood: what it needs can be told, and what is said of it is true.
    """
    errand = Errand(world, model)
    if find_objection(world, model) == ONLY_CHOICES:
        return True
    if model.operation not in ("get", "list") or model.doubts or model.suspect:
        return False
    if errands.lets_in(errand) or model.hands_over or errands.is_dictated(errand):
        return False
    # A service with a name of its own has more to tell of its things than that there are some.
    special = errand.needed or answers.PROPER.search(model.tool.description)
    unknown = answers.shows_ids_alone(model) and (special or not is_thing(model.noun))
    if (unknown or answers.promises(model)) and answers.says_nothing(errand):
        return False
    return not _pass((READABLE, *SENSE, MADE_UP, (find_unsayable, "{found}")), errand)


def _pass(gates: tuple[Gate, ...], errand: Errand) -> str:
    """What the first gate says that an errand does not pass; "" where it passes all."""
    for speaks_against, reason in gates:
        if found := speaks_against(errand):
            return reason.format(model=errand.model, found=found)
    return ""
