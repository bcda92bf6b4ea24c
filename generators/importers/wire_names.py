"""Names as a model sees them: of domains, of tools, and of properties that no path can hold.

Paths take ``.``, ``[`` and ``]`` as marks of their own (`schemas.leaves`), so ``Totp.Skew`` becomes
``Totp_Skew``. A name is changed alike wherever it stands in a tool, in schemas and in the defaults
and examples they hold, and no two names become one: `schemas.tool.source_arguments` maps a call
back.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from anyascii import anyascii

from generators.identity_cache import Same
from generators.importers.schema_checks import mend_defaults
from generators.importers.subschemas import map_subschemas
from generators.importers.texts import neutralise
from schemas.leaves import is_addressable, map_keys, plain_name
from schemas.record import JsonObject
from schemas.tool import ToolSpec

MAX_NAME = 64
"""Longest name of a function that chat interfaces take."""

_NOISE = frozenset(
    {
        "tool", "tools", "list", "lists", "openai", "mcp", "server", "servers", "ref",
        "reference", "api", "apis", "function", "functions", "schema", "schemas", "catalog",
        "catalogue", "definitions", "spec", "response", "json",
    }
)  # fmt: skip
_UNSPOKEN = frozenset(
    "api apis openapi swagger web rest restful public spec specification mcp server tool tools "
    "reference schema".split()
)
"""Words of a service's title that say what the document is."""
_JOINING = frozenset({"of", "the", "and", "de"})
_VERSION = re.compile(r"v\d+")
_ARTICLES = frozenset({"a", "an", "the"})
_FIRST_WORDS = 5
_LEGAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEYED = frozenset({"dependentSchemas", "properties"})
"""Keywords that hold an object whose keys are names."""
_DATA = frozenset({"const", "default", "enum", "example", "examples"})
"""Keywords that hold values."""
_NONE: Mapping[str, str] = MappingProxyType({})

Rename = Callable[[str], str]


def name_domain(stem: str) -> str:
    """What a file is about: ``github`` for ``github_mcp_server_tools_list``; never empty."""
    words = [word for word in re.split(r"[\W_]+", stem.lower()) if word]
    telling = [word for word in words if word not in _NOISE and not _VERSION.fullmatch(word)]
    return "_".join(telling or words) or stem or "tools"


def name_service(document: Any) -> str:
    """What a document calls its service, without what it says of itself: ``Slack Web API``.

    The title of an OpenAPI document, or the name of a live server; "" where there is none.
    """
    for key, names in (("info", ("title",)), ("serverInfo", ("title", "name"))):
        told = document.get(key) if isinstance(document, dict) else None
        held = told if isinstance(told, dict) else {}
        for name in names:
            if isinstance(given := held.get(name), str) and given.strip():
                # ``Swagger Petstore - OpenAPI 3.0`` → Petstore, ``git-mcp-server`` → Git.
                title = neutralise(given)
                words = re.sub(r"\(.*?\)|[\s_/|:–—-]+", " ", title).split()
                kept = [
                    word
                    for word in words
                    if word.lower() not in _UNSPOKEN
                    and not re.fullmatch(r"v?\d+(\.\d+)*", word.lower())
                ]
                # A name ends where a sentence begins: ``Spotify with fixes by …``.
                common = [
                    at for at, word in enumerate(kept) if word.islower() and word not in _JOINING
                ]
                if kept and not kept[0].islower() and common:
                    kept = kept[: common[0]]
                spoken = " ".join(kept)[:MAX_NAME].strip()
                return spoken.title() if spoken.islower() else spoken
    return ""


def name_apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names in order, numbered from the second of its kind on: ``shop``, ``shop_2``."""
    wanted = tuple(names)
    taken, seen, apart = set(wanted), set[str](), []
    numbers: dict[str, int] = {}
    for name in wanted:
        chosen = name
        while chosen in seen or (chosen != name and chosen in taken):
            numbers[name] = numbers.get(name, 1) + 1
            suffix = f"_{numbers[name]}"
            chosen = name[: MAX_NAME - len(suffix)] + suffix
        taken.add(chosen)
        seen.add(chosen)
        apart.append(chosen)
    return tuple(apart)


def name_on_wire(tools: Sequence[tuple[str, str]], about: Sequence[str] = ()) -> tuple[str, ...]:
    """A wire name for each ``(domain, name)``, in order and one-to-one.

    A name that is legal and used once stays. One that occurs in several domains is prefixed by its
    domain; what is alike even then is numbered. ``about`` are descriptions, whose words stand for
    a name of another script.
    """
    texts = about or [""] * len(tools)
    whole = [spell_name(name, text) for (_, name), text in zip(tools, texts, strict=True)]
    # Those that are too long, without what all such names of their domain begin with.
    long: dict[str, list[list[str]]] = {}
    for name, (domain, _) in zip(whole, tools, strict=True):
        if len(name) > MAX_NAME:
            long.setdefault(domain, []).append(_words_of(name))
    shared = {domain: _count_shared(words) for domain, words in long.items() if len(words) > 1}
    plain = [
        keep_tail("".join(_words_of(name)[shared.get(domain, 0) :]).strip("_-"))
        if len(name) > MAX_NAME
        else name
        for name, (domain, _) in zip(whole, tools, strict=True)
    ]
    domains = {(name, domain) for name, (domain, _) in zip(plain, tools, strict=True)}
    spread = Counter(name for name, _ in domains)
    wanted = []
    for name, (domain, _) in zip(plain, tools, strict=True):
        prefix = make_legal(domain, "domain")
        prefixed = spread[name] > 1 and not name.startswith(f"{prefix}_")
        wanted.append(keep_tail(f"{prefix}_{name}") if prefixed else name)
    # Whoever has its own name keeps it: only then come those that had to be changed.
    own_first = sorted(range(len(tools)), key=lambda at: wanted[at] != tools[at][1])
    apart = dict(zip(own_first, name_apart(wanted[at] for at in own_first), strict=True))
    return tuple(apart[at] for at in range(len(tools)))


def spell_name(name: str, description: str) -> str:
    """The name in legal letters, of any length and never empty.

    Of a name in another script the description's first words tell more than its sounds, if these
    are in Latin letters.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]+", name):
        return name
    if name.isascii() or not description:
        return _spell(name) or _spell(_first_words(description)) or "tool"
    first = _first_words(description)
    foreign = sum(mark.isalpha() and not mark.isascii() for mark in name)
    if foreign * 2 > len(name) and first.isascii():
        return _spell(first) or _spell(name) or "tool"
    return _spell(name) or _spell(first) or "tool"


def _first_words(description: str) -> str:
    """What the first sentence says, as far as a name can hold it."""
    sentence = re.split(r"[.!?:;\n]", description.strip(), maxsplit=1)[0]
    words = [word for word in re.findall(r"\w+", sentence) if word.lower() not in _ARTICLES]
    return "_".join(words[:_FIRST_WORDS]).lower()


def _spell(text: str) -> str:
    """The text in ASCII: words of other scripts by their sounds, a word a word."""
    sounds = [(part, anyascii(part)) for part in re.split(r"([^\x00-\x7f]+)", text)]
    # Accents go; where signs stand for syllables, these are no words of their own.
    spelled = "".join(
        said if said.isupper() or len(said) <= len(part) else said.lower() for part, said in sounds
    )
    return re.sub(r"[^A-Za-z0-9-]+", "_", spelled).strip("_")


def _words_of(name: str) -> list[str]:
    """The words of a name, each with the sign before it."""
    return re.findall(r"[_-]*[^_-]+|[_-]+$", name)


def _count_shared(names: list[list[str]]) -> int:
    """How many words all begin with; of each, the two last stay, since they tell most."""
    most = min(map(len, names)) - 2
    at = 0
    while at < most and len({words[at] for words in names}) == 1:
        at += 1
    return at


def keep_tail(name: str, length: int = MAX_NAME) -> str:
    """The words at the end of a name that fit: there names differ."""
    if len(name) <= length:
        return name
    words = _words_of(name)
    while len(words) > 1 and len("".join(words).strip("_-")) > length:
        words.pop(0)
    return "".join(words).strip("_-")[-length:]


def make_legal(name: str, otherwise: str) -> str:
    """The name in the letters that chat interfaces take; ``otherwise`` where none is left."""
    return name if _LEGAL.fullmatch(name) else keep_tail(_spell(name)) or otherwise


@dataclass(frozen=True)
class PlainlyNamed:
    """The schemas of a tool in which every name is plain."""

    parameters: JsonObject
    returns: JsonObject | None
    renamed: Mapping[str, str]
    """Plain name → name in the source, of those that were changed."""
    repairs: tuple[str, ...]


def name_plainly(parameters: JsonObject, returns: JsonObject | None) -> PlainlyNamed:
    """Give the names in both schemas, which are normalised, plain ones where they need them."""
    return _name_plainly(Same(parameters), Same(returns))


@lru_cache(maxsize=256)
def _name_plainly(given: Same[JsonObject], shown: Same[JsonObject | None]) -> PlainlyNamed:
    parameters, returns = given.it, shown.it
    ours = _list_names(parameters)
    illegal = [name for name in ours if not _LEGAL.fullmatch(name)]
    plain = _choose_plain_names([*ours, *_list_names(returns)], clashing=illegal)
    if not plain:
        return PlainlyNamed(parameters, returns, {}, ())
    repairs = [
        f"{'parameter' if name in ours else 'field'} {name!r} is named {new!r}"
        for name, new in plain.items()
    ]
    return PlainlyNamed(
        _rename_schema(parameters, plain, "parameters", repairs),
        _rename_schema(returns, plain, "returns", repairs),
        {new: name for name, new in plain.items()},
        tuple(repairs),
    )


def add_returns(tool: ToolSpec, returns: JsonObject) -> ToolSpec:
    """Give a tool a schema of its result that is told in the source's names."""
    known = {name: new for new, name in tool.renamed.items()}
    names = _list_names(returns)
    clashing = {new for new, name in tool.renamed.items() if new in names and name in names}
    plain = _choose_plain_names([*_list_names(tool.parameters), *names], known, clashing)
    fresh = {new: name for name, new in plain.items() if name not in known}
    repairs = [f"field {name!r} is named {new!r}" for new, name in fresh.items()]
    update = {
        "returns": _rename_schema(returns, plain, "returns", repairs),
        "renamed": {**tool.renamed, **fresh},
        "repairs": (*tool.repairs, *repairs),
    }
    return tool.model_copy(update=update)


def _list_names(schema: JsonObject | None) -> dict[str, None]:
    """All names in order; those that lie further out first."""
    names: dict[str, None] = {}

    def take(name: str) -> str:
        names.setdefault(name)
        return name

    _map_names(schema, take)
    return names


def _choose_plain_names(
    names: Iterable[str], known: Mapping[str, str] = _NONE, clashing: Collection[str] = ()
) -> dict[str, str]:
    """Name → plain name, of those that need one: unfit, or ``clashing`` with a ``known`` one."""
    distinct = [name for name in dict.fromkeys(names) if name not in known]
    kept = [name for name in distinct if _is_fit(name) and name not in clashing]
    changed = [name for name in distinct if not _is_fit(name) or name in clashing]
    named = ((name, plain_name(name)) for name in changed)
    plain = (make_legal(new, "unnamed") if name in clashing else new for name, new in named)
    wanted = [*kept, *known.values(), *map(neutralise, plain)]
    apart = name_apart(wanted)[len(wanted) - len(changed) :]
    return {**known, **dict(zip(changed, apart, strict=True))}


def _is_fit(name: str) -> bool:
    return is_addressable(name) and neutralise(name) == name


def _rename_schema(
    schema: JsonObject | None, plain: Mapping[str, str], place: str, repairs: list[str]
) -> Any:
    """The schema with plain names; a pattern for names may refuse its default from now on."""
    named = _map_names(schema, lambda name: plain.get(name, name))
    return mend_defaults(named, place, repairs)


def _map_names(schema: Any, change: Rename) -> Any:
    """A copy with ``change(name)`` for each name of a property, here and in what lies inside."""
    if not isinstance(schema, dict):
        return schema
    named: JsonObject = {}
    for key, value in schema.items():
        if key in _KEYED:
            value = {change(name): item for name, item in value.items()}
        elif key == "required":
            value = [change(name) for name in value]
        elif key == "dependentRequired":
            value = {change(one): [change(name) for name in more] for one, more in value.items()}
        elif key == "propertyNames" and isinstance(value, dict):
            # Of a schema of names, the texts among its values are names.
            if isinstance(value.get("enum"), list):
                options = [change(one) if isinstance(one, str) else one for one in value["enum"]]
                value = {**value, "enum": options}
        elif key in _DATA:
            value = map_keys(value, change)
        named[key] = value
    return map_subschemas(named, lambda part, _: _map_names(part, change))
