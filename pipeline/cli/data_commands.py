"""What is done with records that are made: ``check``, ``repair``, ``sandbox replay``, ``masks``.

Calls are replayed in environments that are made from the catalogue beside the file; without one the
replay is ``unknown``, and unknown is never good.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SHORTFALL, SafeConsole, make_table
from pipeline.cli.progress import reading
from pipeline.exports.foreign_rows import OPENAI, Audit, name_form
from pipeline.run.data_index import FILES, INDEX, Row
from pipeline.run.data_lines import Line, line_at, lines, refuse, work_on_lines
from pipeline.run.definitions_file import DEFINITIONS
from pipeline.run.duplicates import Duplicates
from pipeline.run.integrity import Damage, find_damage
from pipeline.run.manifest import ACCEPTED, BEGUN, NAME, read_manifest
from pipeline.run.output_folder import CATALOG, read_catalog
from pipeline.run.repair import repair
from pipeline.run.workshop import stages_of
from schemas.check import EnvironmentFactory, ReplayCertificate
from schemas.errors import InputError
from schemas.failure import abandon, judge_failure
from schemas.masks import Funnel, read_rule
from schemas.record import JsonObject, Record
from schemas.verdict import Verdict
from validators.checks import examine
from validators.dataset import first_message_key, task_key
from validators.replay import certify

OWN = frozenset({"task", "verdicts"})
"""What only records of toolweave's have beside their messages."""


class Finding(Record):
    """One thing that falls short."""

    line: int
    trajectory: str
    check: str
    label: str
    code: str = ""
    message: int | None = None
    path: str = ""
    explanation: str = ""

    def __str__(self) -> str:
        """One line for people."""
        place = "" if self.message is None else f", message {self.message}"
        place += f" {self.path}" if self.path else ""
        why = " ".join(part for part in (self.code, self.explanation) if part) or "no reason given"
        return f"line {self.line}, {self.trajectory}{place}: {self.check} {self.label}: {why}"


def find_file(path: Path) -> Path:
    """The file that is meant: of an output folder the accepted ones. Raises InputError."""
    file = path / ACCEPTED if path.is_dir() else path
    if not file.is_file():
        raise InputError("does not exist" if not file.exists() else "is no file", file=str(file))
    if file.stat().st_size == 0:
        raise InputError("is empty", file=str(file))
    return file


def find_data(path: Path, stages: str) -> tuple[Path, EnvironmentFactory | None]:
    """The file that is meant, and where its calls run."""
    file = find_file(path)
    if not (file.parent / CATALOG).exists():
        return file, None
    return file, stages_of(stages).environments(read_catalog(file.parent), file.parent)


def check_foreign(file: Path, quiet: bool, as_json: bool) -> int | None:
    """Audit rows that others made; None where the file holds records of toolweave's.

    Raises InputError that names the form, where that is none that can be audited.
    """
    with file.open("rb") as opened:
        first = next((line for line in opened if line.strip()), b"")
    row = _row_of(first)
    if isinstance(row, dict) and OWN & row.keys():
        return None
    form = name_form(row)
    if not form and first.lstrip()[:1] == b"[":
        rows = _row_of(file.read_bytes())
        form = name_form(rows[0]) if isinstance(rows, list) and rows else ""
        told = f"one JSON list of rows ({form or 'of a form that is not known'})"
        raise InputError(f"holds {told}; check reads JSON Lines, a row a line", file=str(file))
    if not form:
        return None
    if form != OPENAI:
        problem = f"holds rows of {form}; check audits its own records and rows of OpenAI chat"
        raise InputError(problem, file=str(file))
    audit, total, short, found = Audit(), 0, 0, list[JsonObject]()
    with file.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            if not line.strip():
                continue
            row = _row_of(line)
            known = name_form(row) == OPENAI
            faults = list(audit.faults(row)) if known else ["is no row of OpenAI chat"]
            total, short = total + 1, short + bool(faults)
            found += [{"row": number, "fault": fault} for fault in faults] if as_json else []
            for fault in () if as_json or quiet else faults:
                answers.print_line(f"row {number}, {fault}")
    if as_json:
        counts = {"file": str(file), "form": OPENAI, "rows": total, "good": total - short}
        answers.print_json(counts | {"findings": found})
    elif not quiet:
        told = "rows of OpenAI chat have no fault of structure or schema"
        answers.print_line(f"{file}: {total - short} of {total} {told}; replay is unknown")
    return SHORTFALL if short else DONE


def _row_of(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


class Checked(NamedTuple):
    """What the checks say of a line, and by what duplicates are known."""

    number: int
    start: int
    findings: list[Finding]
    keys: tuple[str, str]


def check_command(stages: str, path: Path, quiet: bool, as_json: bool, workers: int) -> int:
    """Check a data set again, or audit rows that others made.

    Of an output folder, first that all files are as they were written; what is not is named.
    """
    damages = look_for_damage(path, quiet or as_json)
    if any(one.file in DECIDING for one in damages):
        return tell_damages(path, damages, quiet, as_json)
    file, environment = find_data(path, stages)
    audited = check_foreign(file, quiet, as_json)
    if audited is not None:
        return audited
    if environment is None:
        answers.warn(f"no catalog.json beside {file}: nothing can be replayed, replay is unknown")
    duplicates = Duplicates()
    total, short, findings = 0, 0, []
    manifest = read_manifest(file.parent)
    settings = manifest.settings if manifest else {}
    # What calls are replayed in may have threads, which no forked process has.
    threads = bool(settings.get("mcp_calls")) or settings.get("tools_by") == "model"
    processes = 1 if threads else workers
    end = manifest.lengths.get(file.name) if manifest else None
    work, told = partial(check_line, environment), refuse if not damages else pass_over
    with reading(file, quiet) as seen:
        for length, one in work_on_lines(file, work, processes, end, told):
            found = one.findings
            if not duplicates.add(*one.keys):
                line = line_at(file, one.number, one.start)
                found += list_findings(line, duplicates.judge(line.trajectory))
            seen(length)
            total, short = total + 1, short + bool(found)
            findings += found if as_json else []
            for finding in () if as_json or quiet else found:
                answers.print_line(str(finding))
    if as_json:
        plain = [finding.model_dump(mode="json") for finding in findings]
        counts = {"file": str(file), "trajectories": total, "good": total - short}
        changed = {"damages": [one._asdict() for one in damages]} if damages else {}
        answers.print_json(counts | changed | {"findings": plain})
    elif not quiet:
        answers.print_line(f"{file}: {total - short} of {total} trajectories are good")
    return SHORTFALL if short or damages else DONE


DECIDING = frozenset({NAME, DEFINITIONS, CATALOG})
"""Where something else changed one of these, rows are not judged by them."""


def look_for_damage(path: Path, quiet: bool) -> list[Damage]:
    """What something else has changed in the output folder that is meant, if it is one."""
    folder = path if path.is_dir() else path.parent
    if path.is_file() and path.name not in FILES:
        return []
    if not any((folder / name).exists() for name in (NAME, BEGUN, INDEX)):
        return []
    damages = list(find_damage(folder))
    for one in () if quiet else damages:
        answers.print_line(f"{folder}/{one}")
    return damages


def tell_damages(path: Path, damages: list[Damage], quiet: bool, as_json: bool) -> int:
    """Say that rows cannot be checked before the folder is mended."""
    if as_json:
        answers.print_json({"damages": [one._asdict() for one in damages]})
    elif not quiet:
        told = "no trajectory was checked; `toolweave repair` mends what can be mended"
        answers.print_line(f"{path}: {len(damages)} places are changed; {told}")
    return SHORTFALL


def pass_over(path: Path, row: Row) -> None:
    """Leave out a line that something else changed: it is told."""


def check_line(environment: EnvironmentFactory | None, line: Line) -> Checked:
    """Run the checks over one trajectory."""
    # The verdicts of models cannot be had again for nothing.
    judged = tuple(one for one in line.trajectory.verdicts if one.judge != "code")
    try:
        examined = examine(line.trajectory, environment, judged)
    except Exception as error:  # it is told as a finding, and the next line is read
        examined = abandon(line.trajectory, judge_failure(error))
    found = [finding for one in examined.verdicts for finding in list_findings(line, one)]
    return Checked(
        line.number, line.start, found, (first_message_key(examined), task_key(examined))
    )


def list_findings(line: Line, verdict: Verdict) -> Iterator[Finding]:
    """A finding for each reason of a verdict that is not good, or one where it has none."""
    if verdict.label in ("good", "recoverable"):  # it masks its message, and no more
        return
    found = Finding(
        line=line.number, trajectory=line.trajectory.id, check=verdict.check, label=verdict.label
    )
    if not verdict.reasons:
        yield found
    for reason in verdict.reasons:
        yield found.model_copy(update=reason.model_dump(exclude={"suspect"}))


def replay_command(stages: str, path: Path, prefix: str | None, quiet: bool, as_json: bool) -> int:
    """Certify the records of a file or an output folder; ``prefix``: those whose id begins so."""
    file, environments = find_data(path, stages)
    if environments is None:
        raise InputError(f"has no {CATALOG} beside it: nothing can be replayed", file=str(file))
    certificates: list[ReplayCertificate] = []
    total = held = 0
    with reading(file, quiet) as seen:
        manifest = read_manifest(file.parent)
        for line in lines(file, manifest.lengths.get(file.name) if manifest else None):
            seen(line.length)
            if prefix and not line.trajectory.id.startswith(prefix):
                continue
            try:
                certificate = certify(line.trajectory, environments)
            except Exception as error:  # it is told, and the next line is read
                certificate = ReplayCertificate(
                    trajectory=line.trajectory.id,
                    tools=line.trajectory.roles.tools,
                    initial_state="",
                    calls=(),
                    final_state="",
                    changes=(),
                    differences=judge_failure(error).reasons,
                )
            total, held = total + 1, held + certificate.holds
            certificates += [certificate] if as_json else []
            if not as_json and not quiet and (prefix or not certificate.holds):
                print_certificate(certificate)
    if prefix and not total:
        raise InputError(f"has no record whose id begins with {prefix!r}", file=str(file))
    if as_json:
        answers.print_json([one.model_dump(mode="json") for one in certificates])
    elif not quiet:
        answers.print_line(f"{file}: {held} of {total} certificates hold")
    return DONE if held == total else SHORTFALL


def print_certificate(certificate: ReplayCertificate) -> None:
    """Print the calls, what they changed, and what differs."""
    verdict = "holds" if certificate.holds else "does not hold"
    answers.print_line(f"{certificate.trajectory} {verdict}: {len(certificate.calls)} calls")
    for call in certificate.calls:
        mark = "same" if call.same else f"differs, recorded {call.recorded or 'no JSON'}"
        answers.print_line(f"  message {call.message}: {call.tool} {call.replayed} {mark}")
    for change in certificate.changes:
        before, after = change.before or {}, change.after or {}
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        kind = "made" if not change.before else "removed" if not change.after else "changed"
        answers.print_line(f"  {change.table} {change.key} {kind}: {', '.join(names)}")
    for found in certificate.differences:
        answers.print_line(f"  {found.code} {found.explanation}")


def repair_command(folder: Path, quiet: bool, as_json: bool) -> int:
    """Mend a folder; 3 where something is lost. Raises InputError, OutputError."""
    if not folder.is_dir():
        raise InputError("is no folder", file=str(folder))
    done = repair(folder)
    if as_json:
        answers.print_json({"folder": str(folder), **done._asdict()})
    elif not quiet:
        for kind, told in done._asdict().items():
            for line in told:
                answers.print_line(f"{kind}: {line}")
        if not done.mended and not done.lost:
            answers.print_line(f"{folder}: nothing is amiss")
    return SHORTFALL if done.lost else DONE


_COUNTED = ("conversations", "messages", "tokens")


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
            [{"step": name, **dict(zip(_COUNTED, counts, strict=True))} for name, *counts in steps]
        )
        return DONE
    table = make_table("step", *_COUNTED, "of all tokens", numbers=(*_COUNTED, "of all tokens"))
    whole = steps[0][-1]
    for name, *counts in steps:
        share = f"{100 * counts[-1] / whole:.1f} %" if whole else "–"
        table.add_row(name, *(f"{count:,}" for count in counts), share)
    SafeConsole(width=100).print(table)
    return DONE
