"""A user's own policy: a text file that takes the place of every other policy of the assistant.

Rules of the world model that stand in it word for word stay, all others go: what the assistant is
not told it cannot keep to.
"""

from pathlib import Path

from generators.importers.texts import neutralise
from schemas.errors import InputError
from schemas.tool import Catalog
from schemas.world_model import DomainMeaning, WorldModel, WorldSource

LONGEST = 60_000
"""Characters of a policy: about 15,000 tokens of every conversation."""


def with_policy(catalog: Catalog, file: Path) -> Catalog:
    """The catalogue with this policy for all of its domains. Raises InputError."""
    name = str(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=name) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=name) from None
    lines = (line.rstrip() for line in neutralise(text).splitlines())
    text = "\n".join(lines).strip()
    if not text:
        raise InputError("holds no policy: it is empty", file=name)
    if len(text) > LONGEST:
        problem = f"has {len(text):,} characters; a policy has at most {LONGEST:,}"
        raise InputError(problem, file=name)
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    kept, lost = [], 0
    for source in catalog.worlds:
        services = {}
        for domain, service in source.world.domains.items():
            rules = tuple(rule for rule in service.rules if squeeze(rule.text) in squeeze(text))
            lost += len(service.rules) - len(rules)
            services[domain] = service.model_copy(update={"rules": rules})
        world = source.world.model_copy(update={"domains": services})
        kept.append(source.model_copy(update={"world": world}))
    told = WorldModel(
        domains=dict.fromkeys(domains, DomainMeaning(policy=text, policy_stands=True))
    )
    policy = WorldSource(file=file.name, domains=domains, world=told)
    notes = [f"{file.name}: {lost} rules of world models do not stand in it and were left out"]
    return catalog.model_copy(
        update={"worlds": (*kept, policy), "notes": (*catalog.notes, *(notes if lost else ()))}
    )


def squeeze(text: str) -> str:
    """The words of a text, whatever its lines, marks of lists and letters' size."""
    return " ".join(text.replace("*", "").replace("`", "").lower().split()).strip(" -.")
