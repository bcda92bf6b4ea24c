"""What commands say when they are done: a few lines for people, one JSON document for scripts."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from pipeline.run.manifest import MOST_FAILED, Report
from pipeline.run.workshop import tell_coverage, tell_shares
from schemas.canonical import printable
from schemas.reasons import find_blame
from schemas.record import Record
from schemas.tool import Catalog

DONE, SHORTFALL = 0, 3
"""Exit codes of commands: all is well, or it fell short."""


class SafeConsole(Console):
    """A console whose own escapes are the only ones that come through."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as ever; what is not the console's own control is made printable."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def print_json(value: Record | Any) -> None:
    """Print one JSON document to stdout."""
    plain = value.model_dump(mode="json") if isinstance(value, Record) else value
    print_line(json.dumps(plain, ensure_ascii=False, indent=2))


def print_line(line: str) -> None:
    """Print one line to stdout."""
    sys.stdout.write(f"{printable(line)}\n")


def flush() -> None:
    """Have what was printed read at once."""
    sys.stdout.flush()


def warn(line: str) -> None:
    """Print one line to stderr, as errors are printed."""
    sys.stderr.write(f"toolweave: {printable(line)}\n")


def make_table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """Make a table without lines, to be filled; the columns of ``numbers`` stand to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def of_build(report: Report) -> Iterator[str]:
    """Say where what was made lies and, where a mix was asked for, what it has of it."""
    stiff = f" ({report.stiff} in stiff words)" if report.stiff else ""
    counts = f"{report.accepted} accepted{stiff}, {report.rejected} rejected"
    if report.new == 0 and report.state == "complete":
        yield f"{report.out} is complete already: {counts}"
        return
    yield f"{report.out}: {counts} of {report.candidates} candidates"
    if report.words:
        yield tell_words(report.words)
    if report.second_tries:
        yield tell_second_tries(report.second_tries)
    if report.manners:
        told = (f"{name} asked {one.asked:.0%}, got {one.got:.0%}"
                for name, one in report.manners.items())  # fmt: skip
        yield f"manners: {'; '.join(told)}"
    if report.tasks:
        yield tell_tasks(report.tasks)
    if any(one.steered for one in report.operators.values()):
        yield from tell_shares(report.operators)
        yield tell_coverage(report.coverage)


def tell_words(words: Mapping[str, int]) -> str:
    """What became of messages that were to have other words, in a line."""
    counts = {key: words[key] for key in ("rewritten", "asked_again", "kept")}
    every = max(1, counts["rewritten"] + counts["kept"])
    codes = ", ".join(f"{code} ({count})" for code, count in words.items() if code not in counts)
    told = f"words: {counts['rewritten']:,} messages rewritten ({counts['rewritten'] / every:.0%})"
    told += f", {counts['asked_again']:,} asked for again, {counts['kept']:,} kept as scripted"
    return f"{told}; refused for {codes}" if codes else told


def tell_second_tries(counts: Mapping[str, int]) -> str:
    """What was tried again, and what came of it, in a line."""
    names = ("turned_down", "mended", "played_again", "saved")
    down, mended, again, saved = (counts[name] for name in names)
    codes = ", ".join(f"{code} ({count})" for code, count in counts.items() if code not in names)
    told = f"tried again: {down:,} moves{f', for {codes}' if codes else ''}"
    told += f"; {mended:,} of them in accepted conversations"
    return f"{told}; {again:,} dialogues, of which {saved:,} were accepted then"


def tell_tasks(tasks: Mapping[str, int]) -> str:
    """What became of tasks that a model was to put into words, in a line."""
    counts = {key: tasks.get(key, 0) for key in ("written", "scripted", "dropped", "again")}
    codes = ", ".join(f"{code} ({count})" for code, count in tasks.items() if code not in counts)
    told = f"tasks: {counts['written']:,} written, {counts['scripted']:,} kept as scripted"
    told += f", {counts['dropped']:,} dropped; {counts['again']:,} rounds made again"
    return f"{told}; refused for {codes}" if codes else told


def of_reading(catalog: Catalog) -> Iterator[str]:
    """Say in one line which tools are in, out and in doubt, if not all are as they were."""
    repaired = sum(bool(tool.repairs) for tool in catalog.tools)
    doubtful = sum(one.reason.startswith("in doubt") for one in catalog.skipped)
    told = (
        (repaired, "repaired"),
        (len(catalog.skipped), "skipped"),
        (len(catalog.merged), "merged into others"),
    )
    if not any(count for count, _ in told):
        return
    parts = [f"{len(catalog.tools)} tools in"]
    if catalog.skipped:
        out = len(catalog.skipped) - doubtful
        reasons = Counter(one.reason.partition(": ")[0] for one in catalog.skipped)
        why = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
        parts.append(f"{out} out, {doubtful} in doubt: {why}")
    done = ", ".join(f"{count} {what}" for count, what in told if count and what != "skipped")
    yield "; ".join([", ".join(parts), *filter(None, [done]), "'toolweave tools' tells more"])


def tell_blame(reasons: Mapping[str, int]) -> str:
    """``at fault: task 3, assistant 1``: whose the reasons are, of which there are so many."""
    counts: Counter[str] = Counter()
    for code, count in reasons.items():
        counts[find_blame(code)] += count
    return f"at fault: {', '.join(f'{who} {count}' for who, count in counts.most_common())}"


def of_shortfall(report: Report) -> str:
    """Say that fewer were accepted than asked for, and why."""
    if report.failing:
        return (
            f"{report.accepted} of {report.asked} accepted when {MOST_FAILED} candidates in a row "
            f"had failed; {report.failing}; rejected.jsonl tells of each"
        )
    reasons = ", ".join(f"{code} ({count})" for code, count in report.reasons.items())
    if report.stopped:
        return (
            f"{report.accepted} of {report.asked} accepted when {report.stopped}; the same command "
            f"with more of it goes on; most frequent reasons: {reasons or 'none'}"
        )
    return (
        f"{report.accepted} of {report.asked} accepted when the cap of {report.candidates} "
        f"candidates was reached; most frequent reasons: {reasons or 'none'}"
    )
