"""The system message has a rule about something that is done, and the state keeps to it."""

from random import Random

from generators.operators.operator import Operator, count_rules, has_policy, is_ruled, marked
from generators.tasks.plan import Plan
from generators.tasks.sought_rules import draw_rule, may_rule
from generators.world.model import ToolModel, World


class Permit(Operator):
    """A rule stands in the way of a write, and lets it pass."""

    name = "permit"
    share = 0.12
    what = "a rule in the system message is about a write, and the state keeps to it"
    needs = "a write with an amount, or about a row with an amount or a day"
    shown_by = frozenset({"get", "list"})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write that a rule of its service is about, or else one that a rule can be about."""
        if is_ruled(world, model.tool.domain):
            return count_rules(world, model) > 0
        return may_rule(world, model)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A rule is drawn such that one write keeps to it; beside a policy, its own is noted."""
        if has_policy(plan):
            made = (one for n, one in enumerate(plan.done) if n not in plan.barred)
            ruled = any(count_rules(plan.setting.world, one.model) for one in made)
            return marked(plan, self.name) if ruled else plan
        writes = [call for call, executed in enumerate(plan.done) if executed.model.writes]
        names = [plan.done[call].model.name for call in writes]
        rng.shuffle(writes)
        for call in writes:
            name = plan.done[call].model.name
            ruled = any(rule.tool == name for rule in plan.rules)
            if names.count(name) > 1 or ruled or call in plan.barred:
                continue
            if rule := draw_rule(plan, call, rng, allowed=True):
                return marked(plan, self.name, rules=(*plan.rules, rule))
        return plan
