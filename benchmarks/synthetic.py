"""Catalogues of any size, synthesised by varying real ones.

A server is put together from *areas*: an area is one real catalogue whose nouns and some of whose
fields are renamed throughout, names, parameters and texts alike, by words drawn from the tables
below. Verbs, descriptions and optional parameters vary besides. Real are the project's own
catalogues and, where they are present, those of ``../shared/real``, which are read when this runs
and never kept. The same seed and bases give the same tools.

``python benchmarks/synthetic.py FOLDER [-n 1000] [--seed 0] [--one-domain]`` writes one file a
server, ``tools/list`` answers as of the Model Context Protocol.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from generators.importers import read_catalog
from generators.lexicon.names import split_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import load_words, word_set
from generators.lexicon.verbs import base_form
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "data" / "catalogs"
REAL = ROOT.parent / "shared" / "real"
FOUND = ("mcp/*_tools_list.json", "bfcl/func_docs/*.json", "openapi/spotify_sonallux.yml")
"""Of the folder of real catalogues; what cannot be read is left out."""
SIZES = (5, 100)
"""Fewest and most tools of a server."""
AREA = (6, 20)
"""Fewest and most tools that are taken from one real catalogue at a time."""

_NOUNS = (
    "anchor antenna apron arbor archive armory asset atlas axle badge bakery balcony ballot banner "
    "barge barrel basin beacon bearing bell bench berth billet blanket blossom bolt bonnet boulder "
    "bracket branchlet bridge broom bucket buoy burrow cabin cable camera canal canopy canvas "
    "cargo caravan cartridge casket cellar chapel charter chest chimney cistern clamp clause cliff "
    "clinic coach cobbler coil colony compass concert convoy copper corridor cottage crane crate "
    "crossing crown curtain cushion dam deed depot dock dome dossier drawer drill drum dune easel "
    "embassy emblem engine ensign exhibit factory feather fence ferry fiber fixture flag flask "
    "fleet forge fossil fountain freight frigate furnace gadget gallery garage garden garment "
    "gasket gate gauge gear generator glacier gondola granary grove guild hammer hamper hangar "
    "harbor harness harvest haven hedge helmet herd hinge hive hopper hostel hydrant inlet "
    "inventory island jacket jetty jigsaw junction kennel kettle kiln kiosk ladder lagoon lantern "
    "lattice ledger lease lever licence lighthouse litter loom lounge magnet manor marina market "
    "mast meadow medal meter mill mine mirror mission mitten monument mooring mortar motor mural "
    "needle nozzle nursery orchard ornament outpost oven paddle pallet panel parade parcel "
    "parlour pasture pavilion pedal permit pier pillar pipeline plaza plough pocket podium "
    "portrait pouch premise prism propeller pulley pump puppet quarry quilt raft rail ranch relay "
    "reservoir ribbon rivet roster rotor rudder saddle sail sample sawmill scaffold sculpture "
    "sensor session shaft shelter shield shuttle signal silo siren sleigh sluice socket spindle "
    "spool spring stable stall statue stencil summit survey tablet tanker tannery tapestry "
    "telescope temple terminal terrace thicket tile timber token tollbooth torch tower tractor "
    "trailer tram trellis trench tripod trolley trophy tunnel turbine turret umbrella valley valve "
    "vault vessel viaduct villa vineyard voucher wagon warehouse warrant well wharf wheel winch "
    "workshop yacht zeppelin"
).split()
_MARKS = (
    "alpine amber ancient aqua arctic autumn azure bold brass brisk bronze calm cedar chalk civic "
    "clear coastal cobalt coral cosmic cotton crimson crystal dawn deep delta desert distant "
    "double dusk eastern ebony echo elder ember emerald equal fair fallow field fine flint floral "
    "forest fresh frost gilded glass golden grand granite hazel hidden high hollow indigo inland "
    "iron ivory jade keen lavender lilac linen lunar maple marble marine mellow meridian metro "
    "midland misty modern mossy native noble northern oak oaken ocean olive onyx opal orchid "
    "outer pale pearl pine plain polar prime quartz quiet rapid river rosy royal ruby rural "
    "russet rustic sable saffron sandy sapphire scarlet sierra silent silver slate smooth solar "
    "southern spruce steel stone summer sunny teal tidal topaz tropic twilight upland urban "
    "velvet verdant vivid walnut western wild willow winter woven zenith"
).split()
_FIELDS = (
    "allowance angle aspect batch bearing bias blend bracket caliber category channel clearance "
    "cluster coating contour cover curve cycle depth dialect drift edition endurance finish flavor "
    "flow focus frame gauge girth grade grain heading hue imprint intake layer layout leeway "
    "margin medium mesh motif notch outline pace parity pattern phase pitch polish portion "
    "posture quota radius ratio reach rhythm rigging ripple scope series shade shape shift slant "
    "slope span spacing stance strain stretch stripe tension texture thickness tint tone torque "
    "trim twist variety vintage voltage weave yield zone"
).split()
_KEPT = (
    word_set(
        "id uuid no key code slug name path login url email title description status state type "
        "page per limit offset cursor count sort order query q date time at start end min max "
        "first last new old file text message body content note reason price amount total "
        "currency city country address phone language latitude longitude user"
    )
    | load_words("inference", "prepositions")
    | load_words("inference", "qualifiers")
    | load_words("inference", "generic")
    | load_words("inference", "facets")
)
"""Words that say what sort of value something is, or nothing: they stay."""
_VERBS = {
    "get": ("get", "fetch", "retrieve", "show"),
    "list": ("list", "browse", "query"),
    "search": ("search", "find"),
    "create": ("create", "add", "register"),
    "update": ("update", "edit", "modify"),
    "delete": ("delete", "remove"),
}
"""Verbs at the head of a name, and what a server may say instead."""
_SENTENCES = (
    "Part of the {brand} service.",
    "Only what the caller may see on {brand} is taken into account.",
    "The limits of the {brand} plan apply.",
    "Times are those of {brand}.",
    "Handles one {noun} or more at a time.",
    "Answers within a second for most of {brand}.",
    "Use this before anything else is done with the {noun}.",
    "Nothing is cached on the side of {brand}.",
)
_OPTIONAL: tuple[tuple[str, JsonObject], ...] = (
    ("verbose", {"type": "boolean", "description": "Tell more in the answer"}),
    ("locale", {"type": "string", "description": "Language of the texts in the answer"}),
    ("page", {"type": "integer", "minimum": 1, "description": "Page of the answer"}),
    ("dry_run", {"type": "boolean", "description": "Only check, change nothing"}),
    ("request_label", {"type": "string", "description": "A label for the log"}),
    ("since", {"type": "string", "format": "date", "description": "Nothing before this day"}),
    ("units", {"type": "string", "enum": ["metric", "imperial"], "description": "Of measures"}),
)
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

Base = tuple[ToolSpec, ...]
"""The tools of one real catalogue."""


@dataclass(frozen=True)
class Server:
    """A synthesised server: its domain, and its tools as ``tools/list`` gives them."""

    domain: str
    tools: tuple[JsonObject, ...]


def find_bases() -> tuple[Base, ...]:
    """The real catalogues at hand, each as its tools, in order of name."""
    folder = [path for pattern in FOUND for path in sorted(REAL.glob(pattern))]
    return tuple(_readable([*sorted(OWN.glob("*.json")), *folder]))


def _readable(paths: Sequence[Path]) -> Iterator[Base]:
    for path in paths:
        try:
            yield read_catalog([path]).tools
        except InputError as error:
            sys.stderr.write(f"not varied: {error}\n")


def synthesise(
    count: int, seed: int = 0, *, one_domain: bool = False, bases: Sequence[Base] | None = None
) -> tuple[Server, ...]:
    """``count`` tools in servers of 5 to 100, or all in one; names are unique in a server."""
    areas = _areas(tuple(bases if bases is not None else find_bases()), seed, one_domain)
    rng = Random(derive_seed("servers", seed))
    servers: list[Server] = []
    while (left := count - sum(len(server.tools) for server in servers)) > 0:
        size = left if one_domain else min(left, rng.randint(*SIZES))
        domain = f"{rng.choice(_MARKS)}_{rng.choice(_NOUNS)}_{len(servers) + 1}"
        servers.append(Server(domain, _gathered(areas, size)))
    return tuple(servers)


_SYLLABLES = tuple(one + other for other in "aeiou" for one in "bcdfghjklmnprstvwz")


def synthesise_alike(count: int) -> Server:
    """One server of so many tools that differ in one made-up word: records, and notes on them."""
    text, many = {"type": "string"}, len(_SYLLABLES)
    tools: list[JsonObject] = []
    for number in range(count):
        half = number // 2
        word = f"{_SYLLABLES[half % many]}{_SYLLABLES[half // many % many]}n{half // many**2 or ''}"
        name = f"create_{word}_note" if number % 2 else f"get_{word}_record"
        given = {"record_id": text, **({"body": text} if number % 2 else {})}
        tools.append(
            {
                "name": name,
                "description": f"{name.replace('_', ' ').capitalize()} of the archive.",
                "inputSchema": {"type": "object", "properties": given, "required": list(given)},
            }
        )
    return Server("archive", tuple(tools))


def _gathered(areas: Iterator[tuple[JsonObject, ...]], size: int) -> tuple[JsonObject, ...]:
    """The first ``size`` tools of the next areas that have different names."""
    tools: dict[str, JsonObject] = {}
    while len(tools) < size:
        for tool in next(areas):
            if len(tools) < size:
                tools.setdefault(tool["name"], tool)
    return tuple(tools.values())


def _areas(bases: Sequence[Base], seed: int, compound: bool) -> Iterator[tuple[JsonObject, ...]]:
    """Areas without end; larger catalogues are varied more often."""
    number = 0
    while True:
        rng = Random(derive_seed("area", seed, number))
        (base,) = rng.choices(bases, [len(base) for base in bases])
        size = min(len(base), rng.randint(*AREA))
        start = rng.randint(0, len(base) - size)
        yield tuple(_varied(base[start : start + size], rng, compound))
        number += 1


def _varied(tools: Base, rng: Random, compound: bool) -> Iterator[JsonObject]:
    rename = _renaming(_words_of(tools, rng), rng, compound)
    verbs = {verb: rng.choice(others) for verb, others in _VERBS.items()}
    brand = f"{rng.choice(_MARKS)} {rng.choice(_NOUNS)}".title()
    for tool in tools:
        head, _, rest = tool.name.partition("_")
        name = f"{verbs.get(head, head)}_{rest}" if rest else tool.name
        yield {
            "name": rename(re.sub(r"[^A-Za-z0-9]+", "_", name), "_")[:64].strip("_"),
            "description": _retold(rename(tool.description, " "), brand, rename(rest, " "), rng),
            "inputSchema": _parameters(_renamed(tool.parameters, rename), rng),
            **({"outputSchema": _renamed(tool.returns, rename)} if tool.returns else {}),
            "annotations": _hints(tool),
        }


def _hints(tool: ToolSpec) -> JsonObject:
    if tool.effect == "unknown":
        return {}
    return {"readOnlyHint": tool.effect == "read", "destructiveHint": tool.destructive}


def _words_of(tools: Base, rng: Random) -> dict[str, list[str]]:
    """Words that are renamed → the table to rename them from: nouns of names, some of fields."""
    nouns = {word for tool in tools for word in map(singular, split_words(tool.name))}
    inside = {name for tool in tools for name in _properties(tool.parameters)}
    inside |= {name for tool in tools for name in _properties(tool.returns or {})}
    fields = {word for name in inside for word in map(singular, split_words(name))} - nouns
    tables = {word: _NOUNS for word in sorted(nouns) if _telling(word)}
    return tables | {w: _FIELDS for w in sorted(fields) if _telling(w) and rng.random() < 0.4}


def _telling(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in _KEPT and base_form(word) is None


def _properties(schema: JsonObject) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from _properties(part)
    if isinstance(schema.get("items"), dict):
        yield from _properties(schema["items"])


Rename = Callable[[str, str], str]
"""A text, and what joins two words in it → the text with its words renamed."""


def _renaming(tables: Mapping[str, list[str]], rng: Random, compound: bool) -> Rename:
    """Renames throughout, in the number and the case of the words that are replaced.

    ``compound``: nouns become two words, so that more of them can stand in one domain.
    """
    drawn = {id(table): iter(rng.sample(table, len(table))) for table in (_NOUNS, _FIELDS)}
    mark = rng.choice(_MARKS)
    new: dict[str, tuple[str, ...]] = {}
    for word, table in tables.items():
        other = next(drawn[id(table)], word)
        new[word] = (mark, other) if compound and table is _NOUNS else (other,)

    def replaced(found: re.Match[str], joint: str) -> str:
        word = found[0].lower()
        one = singular(word)
        if one not in new:
            return found[0]
        *before, last = new[one]
        words = [*before, plural(last) if word != one else last]
        return joint.join(w.title() if found[0][0].isupper() else w for w in words)

    return lambda text, joint: _PIECE.sub(lambda found: replaced(found, joint), text)


def _renamed(schema: Any, rename: Rename) -> Any:
    """A schema with its properties and descriptions renamed; values stay as they are."""
    if isinstance(schema, list):
        return [_renamed(part, rename) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _renamed(part, rename) if _holds_schemas(key) else part
            for key, part in schema.items()}  # fmt: skip
    if isinstance(schema.get("description"), str):
        made["description"] = rename(schema["description"], " ")
    properties = schema.get("properties")
    if isinstance(properties, dict):
        names = {name: rename(name, "_") for name in properties}
        if len(set(names.values())) < len(names):
            names = {name: name for name in properties}
        made["properties"] = {names[n]: _renamed(part, rename) for n, part in properties.items()}
        made["required"] = [names.get(name, name) for name in schema.get("required", ())]
    return made


def _holds_schemas(key: str) -> bool:
    return key in ("items", "anyOf", "oneOf", "allOf", "additionalProperties")


def _parameters(schema: JsonObject, rng: Random) -> JsonObject:
    """Some optional parameters left out, sometimes one added, some descriptions left out."""
    required = schema.get("required", [])
    kept = {
        name: part
        for name, part in schema.get("properties", {}).items()
        if name in required or rng.random() > 0.2
    }
    if rng.random() < 0.4:
        name, extra = rng.choice(_OPTIONAL)
        kept.setdefault(name, extra)
    bare = {
        name: {key: value for key, value in part.items() if key != "description"}
        if isinstance(part, dict) and rng.random() < 0.15
        else part
        for name, part in kept.items()
    }
    return {**schema, "properties": bare, "required": required}


def _retold(text: str, brand: str, noun: str, rng: Random) -> str:
    """The first sentences of a description, and one that others have as well."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    kept = sentences[: rng.randint(1, max(1, len(sentences)))]
    if rng.random() < 0.6:
        said = rng.choice(_SENTENCES).format(brand=brand, noun=noun or "request")
        kept.insert(rng.randint(0, len(kept)), said)
    return " ".join(kept)


def write_servers(servers: Sequence[Server], folder: Path) -> tuple[Path, ...]:
    """One file a server, named by its domain; the paths in order."""
    paths = []
    for server in servers:
        path = folder / f"{server.domain}.json"
        path.write_text(json.dumps({"tools": server.tools}), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def synthetic_catalog(
    count: int, seed: int = 0, *, one_domain: bool = False, bases: Sequence[Base] | None = None
) -> Catalog:
    """What the importers make of synthesised servers."""
    servers = synthesise(count, seed, one_domain=one_domain, bases=bases)
    with tempfile.TemporaryDirectory(prefix="toolweave-") as folder:
        return read_catalog(write_servers(servers, Path(folder)))


def distinct_texts(servers: Sequence[Server]) -> int:
    """How many tools differ in name, description or parameters from all others."""
    texts = {
        json.dumps([tool["name"], tool["description"], tool["inputSchema"]])
        for server in servers
        for tool in server.tools
    }
    return len(texts)


def main() -> int:
    """Synthesise and write."""
    parser = argparse.ArgumentParser(description="Synthesise servers of tools.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-n", type=int, default=1000, help="tools in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-domain", action="store_true")
    parser.add_argument("--alike", action="store_true", help="tools that differ in one word")
    options = parser.parse_args()
    alike: Sequence[Server] = (synthesise_alike(options.n),) if options.alike else ()
    servers = alike or synthesise(options.n, options.seed, one_domain=options.one_domain)
    options.folder.mkdir(parents=True, exist_ok=True)
    write_servers(servers, options.folder)
    sys.stdout.write(
        f"{sum(len(server.tools) for server in servers)} tools in {len(servers)} servers, "
        f"{distinct_texts(servers)} of different text\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
