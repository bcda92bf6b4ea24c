"""``masks``: what rules for what is trained on would cost, over the conversations of a file."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.cli import answers
from pipeline.cli.answers import SafeConsole, make_table
from pipeline.cli.data_commands import find_file
from pipeline.cli.progress import reading
from pipeline.run.data_lines import lines
from pipeline.run.manifest import read_manifest
from schemas.errors import InputError
from schemas.masks import Funnel, read_rule

DONE = 0
_NAMES = ("conversations", "messages", "tokens")


def masks_command(path: Path, rules: Sequence[str], quiet: bool, as_json: bool) -> int:
    """Print a funnel: what is there, what labels allow, what rules leave. Raises InputError."""
    for rule in rules:
        try:
            read_rule(rule)
        except ValueError as error:
            raise InputError(str(error), place="--train") from None
    file = find_file(path)
    manifest, funnel = read_manifest(file.parent), Funnel(tuple(rules))
    with reading(file, quiet or as_json) as seen:
        for line in lines(file, manifest.lengths.get(file.name) if manifest else None):
            seen(line.length)
            funnel.add(line.trajectory)
    steps = [*funnel.steps()]
    if as_json:
        answers.print_json(
            [{"step": name, **dict(zip(_NAMES, counts, strict=True))} for name, *counts in steps]
        )
        return DONE
    table = make_table("step", *_NAMES, "of all tokens", numbers=(*_NAMES, "of all tokens"))
    whole = steps[0][-1]
    for name, *counts in steps:
        share = f"{100 * counts[-1] / whole:.1f} %" if whole else "–"
        table.add_row(name, *(f"{count:,}" for count in counts), share)
    SafeConsole(width=100).print(table)
    return DONE
