"""Spans of OpenTelemetry: who asks for them hears of a build, its batches and its candidates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import data_of, environment, plan, toolweave

PROGRAM = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pipeline.entry import main
heard, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(heard))
trace.set_tracer_provider(provider)
try:
    main(sys.argv[1:], "tests.workshop")
finally:
    print(json.dumps([
        {"name": one.name, "id": one.context.span_id, "in": one.parent and one.parent.span_id,
         "begun": one.start_time, "ended": one.end_time, **one.attributes}
        for one in heard.get_finished_spans()
    ]))
"""


def build(folder: Path, *options: object) -> tuple[list[dict[str, Any]], Path]:
    out = folder / "o"
    tools = plan(folder, reject_every=4, repeat_every=5)
    given = ["build", "--quiet", "--tools", tools, "-n", 60, "--out", out, *options]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, given)], env=environment(folder), cwd=folder,
        text=True, capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    return json.loads(ran.stdout), out


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_its_batches_and_its_candidates_have_spans(tmp_path: Path, workers: int) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="needs toolweave[otel]")
    spans, out = build(tmp_path, "--workers", workers)
    (run,) = [one for one in spans if one["name"] == "toolweave.build"]
    batches = {one["id"]: one for one in spans if one["name"] == "toolweave.batch"}
    candidates = [one for one in spans if one["name"] == "toolweave.candidate"]
    assert (run["toolweave.asked"], run["toolweave.out"], run["in"]) == (60, str(out), None)
    assert {one["in"] for one in batches.values()} == {run["id"]}
    accepted, rejected = (data.count(b"\n") for data in data_of(out))
    told = [
        sum(one[f"toolweave.{key}"] for one in batches.values()) for key in ("accepted", "rejected")
    ]
    assert told == [accepted, rejected] == [60, rejected]
    for one in candidates:
        within = batches[one["in"]]
        assert within["toolweave.first"] <= one["toolweave.candidate"] <= within["toolweave.last"]
        assert within["begun"] <= one["begun"] <= one["ended"] <= within["ended"] <= run["ended"]
        assert (one["toolweave.outcome"] == "accepted") == (one["toolweave.reasons"] == [])
    numbers = sorted(one["toolweave.candidate"] for one in candidates)
    assert numbers[: accepted + rejected] == list(range(accepted + rejected))


def test_nobody_who_asks_for_none_has_opentelemetry_imported(tmp_path: Path) -> None:
    program = """
import sys
from pipeline.entry import main
try:
    main(sys.argv[1:], "tests.workshop")
finally:
    print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    given = ["build", "--quiet", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o"]
    ran = subprocess.run(
        [sys.executable, "-c", program, *map(str, given)], env=environment(tmp_path), cwd=tmp_path,
        text=True, capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    assert ran.stdout == "[]\n"


def test_spans_that_cannot_be_sent_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter", None)
    monkeypatch.delitem(sys.modules, "opentelemetry.sdk.trace", raising=False)
    ran = toolweave("build", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o")
    assert ran.code == 0
    (line,) = [one for one in ran.err.splitlines() if "OTEL" in one]
    assert line.startswith("OTEL_TRACES_EXPORTER is set, and no spans are sent: ")
    assert line.endswith("; install toolweave[otel]")
