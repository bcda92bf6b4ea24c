"""Names for operations that have none: what is done, and to what, as the path says it.

Segments that are parameters or versions are no part of a name; the parameters tell apart what would
have one name otherwise: ``get_albums``, ``get_albums_by_id``.
"""

import re
from collections import Counter
from collections.abc import Sequence

from generators.importers.openapi.operations import Operation
from generators.importers.wire_names import name_apart
from generators.lexicon.names import is_version, split_words
from generators.lexicon.verbs import find_verb

_METHODS = {"post": "create", "put": "replace", "patch": "update", "query": "search"}
"""What a method does, where the path does not say it; others are their own word."""
_SLOT = re.compile(r"\{[^{}]*\}")


def name_operations(operations: Sequence[Operation]) -> dict[Operation, str]:
    """A name for each, in order; of those that share one the second and later are numbered."""
    short = {one: one.given_name or spell_path(one.method, one.path) for one in operations}
    shared = Counter(short.values())
    wanted = []
    for one in operations:
        name = short[one]
        if not one.given_name and shared[name] > 1:
            tail = "_and_".join("_".join(split_words(slot)) for slot in one.slots)
            name = f"{name}_by_{tail}" if tail else name
        wanted.append(name)
    return dict(zip(operations, name_apart(wanted), strict=True))


def spell_path(method: str, path: str) -> str:
    """``get_orchard_images`` for GET /v1/orchard/{orchard_id}/images; a verb at its end leads."""
    segments = [one for one in re.split(r"[/:]", _SLOT.sub("", path)) if one.strip("_-. ")]
    telling = [one for one in segments if not is_version(one)] or segments
    told = telling[1:] if len(telling) > 1 and telling[0].lower() in ("api", "rest") else telling
    words = [word for one in told for word in split_words(one)]
    last = find_verb(told[-1].lower()) if told and method in ("POST", "PUT", "PATCH") else None
    if last is not None and not last.noun and len(told) > 1:
        words = [words[-1], *words[:-1]]
    else:
        words = [_METHODS.get(method.lower(), method.lower()), *words]
    return "_".join(words)
