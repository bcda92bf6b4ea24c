"""The card of a data set: the Hub's YAML, and what whoever trains on it should know."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from pipeline.publishing.statistics import NOT_STATED, Statistics
from schemas.record import JsonObject

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_TOLD = (
    "n", "seed", "recipe", "sampler", "mix", "structure", "roles", "model", "judge_model",
    "user_model", "rewrite", "dedup", "result_tokens", "max_description", "tools_by",
)  # fmt: skip
"""Settings that say what is in the data, and nothing of the machine or of access."""
_TOLD_OF_ROLES = ("model", "temperature", "top_p", "max_tokens")
"""What of a role decides its words; its address, headers and key are the machine's."""
_NAMED_OF_ROLES = "extra_body"
"""What may hold anything, secrets too: of it the names of its keys are told."""


class Part(NamedTuple):
    """A file of the data set, and what it is."""

    name: str
    about: str
    file: str
    """Within the data set's folder."""
    rows: int
    split: str = "train"


def write_card(told: Statistics, parts: Sequence[Part], name: str, licence: str) -> str:
    """The file README.md of a data set."""
    size = next((text for most, text in _SIZES if told.conversations < most), "1M<n<10M")
    splits: dict[str, list[JsonObject]] = {}
    for part in parts:
        # The Hub's library reads all configurations of a data set with one reader.
        if Path(part.file).suffix == Path(parts[0].file).suffix:
            splits.setdefault(part.name, []).append({"split": part.split, "path": part.file})
    configs: list[JsonObject] = [
        {"config_name": known, "data_files": files} for known, files in splits.items()
    ]
    configs[0] = {"config_name": parts[0].name, "default": True, **configs[0]}
    front = {
        "license": licence or "other",
        "language": ["en"],
        "pretty_name": name,
        "task_categories": ["text-generation"],
        "tags": ["tool-use", "function-calling", "agent", "multi-turn", "synthetic"],
        "size_categories": [size],
        "configs": configs,
    }
    heading = yaml.safe_dump(front, sort_keys=False, allow_unicode=True).rstrip()
    return "\n".join(("---", heading, "---", "", *_body(told, parts, name), ""))


def _body(told: Statistics, parts: Sequence[Part], name: str) -> Iterable[str]:
    manifest = told.manifest
    candidates = manifest.accepted + manifest.rejected
    yield f"# {name}"
    yield (
        f"\n{told.conversations:,} conversations of a person with an assistant that uses tools, "
        f"made by toolweave {manifest.toolweave}: {told.messages:,} messages, {told.calls:,} "
        f"calls of {len(told.tools):,} tools. Each task was executed before it was told; "
        "calls, results and final states are those of an environment that ran."
    )
    yield "\n## What is in it\n"
    yield from _table(("Name", "What a row is", "Split", "Rows", "File"), (
        (part.name, part.about, part.split, f"{part.rows:,}", f"`{part.file}`") for part in parts
    ))  # fmt: skip
    if any(part.split == "test" for part in parts):
        yield (
            "\nWhich split a conversation belongs to follows from its number: it is the same in "
            "every format. The tables hold all conversations."
        )
    yield "\n## Figures\n"
    yield from _table(("", ""), (
        ("Messages of a conversation, least, median, most",
         f"{told.shortest}, {told.median:g}, {told.longest}"),
        ("Tools on offer, median", f"{told.median_offered:g}"),
        ("Messages of the user", f"{told.user_turns:,}"),
        ("Conversations whose task is in stiff words", f"{told.stiff:,}"),
    ))  # fmt: skip
    for title, counts in (
        ("Domain", told.domains), ("How turns end", told.outcomes),
        ("What makes it hard", told.operators),
    ):  # fmt: skip
        yield ""
        yield from _table((title, "Conversations"), _pairs(counts))
    yield "\n## What is trained on\n"
    yield (
        "Each message of the assistant's has a label of the checks; those that are masked stand in "
        "the conversations and are not to be learned from.\n"
    )
    yield from _table(("Step", "Left"), (
        ("candidates", f"{candidates:,}"),
        ("accepted conversations", f"{told.conversations:,}"),
        ("their messages of the assistant's", f"{told.assistant_messages:,}"),
        ("trained on", f"{told.trained_messages:,}"),
        ("tokens of these messages' words, roughly", f"{told.trained_tokens:,}"),
    ))  # fmt: skip
    if told.causes:
        yield "\nWhy candidates were rejected:\n"
        yield from _table(("Reason", "Candidates"), _pairs(told.causes))
    yield "\n## Where the tools come from\n"
    yield from _table(("File", "Form", "Tools", "Licence"), (
        (one.file, one.format, f"{one.tools:,}", one.licence) for one in told.sources
    ))  # fmt: skip
    if NOT_STATED in told.licences:
        yield (
            "\nWhere no licence is stated, none was found in the source: whoever publishes this "
            "has to know that they may."
        )
    yield "\n## Who spoke\n"
    yield from _table(("Roles", "Conversations"), _pairs(told.roles))
    yield (
        "\n`scripted` words are written by rules, with no model; results are the environment's. "
        "Where a model is named, its terms hold for what it wrote."
    )
    if told.prompts:
        yield ""
        yield from _table(("Prompts, by hash", "Conversations"), _pairs(told.prompts))
    yield "\n## Limits\n"
    yield (
        "- The language is English. Scripted words are right about what happened, and often "
        "stiff.\n"
        "- People, orders and accounts are invented. Services are simulated from the catalogues.\n"
        "- Overlap with benchmarks was not looked for: tools of public benchmarks in the catalogue "
        "make it unfit for judging by those.\n"
        "- What is offered as a distractor may, rarely, serve too."
    )
    yield "\n## How to make it again\n"
    yield (
        f"toolweave {manifest.toolweave}, fingerprint `{manifest.fingerprint}` (of code, tools, "
        "seed, roles and prompts), with the catalogues named above and this config; scripted "
        "conversations come out byte for byte. Of `extra_body` the names of keys are told only.\n"
    )
    yield "```yaml"
    yield yaml.safe_dump(_settings(manifest.settings), sort_keys=True, allow_unicode=True).rstrip()
    yield "```"


def _settings(known: JsonObject) -> JsonObject:
    told = {key: known[key] for key in _TOLD if key in known}
    if "roles" in told:
        told["roles"] = {role: _role(profile) for role, profile in told["roles"].items()}
    return told


def _role(profile: JsonObject) -> JsonObject:
    told = {key: profile[key] for key in _TOLD_OF_ROLES if key in profile}
    named = sorted(profile.get(_NAMED_OF_ROLES) or ())
    return {**told, _NAMED_OF_ROLES: named} if named else told


def _pairs(counts: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    return ((name, f"{number:,}") for name, number in counts.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(one.replace('|', chr(92) + '|') for one in row)} |"
