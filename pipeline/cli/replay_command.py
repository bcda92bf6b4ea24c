"""What ``toolweave sandbox replay`` does: certificates of records, by running their calls again."""

from pathlib import Path

from pipeline.cli import answers
from pipeline.cli.progress import reading
from pipeline.run.check_again import data_file, environments_beside
from pipeline.run.output_folder import CATALOG
from pipeline.run.trajectory_lines import lines
from pipeline.run.workshop import stages_of
from schemas.check import ReplayCertificate
from schemas.errors import InputError
from validators.certificate import certify

DONE, SHORTFALL = 0, 3


def replay_command(stages: str, path: Path, prefix: str | None, quiet: bool, as_json: bool) -> int:
    """Certify the records of a file or an output folder; ``prefix``: those whose id begins so."""
    file = data_file(path)
    environments = environments_beside(file, stages_of(stages))
    if environments is None:
        raise InputError(f"has no {CATALOG} beside it: nothing can be replayed", file=str(file))
    certificates: list[ReplayCertificate] = []
    total = held = 0
    with reading(file, quiet) as seen:
        for line in lines(file):
            seen(line.length)
            if prefix and not line.trajectory.id.startswith(prefix):
                continue
            certificate = certify(line.trajectory, environments)
            total, held = total + 1, held + certificate.holds
            certificates += [certificate] if as_json else []
            if not as_json and not quiet and (prefix or not certificate.holds):
                _tell(certificate)
    if prefix and not total:
        raise InputError(f"has no record whose id begins with {prefix!r}", file=str(file))
    if as_json:
        answers.print_json([one.model_dump(mode="json") for one in certificates])
    elif not quiet:
        answers.print_line(f"{file}: {held} of {total} certificates hold")
    return DONE if held == total else SHORTFALL


def _tell(certificate: ReplayCertificate) -> None:
    """The calls, what they changed, and what differs."""
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
