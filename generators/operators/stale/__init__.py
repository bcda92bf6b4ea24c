"""After hours the user asks for something again: what was looked up holds no longer (TicToc).

After arXiv 2510.23853, in which an assistant has to tell from the clock whether to call again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from generators.dialogue.turn_draft import TurnDraft
from generators.identity_cache import Same
from generators.language.phrase import NOTHING, Phrase
from generators.language.report import report
from generators.language.request_objects import is_object, object_of
from generators.language.rows import main_list
from generators.language.scene import Hidden, Scene
from generators.language.told_rows import FEW, name_row, quote_order, shows_all
from generators.lexicon.names import in_words, join
from generators.lexicon.spoken_values import number_word
from generators.operators.operator import Operator, marked
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.own_rows import find_user
from generators.sandbox.row_states import final_states
from generators.tasks.needed_reads import has_idle_reads, pause_before, went_with
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls, insert_turn
from generators.world.model import ToolModel, World
from schemas.environment import call_at
from schemas.leaves import objects_in
from schemas.twists import LeansOn, has_twist

_HOUR = 3600


def _shows_all(scene: Scene, call: int, rows: Sequence[Any]) -> bool:
    """Whether the rows that a list has found are all that there are."""
    made, plan = scene.calls[call], compile_tool(Same(scene.world), scene.calls[call].tool)
    return shows_all(plan, made.arguments, scene.results[call], len(rows))


def _name_rows(scene: Scene, call: int) -> Mapping[str, Any]:
    """The rows of a list by what they are called; none where one has no name, or another's.

    Nor any of a page: what a new row has pushed off it is not gone.
    """
    result = scene.results[call]
    found = main_list(result) if scene.model(call).operation == "list" else None
    path, rows = found or ("", [])
    if not _shows_all(scene, call, rows):
        return {}
    objects = all(isinstance(row, dict) for row in rows)
    names = [name_row(scene, call, f"{path}[{n}]") for n in range(len(rows)) if objects]
    named = dict(zip(names, rows, strict=True)) if objects else {}
    return named if all(names) and len(named) == len(rows) else {}


class Stale(Operator):
    """The conversation goes on after some hours, with a read that was made before."""

    name = "stale"
    share = 0.12
    what = (
        "after hours the user asks for something again; earlier answers hold no longer, as the "
        "system message says"
    )
    when = ", and some of the reads that nothing else needs"
    needs = "a read of what may change meanwhile"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A list, or a row with states or that some tool writes: a release stays as it is."""
        entity = world.entities.get(model.entity or "")
        if entity is None or model.operation != "get":
            return model.operation in ("get", "list")
        written = (one.entity for one in world.models.values() if one.writes)
        return entity.state_field is not None or entity.key in written

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A read that the user asked for, about one thing, is made again at the end."""
        if any(turn.elapsed for turn in plan.turns):
            return plan
        pause = pause_before(plan, rng)
        asked, world = [], plan.setting.world
        for call, executed in enumerate(plan.done):
            user = find_user(Same(world), executed.model.tool.domain)
            if user is not None and executed.model.entity == user.key:
                continue  # nobody asks twice who they are
            turn = plan.turns[plan.turn_of(call)]
            gone = [one for at, one in enumerate(plan.done) if at > call and at not in plan.skipped]
            if went_with(world, executed, gone):
                continue
            lent = any(call in plan.done[other].sources for other in turn.calls)
            plain = not (lent or plan.has_twin(call) or has_twist(turn, LeansOn) or executed.looks)
            asked += [executed] if plain and self.allows(world, executed.model) else []
        if not asked or not pause:
            return plan
        executed = rng.choice(asked)
        then, name = plan.time_after(pause), executed.model.name
        outcome = call_at(plan.environment(), then, name, executed.arguments)
        found = sum(1 for _ in objects_in(outcome.content))
        if (
            outcome.is_error
            or self._is_over(world, executed.model, outcome.content)
            # By then the rows that were listed are elsewhere, by the user's own doing.
            or (found < 2 and executed.model.operation == "list")
        ):
            return plan
        again = replace(executed, result=outcome.content, twin=False, step=-1)
        longer = insert_turn(plan, len(plan.turns), TurnPlan((), elapsed=pause))
        longer = insert_calls(longer, len(plan.turns), len(plan.done), [again])
        return plan if has_idle_reads(longer) else marked(longer, self.name)

    def _is_over(self, world: World, model: ToolModel, row: Any) -> bool:
        """Whether one row is found that stays as it is: what is merged."""
        entity = world.entities.get(model.entity or "")
        if entity is None or model.operation == "list" or not isinstance(row, dict):
            return False
        return in_words(str(row.get(entity.state_field or "", ""))) in final_states(entity)

    def open_request(self, turn: TurnDraft) -> str | None:
        """The user says that they come back after hours."""
        hours = turn.turn.elapsed // _HOUR
        time = f"{number_word(hours)} hours" if hours > 1 else "an hour"
        return turn.user_words("back", time=time).text if hours else None

    def report_call(self, turn: TurnDraft, call: int, *, after: bool) -> str:
        """Who asks what has changed is told what is new in a list, or that nothing has."""
        scene = turn.scene
        if after or not scene.task.asks_again(turn.number):
            return ""
        again = scene.calls[call]
        before = [
            number
            for number, one in enumerate(scene.calls[:call])
            if not one.lost and one.tool == again.tool and one.arguments == again.arguments
        ]
        if again.lost or not before:
            return ""
        if scene.results[before[-1]] == scene.results[call]:
            rows = (main_list(scene.results[call]) or ("", []))[1]
            part = scene.model(call).operation == "list" and not _shows_all(scene, call, rows)
            return turn.assistant_words("unchanged_part" if part else "unchanged") + report(
                scene, call
            )
        known, now = _name_rows(scene, before[-1]), _name_rows(scene, call)
        both = [name for name in known if name in now]
        told = {
            "new": now.keys() - known.keys(),
            "gone": known.keys() - now.keys(),
            "changed": {name for name in both if known[name] != now[name]},
        } if known and now else {}  # fmt: skip
        said = [
            turn.assistant_words(key, names=join([*map(quote_order, sorted(names))]))
            for key, names in told.items()
            if 0 < len(names) <= FEW
        ]
        return "".join(said) + report(scene, call) if said else ""

    def word_request(self, turn: TurnDraft, hidden: Hidden) -> Phrase:
        """The user asks how a thing stands now, where nothing else has to be said of it."""
        scene, first = turn.scene, turn.calls[0]
        silent = all(hidden.silent(first, origin.path) for origin, _, _ in scene.told(first))
        if not (silent and scene.task.asks_again(turn.number) and is_object(scene, first)):
            return NOTHING
        thing = object_of(scene, first, hidden)
        if not thing.words or thing.needs:
            return NOTHING
        return turn.user_words("now_one", thing=thing.words).as_sentence()
