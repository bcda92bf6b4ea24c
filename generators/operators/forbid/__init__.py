"""A rule forbids what the user asks for: the assistant looks, explains it, and declines."""

from dataclasses import replace
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import run_on, tell_findings
from generators.language.report import deed
from generators.language.scene import Scene
from generators.lexicon.date_names import deed_in
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.operators.operator import (
    Effect,
    Operator,
    count_calls,
    count_turns,
    find_needed,
    leave_unmade,
)
from generators.tasks.drawn_rules import draw_rule
from generators.tasks.plan import Plan
from schemas.policy import PolicyRule
from schemas.twists import Comparison, Hurry, Revision, Withheld, has_twist


class Forbid(Operator):
    """A write that nothing else needs is forbidden by a rule, and not made."""

    name = "forbid"
    share = 0.1
    what = (
        "a rule in the system message forbids a write that is asked for: the assistant looks, "
        "explains the rule and declines"
    )
    effects = (
        Effect("forbid", "calls that a rule forbids", count_calls(lambda call: call.barred)),
        Effect(
            "forbid",
            "turns declined by a rule",
            count_turns(lambda t: t.outcome == "refuse" and any(c.barred for c in t.calls)),
        ),
    )

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A rule is drawn such that one write, which is all its turn is about, breaks it."""
        needed, writes = find_needed(plan), []
        names = [executed.model.name for executed in plan.done]
        for call, executed in enumerate(plan.done):
            if executed.model.writes and call not in needed and names.count(names[call]) == 1:
                number = plan.turn_of(call)
                turn = plan.turns[number]
                spoilt = has_twist(turn, Withheld, Revision, Comparison, Hurry)
                last = call == turn.calls[-1] and turn.outcome == "complete"
                if last and not spoilt and not plan.leads_to(number):
                    writes.append(call)
        rng.shuffle(writes)
        for call in writes:
            rule = draw_rule(plan, call, rng, allowed=False)
            if rule is None:
                continue
            turn = plan.turns[plan.turn_of(call)]
            declined = replace(turn, outcome="refuse", reason=rule.sentence, confirm=False)
            paths = [rule.path] if rule.aspect == "argument" else list(rule.key.values())
            given = {path: plan.done[call].arguments[path] for path in paths}
            rules = (*plan.rules, rule)
            if barred := leave_unmade(plan, call, declined, self.name, given, rules=rules):
                return barred
        return plan

    def report_turn(self, turn: TurnDraft) -> bool:
        """What was found, what cannot be done, and by which rule."""
        scene = turn.scene
        barred = [call for call in turn.calls if scene.calls[call].barred]
        if not barred:
            return False
        found = tell_findings(turn, [call for call in turn.calls if call not in barred], barred)
        rules = (one for one in scene.task.rules if one.sentence == turn.turn.reason)
        rule = next(rules, None)
        wish = deed(scene, barred[0])
        if rule is None:  # one of the service, in the words of its policy
            said = turn.assistant_words("bar_plain", wish=wish, rule=turn.turn.reason)
        else:
            said = turn.assistant_words("bar", wish=wish, why=_explain(scene, barred[0], rule))
        turn.say_as_assistant("refuse", run_on([found, said]))
        turn.draft.seen |= set(turn.sinks) - set(barred)
        return True


def _explain(scene: Scene, call: int, rule: PolicyRule) -> str:
    """What stands in the way: ``the total is more than 200 euros``."""
    name = label(rule.path)
    if rule.aspect in ("days_since", "days_until"):
        days = f"{rule.limit} {'day' if rule.limit == 1 else 'days'}"
        away = f"less than {days} away" if rule.aspect == "days_until" else f"more than {days} ago"
        return f"it was {done} {away}" if (done := deed_in(name)) else f"the {name} is {away}"
    if rule.comparison == "is_not":
        return f"the {name} is {scene.tell(rule.limit, 'enum')}"
    meant = (
        scene.model(call).parameter(rule.path)
        if rule.aspect == "argument"
        else scene.world.entities[rule.table].fields[rule.path]
    )
    limit = scene.tell(rule.limit, meant.semantic, str(meant.schema.get("description")))
    if is_plural(name):
        return f"that would be more than {limit} {name}"
    return f"the {name} is more than {limit}"
