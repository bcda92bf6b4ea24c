"""The rows that a request names: what it is about, and whatever else it refers to."""

from dataclasses import dataclass, replace

from generators.language.action import action
from generators.language.description import described
from generators.language.details import ToldLeaf, tell_lists
from generators.language.phrase import NOTHING, Phrase, concat
from generators.language.reference_ambiguity import kind_of, only_one_named
from generators.language.references import identity_in_words, noun_for, refer, row_name, row_path
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import Told, tell_all
from generators.language.superlatives import best, chosen_origin, comparison_of, is_searched
from generators.lexicon.names import bare_label
from generators.world.model import ParameterModel
from schemas.task import Origin

_MAX_DEPTH = 1
"""How many "of the" follow one another; what lies deeper gets a sentence of its own."""


@dataclass(frozen=True)
class Named:
    """A row in words, with what must be said so that it can be found."""

    noun: str
    words: Phrase
    needs: tuple[Told, ...] = ()
    again: bool = False
    """This request has named the row before."""
    role: str = ""
    """Its part in what is done, as the world says it: ``from``."""

    @property
    def whole(self) -> Phrase:
        """The words and what is said in the same breath."""
        return concat([self.words, *(item.tail for item in self.needs if not item.is_detail)])

    @property
    def details(self) -> list[Told]:
        """What has to be said apart."""
        return [item for item in self.needs if item.is_detail]


NOBODY = Named("", NOTHING)


def is_object(scene: Scene, call: int) -> bool:
    """Whether the tool's work is done on one row."""
    return "{object}" in action(scene.model(call)).pattern


def object_of(scene: Scene, call: int, hidden: Hidden) -> Named:
    """The row that a call is about; NOBODY where it is about none."""
    if not is_object(scene, call):
        return NOBODY
    fed = [
        (origin, parameter)
        for origin, parameter in _fed(scene, call)
        if parameter.use == "identity" and "[" not in origin.path
    ]
    if fed:
        origin, parameter = fed[-1]
        return name_row(scene, origin, parameter, hidden)
    told = [
        (origin, parameter, value)
        for origin, parameter, value in scene.told(call)
        if parameter.use == "identity" and "[" not in origin.path
    ]
    if not told:
        return NOBODY
    told = _scope_first(told)
    said = [leaf for leaf in told if not hidden.silent(call, leaf[0].path)]
    if told[-1] not in said:
        known = (call, told[-1][0].path) in hidden.known
        noun = noun_for(scene, told[-1][1])
        left = [(origin.path, parameter, value) for origin, parameter, value in said]
        words = Phrase(f"that {noun}" if known else f"the {noun}")
        return Named(noun, words, tuple(tell_all(scene, call, left)))
    if _nameable([leaf[1].name for leaf in said]):
        return Named("", identity_in_words(scene, call, said))
    noun = noun_for(scene, said[-1][1])
    left = [(origin.path, parameter, value) for origin, parameter, value in said]
    return Named(noun, Phrase(f"the {noun}"), tuple(tell_all(scene, call, left)))


def _nameable(names: list[str]) -> bool:
    """Whether the identity can be said in one breath: "issue 12 in octo/site"."""
    if len(names) == 3:
        return {"owner", "repo"} < set(names)
    return len(names) < 3 and not {"first_name", "last_name"} & set(names)


def _scope_first(
    said: list[ToldLeaf],
) -> list[ToldLeaf]:
    """Owner, repository … before the row's own name."""

    def place(leaf: ToldLeaf) -> int:
        name = leaf[1].name.lower()
        return (
            ("owner", "repo").index(name)
            if name in ("owner", "repo")
            else 1
            if "repo" in name
            else 2
        )

    return sorted(said, key=place)


def _fed(scene: Scene, call: int) -> list[tuple[Origin, ParameterModel]]:
    model = scene.model(call)
    return [
        (origin, model.parameter(origin.path))
        for origin in scene.calls[call].origins
        if origin.kind == "result"
    ]


def name_row(
    scene: Scene, origin: Origin, parameter: ParameterModel, hidden: Hidden, depth: int = 0
) -> Named:
    """A row that another call finds; "it", or "that order", where this request has named it."""
    assert origin.call is not None
    noun = noun_for(scene, parameter)
    row = (origin.call, row_path(origin.result_path or ""))
    # Words for a row that the request has named; empty for one that has to be named anew.
    if row not in hidden.spoken:
        again = ""
    elif hidden.spoken[-1] == row:
        again = "it"
    else:
        kind = kind_of(scene, row[0])
        others = [one for one in hidden.spoken if one != row and kind_of(scene, one[0]) == kind]
        alone = not others or only_one_named(scene, row, hidden.spoken)
        again = f"that {noun}" if alone else ""
    if known := again:
        return Named(noun, Phrase(known), again=True)
    hidden.spoken.append(row)
    seen = origin.call in hidden.seen
    past = origin.call < hidden.start
    if (named := _compared(scene, origin, noun, hidden, depth)) is not None:
        return named
    words = _described(scene, origin, noun, hidden) or refer(
        scene, origin, noun, seen=seen, past=past, resolved=hidden.resolved,
        before=_named_for(scene, row, hidden.start), spoken=hidden.spoken,
    )  # fmt: skip
    wanting = () if seen or past else tuple(needs(scene, origin.call, hidden, depth))
    return Named(noun, words, wanting)


def _named_for(scene: Scene, row: tuple[int, str], start: int) -> int:
    """The first call from ``start`` on that takes a value from the row."""
    return next(
        (
            number
            for number in range(start, len(scene.calls))
            for origin in scene.calls[number].origins
            if (origin.call, row_path(origin.result_path or "")) == row
        ),
        start,
    )


def _compared(scene: Scene, origin: Origin, noun: str, hidden: Hidden, depth: int) -> Named | None:
    """A row that is chosen by comparison; None for any other."""
    comparison = comparison_of(scene, hidden.start)
    if comparison is None:
        return None
    chosen = chosen_origin(scene, comparison)
    if (chosen.call, chosen.result_path) != (origin.call, origin.result_path):
        return None
    if hidden.resolved:
        assert origin.call is not None
        name = row_name(scene, origin.call, row_path(origin.result_path or ""), noun)
        return Named(noun, Phrase(name or f"that {noun}"))
    words = best(scene, comparison, noun)
    first = comparison.calls[0] if is_searched(comparison) else origin.call
    assert first is not None
    if first < hidden.start:
        return Named(noun, Phrase(f"{words} of those"))
    return Named(noun, Phrase(words), tuple(needs(scene, first, hidden, depth)))


def _described(scene: Scene, origin: Origin, noun: str, hidden: Hidden) -> Phrase:
    """Words for a row that the task describes; none for any other."""
    row = (origin.call, row_path(origin.result_path or ""))
    reference = scene.reference(hidden.start, row)
    if reference is None or origin.call is None:
        return NOTHING
    if hidden.resolved and (name := row_name(scene, origin.call, row[1], noun)):
        return Phrase(name)
    fields = scene.world.entities[reference.table].fields
    said = [] if origin.call < hidden.start else scene.told(origin.call)
    told = {(parameter.field, value) for _, parameter, value in said}
    new = [one for one in reference.conditions if (one.field, one.value) not in told]
    return Phrase(described(scene, fields, new, noun))


def needs(scene: Scene, call: int, hidden: Hidden, depth: int = 0) -> list[Told]:
    """What must be said so that a call that nobody asks for can be made.

    Its own values, and to what the rows belong that it looks among: whoever asks for a task must
    say of which project, even if projects were shown before.
    """
    told = [leaf for leaf in scene.told(call) if not hidden.silent(call, leaf[0].path)]
    single = [(origin.path, p, value) for origin, p, value in told if "[" not in origin.path]
    out = tell_all(scene, call, single)
    out += tell_lists(scene, call, [leaf for leaf in told if "[" in leaf[0].path])
    for origin, parameter in _fed(scene, call):
        if _names_a_row(parameter) and "[" not in origin.path:
            owner = name_row(scene, origin, parameter, hidden, depth + 1)
            if not owner.again:
                near = depth < _MAX_DEPTH
                whole = owner.whole
                out.append(Told(tail="of " + whole) if near else Told(value="about " + whole))
                out += owner.details
    return out


def _names_a_row(parameter: ParameterModel) -> bool:
    return parameter.use in ("identity", "reference")


def references_of(scene: Scene, call: int, hidden: Hidden) -> list[Named]:
    """Other rows that the call names: "that patient", "the second one"."""
    found: list[Named] = []
    done: set[tuple[int | None, str, str | None]] = set()
    for origin, parameter in _fed(scene, call):
        if not _names_a_row(parameter) or origin.result_path is None:
            continue
        # Parts of one identity are one row and named once; what plays a part of its own in the
        # deed, as the account and the payee that one transfer names, is named each.
        apart = parameter.entity if parameter.role else None
        key = (origin.call, row_path(origin.result_path), apart)
        about = parameter.use == "identity" and is_object(scene, call) and "[" not in origin.path
        if key not in done and not about:
            named = name_row(scene, origin, parameter, hidden)
            if named.again:
                named = Named(named.noun, Phrase(f"that {named.noun}"))
            found.append(replace(named, role=parameter.role or ""))
        done.add(key)
    return found


def on_file(scene: Scene, call: int) -> list[Told]:
    """Ids that come along with a row and name nothing else: "with the payment method on file"."""
    return [
        Told(tail=Phrase(f"with the {bare_label(parameter.name)} on file"))
        for _, parameter in _fed(scene, call)
        if parameter.opaque and not _names_a_row(parameter)
    ]
