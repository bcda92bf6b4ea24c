"""The system message of a task: who the assistant is, the policy of the service, and the time."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

from generators.language.deed_words import is_thing
from generators.lexicon.names import join, label, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.spoken_values import speak_clock
from generators.tasks.needed_reads import HOLDS_FOR
from generators.world.model import World
from generators.world.tool_names import common_prefix
from schemas.world_model import DomainMeaning

_ROLE = (
    "You help people with {what} by using the tools that you have been given.",
    "You are an assistant for {what}. Use the tools to do what the user asks for.",
    "You assist people with {what}. What you know of their data comes from the tools.",
)
_MOST_THINGS = 3
_ALWAYS = (
    "Before you change anything, say what you are about to do and wait for the user to agree.",
    "Never create, change or delete anything before the user has confirmed it.",
)
_FINAL = (
    "Before anything that cannot be undone (deleting, cancelling, paying), ask for confirmation.",
    "Ask before a step that loses something for good; other steps may be done at once.",
)
_HONEST = (
    "Ask when something that you need is missing; never invent a value. "
    "If no tool can do what is asked, say so plainly.",
    "Do not guess: ask for what is missing. If none of the tools serves a request, tell the user.",
)
_HOLDS = (
    "What you have looked up holds for {minutes} minutes: within that time answer from it, later "
    "look it up again.",
    "A result is good for {minutes} minutes. After that, look things up anew before you report "
    "them; until then there is no need to.",
)


def name_things(world: World, domain: str) -> str:
    """What the tools of a domain deal with, in words, those of most tools first; "" for nothing.

    What stands at the beginning of all their names is what they are for: ``browser_click``.
    """
    own = [model for model in world.models.values() if model.tool.domain == domain]
    prefix = common_prefix([model.tool for model in own])
    names = [split_words(model.tool.clear_name) for model in own]
    shared = len({words[1] for words in names if len(words) > 1 and words[0] == prefix}) > 1
    if shared and is_thing(prefix, strictly=True):  # of ``customer relationship manager`` all
        return f"the {prefix}"
    nouns = Counter(model.noun for model in sorted(own, key=lambda one: one.name) if model.entity)
    things = [noun for noun, _ in nouns.most_common() if is_thing(label(noun), strictly=True)]
    things = things or [noun for noun, _ in nouns.most_common()]  # no backs and ups
    return join([plural(label(noun)) for noun in things[:_MOST_THINGS]])


def _read_policy(service: DomainMeaning) -> str:
    """The policy; of one that a model wrote, what it is and the lines that its rules hold.

    Whatever else a model demands of an assistant nobody checks, and a script does not do it.
    """
    policy = service.policy or ""
    if "policy" not in service.origins or service.origins["policy"].source != "model":
        return policy
    plain = (rule for rule in service.rules if not any(" " in one for one in rule.ask))
    held = [" ".join(rule.text.split()) for rule in plain]
    kept = []
    for line in policy.splitlines():
        words = " ".join(line.split())
        if not words.startswith("-") or any(one in words for one in held if one):
            kept.append(line)
    return "\n".join(kept)


def write_system_message(
    services: Mapping[str, DomainMeaning | None],
    things: str,
    clock: datetime,
    confirm_all: bool,
    rng: Random,
    rules: Sequence[str] = (),
    *,
    timed: bool = False,
) -> str:
    """The assistant's instructions for one conversation; ``rules``: a sentence each.

    ``services``: by domain, what is known of the services that the conversation is about, the
    main one first; ``things``: what its tools deal with. ``timed``: it matters how long answers
    hold.
    """
    service = next(iter(services.values()))
    asking, honest = rng.choice(_ALWAYS if confirm_all else _FINAL), rng.choice(_HONEST)
    stands = service is not None and service.policy_stands
    parts = [
        *(() if stands else (asking,)),
        *rules,
        *(() if stands else (honest,)),
        *([rng.choice(_HOLDS).format(minutes=HOLDS_FOR // 60)] if timed else []),
        f"It is {speak_clock(clock)}.",
    ]
    # What the assistant is, and the policy of each service, in the service's own words.
    told = (_read_policy(one).strip() for one in services.values() if one and one.policy)
    policies = list(dict.fromkeys(told))
    if policies:
        also = [re.sub(r"^You are ", "You are also ", other) for other in policies[1:]]
        role = "\n\n".join([policies[0], *also, ""])
    elif service and service.service:
        role = f"You are {service.service}. You help people by using the tools that you are given. "
    elif what := (service and service.name) or things:
        role = rng.choice(_ROLE).format(what=what) + " "
    else:
        role = "You help people by using the tools that you have been given. "
    return role + " ".join(parts)
