"""The system message: what the assistant is for, when it must ask, and what time it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

from generators.lexicon.names import label
from generators.lexicon.speech import speak_clock
from generators.tasks.needed_reads import HOLDS_FOR
from schemas.world_model import DomainMeaning

_ROLE = (
    "You help people with {domain} by using the tools that you have been given.",
    "You are an assistant for {domain}. Use the tools to do what the user asks for.",
    "You assist users of a {domain} service. What you know of their data comes from the tools.",
)
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


def policy_text(
    services: Mapping[str, DomainMeaning | None],
    clock: datetime,
    confirm_all: bool,
    rng: Random,
    rules: Sequence[str] = (),
    *,
    timed: bool = False,
) -> str:
    """The assistant's instructions for one conversation; ``rules``: a sentence each.

    ``services``: by domain, what is known of the services that the conversation is about, the
    main one first. ``timed``: it matters how long answers hold.
    """
    parts = [
        rng.choice(_ALWAYS if confirm_all else _FINAL),
        *rules,
        rng.choice(_HONEST),
        *([rng.choice(_HOLDS).format(minutes=HOLDS_FOR // 60)] if timed else []),
        f"It is {speak_clock(clock)}.",
    ]
    # What the assistant is, and the policy of each service, in the service's own words.
    policies = [one.policy.strip() for one in services.values() if one and one.policy]
    domain, service = next(iter(services.items()))
    if policies:
        also = [re.sub(r"^You are ", "You are also ", other) for other in policies[1:]]
        role = "\n\n".join([policies[0], *also, ""])
    elif service and service.service:
        role = f"You are {service.service}. You help people by using the tools that you are given. "
    else:
        role = rng.choice(_ROLE).format(domain=label(domain)) + " "
    return role + " ".join(parts)
