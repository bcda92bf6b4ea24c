"""A request that the policy leaves to people: it is handed over, by a tool where there is one."""

import re
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.identity_cache import Same
from generators.language.phrase import Mention, Phrase
from generators.lexicon.names import capital
from generators.lexicon.tables import load_words
from generators.operators.operator import Operator, load_list, marked
from generators.sandbox.own_rows import find_user
from generators.tasks.feeding import Executed
from generators.tasks.offered_tools import spoken_of
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls
from generators.world.model import World
from schemas.task import Origin

_HANDING = re.compile(
    r"transfer[^.!?\n]*\bsend the message (['\"])(.{10,200}?)\1", re.IGNORECASE | re.DOTALL
)
"""The very words that a policy wants said when somebody is handed over."""


class Transfer(Operator):
    """The last request is for a matter that the policy leaves to people."""

    name = "transfer"
    share = 0.06
    what = (
        "the last request is for a matter that the system message leaves to people: it is "
        "handed over, by a tool where the catalogue has one"
    )

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A matter of which no tool speaks is wanted at the end; not of what keeps no rows."""
        if not any(executed.model.entity for executed in plan.done):
            return plan
        models = plan.setting.world.models.values()
        tool = next((model for model in models if model.hands_over), None)
        domains = {executed.model.tool.domain for executed in plan.done}
        spoken = spoken_of(m for m in models if m is not tool and m.tool.domain in domains)
        matters = load_list(__name__, "matters.yaml")
        world = Same(plan.setting.world)
        serves = any(serves_customers(world, domain) for domain in sorted(domains))
        whose = ("customers", None) if serves else ("staff", None)
        open_matters = [
            one
            for one in matters
            if spoken.isdisjoint(one["words"].split()) and one.get("of") in whose
        ]
        over = any(executed.model is tool for executed in plan.done)
        if not open_matters or over or any(one.outcome == "transfer" for one in plan.turns):
            return plan
        matter = rng.choice(open_matters)
        # Without a tool for it, a word is all that the assistant can do.
        what = "hand them over at once" if tool else "say that a colleague takes over"
        wish, rule = matter["wish"], f"{capital(matter['matter'])} are for a person: {what}."
        services = (plan.setting.world.domains.get(domain) for domain in domains)
        stands = any(one is not None and one.policy_stands for one in services)
        longer = marked(
            plan,
            self.name,
            turns=(*plan.turns, TurnPlan((), wish, outcome="transfer", reason=rule)),
            sentences=plan.sentences if stands else (*plan.sentences, rule),
        )
        if tool is None:
            return longer
        paths = [parameter.path for parameter in tool.parameters if parameter.required]
        arguments = dict.fromkeys(paths, wish)
        outcome = plan.environment().call(tool.name, arguments)
        if outcome.is_error:
            return plan
        origins = tuple(Origin(path=path, kind="user") for path in paths)
        last = max(executed.turn for executed in plan.done) + 1
        call = Executed(tool, arguments, origins, outcome.content, last, composed=True)
        return insert_calls(longer, len(plan.turns), len(plan.done), [call])

    def write_turn(self, turn: TurnDraft) -> bool:
        """The request, and what becomes of it."""
        if turn.turn.outcome != "transfer" or any(c.barred for c in turn.turn.calls):
            return False
        scene, calls = turn.scene, turn.calls
        mentions = tuple(
            Mention(call, origin.path, turn.turn.intent, "literal")
            for call in calls
            for origin, _, _ in scene.told(call)
        )
        body = turn.user_words("want_person", wish=Phrase(turn.turn.intent, mentions))
        turn.say_as_user("request", turn.opened(body.as_sentence(), ""))
        if calls:
            turn.say_as_assistant("call", turn.assistant_words("lead_in_transfer"), calls)
        told = _HANDING.search(scene.task.policy) if calls else None
        said = told[2] if told else turn.assistant_words("handed_over" if calls else "hand_over")
        turn.say_as_assistant("transfer", said)
        return True


def serves_customers(world: Same[World], domain: str) -> bool:
    """Whether people outside write to the service, and not those who work there."""
    service = world.it.domains.get(domain)
    if service is not None and service.users:
        return not load_words("inference", "served").isdisjoint(service.users)
    return find_user(world, domain) is not None
