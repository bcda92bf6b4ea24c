"""A rule forbids what the user asks for: the assistant looks, explains it, and declines."""

import re
from dataclasses import replace
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.write_script import run_on, tell_findings
from generators.language.request import deed
from generators.lexicon.names import in_words, label
from generators.operators.operator import (
    Operator,
    count_rules,
    find_last_calls,
    has_policy,
    is_ruled,
    leave_unmade,
)
from generators.sandbox.row_states import final_states
from generators.tasks.careful_writes import find_broken_state
from generators.tasks.plan import Plan
from generators.tasks.sought_rules import draw_rule, may_rule
from generators.world.model import ToolModel, World
from schemas.policy import PolicyRule
from schemas.twists import Comparison, Hurry, Revision, Withheld

_GROUNDS = {
    " whose ": "the {}",
    " that was ": "it was {}",
    " with more than ": "that would be more than {}",
}
"""What stands before the ground in a rule that `draw_rule` has worded → the ground by itself."""

_FOR_STAFF = re.compile(
    r",? and you (?:should|must)\b.*$|(?:;|, so|, and) (?:[^;,]*, )?"
    r"(?:hand|say|offer|thank|ask|name|wait|do not|never|give|use)\b.*$"
)
"""What a rule says to the assistant alone."""


class Forbid(Operator):
    """A write that nothing else needs is forbidden by a rule, and not made."""

    name = "forbid"
    share = 0.1
    what = (
        "a rule in the system message forbids a write that is asked for: the assistant looks, "
        "explains the rule and declines"
    )
    needs = "a write with an amount, or about a row with an amount or a day"
    claims = "write"
    shown_by = frozenset({"get", "list"})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write that the service's own rules or needs can forbid, or one that a rule can."""
        if is_ruled(world, model.tool.domain):
            return model.writes and bool(count_rules(world, model) or model.needs)
        return may_rule(world, model)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A rule is drawn such that one write, which is all its turn is about, breaks it.

        A service that has a policy has its own rules: no other one is put beside them.
        """
        if has_policy(plan):
            return plan
        names = [executed.model.name for executed in plan.done]
        last = find_last_calls(plan, Withheld, Revision, Comparison, Hurry)
        writes = [c for c in last if plan.done[c].model.writes and names.count(names[c]) == 1]
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
        rules = [one for one in scene.task.rules if one.sentence == turn.turn.reason]
        wish = deed(scene, barred[-1])
        if rules:
            said = turn.assistant_words("bar", wish=wish, why=_explain(rules[0]))
        else:  # one of the service, in the words of its policy, or what it would answer
            rule = _FOR_STAFF.sub(".", turn.turn.reason)
            over = turn.turn.outcome == "transfer"  # which is regretted once, as they are passed on
            parts = [rule if over else turn.assistant_words("bar_plain", wish=wish, rule=rule)]
            # How the row stands, where that is why, and what the service offers instead: with what
            # has come to its end nothing can be done.
            model, arguments = scene.model(barred[-1]), scene.calls[barred[-1]].arguments
            results = scene.results[: barred[-1]]
            entity = scene.world.entities.get(model.entity or "")
            state = find_broken_state(scene.world, model, arguments, turn.turn.reason, results)
            told = scene.tell(state, "enum") if state else ""
            if told and told not in turn.turn.reason.casefold():  # ``the card has expired`` says it
                thing = label(entity.noun if entity else "")
                parts.append(turn.assistant_words("bar_state", thing=thing, state=told))
            if entity is None or not state or in_words(state) not in final_states(entity):
                service = scene.world.domains.get(scene.task.domain)
                offers = [one.offer for one in (service.rules if service else ())
                          if one.text == turn.turn.reason and one.offer]  # fmt: skip
                parts += [turn.assistant_words("offer_instead", offer=one) for one in offers[:1]]
            said = run_on(parts)
        if turn.turn.outcome == "transfer":
            said = run_on([said, turn.assistant_words("hand_over")])
            turn.say_as_assistant("transfer", run_on([found, said]))
        else:
            turn.say_as_assistant("refuse", run_on([found, said]))
        turn.draft.seen |= set(turn.sinks) - set(barred)
        return True


def _explain(rule: PolicyRule) -> str:
    """What stands in the way: ``the total is more than 200 euros``, in the words of the rule."""
    sentence = rule.sentence.removesuffix(".")
    for words, said in _GROUNDS.items():
        _, found, ground = sentence.partition(words)
        if found:
            return said.format(ground)
    return f"the {label(rule.path)} is more than {sentence.rpartition(' of more than ')[2]}"
