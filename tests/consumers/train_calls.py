"""Trains a small model on next calls, or measures it; runs in an environment of its own.

    train_calls.py measure MODEL SAMPLES ANSWERS [--weights FILE]
    train_calls.py train MODEL SAMPLES WEIGHTS --steps N

MODEL is a GGUF file or a folder of Hugging Face's form. What is stopped goes on: answers are added
one by one, and training keeps its state every so many steps. One sample is a step; the loss is that
of the call alone. The same seed trains the same on one machine.
"""

import argparse
import json
import math
import os
import random
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, StoppingCriteria

BEGUN = '<tool_call>{"name": "'
END = "</tool_call>"
LONGEST, MORE = 1024, 24
"""Tokens of a sample, and those that an answer may have beyond the right one."""
WARM, LEAST = 20, 0.1
"""Steps until the rate is whole, and the share of it that is left at the end."""


def load(path: str):
    """The tokenizer and the model, on a GPU if there is one."""
    file = Path(path)
    place = (str(file.parent), {"gguf_file": file.name}) if file.suffix == ".gguf" else (path, {})
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(place[0], **place[1])
    kind = torch.bfloat16 if device == "cuda" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(place[0], dtype=kind, **place[1])
    return tokenizer, model.to(device)


def encode(tokenizer, sample: dict, begun: str) -> list[int]:
    """The conversation, and how the call begins."""
    text = tokenizer.apply_chat_template(
        sample["messages"], tokenize=False, add_generation_prompt=True
    )
    return tokenizer(text + begun, add_special_tokens=False)["input_ids"]


def read(path: str) -> list[dict]:
    """The rows of a file; a torn last line is none."""
    if not Path(path).exists():
        return []
    lines = Path(path).read_text().split("\n")
    return [json.loads(line) for line in lines[:-1]]


class Ended(StoppingCriteria):
    """The call is written."""

    def __init__(self, tokenizer, at: int) -> None:
        self.tokenizer, self.at = tokenizer, at

    def __call__(self, ids: torch.Tensor, scores: object, **more: object) -> torch.Tensor:
        """Whether it is."""
        said = self.tokenizer.decode(ids[0, max(self.at, ids.shape[1] - 12) :])
        return torch.tensor([END in said], device=ids.device)


def measure(options: argparse.Namespace) -> None:
    """Have the model write each sample's call; what is there already is kept."""
    known = {one["id"] for one in read(options.answers)}
    samples = [one for one in read(options.samples) if one["id"] not in known]
    if not samples:
        return
    tokenizer, model = load(options.model)
    if options.weights:
        model.load_state_dict(torch.load(options.weights, map_location="cpu"))
    model.eval()
    file = Path(options.answers)
    whole = file.read_bytes() if file.exists() else b""
    file.write_bytes(whole[: whole.rfind(b"\n") + 1])
    with file.open("a") as out:
        for number, one in enumerate(samples, 1):
            ids = encode(tokenizer, one, BEGUN)
            given = torch.tensor([ids], device=model.device)
            room = len(tokenizer(one["target"])["input_ids"]) + MORE
            with torch.no_grad():
                made = model.generate(
                    given, attention_mask=torch.ones_like(given), max_new_tokens=room,
                    do_sample=False, pad_token_id=tokenizer.eos_token_id,
                    stopping_criteria=[Ended(tokenizer, len(ids))],
                )  # fmt: skip
            said = tokenizer.decode(made[0, len(ids) :], skip_special_tokens=True)
            row = {"id": one["id"], "said": BEGUN + said, "tokens": len(ids)}
            out.write(json.dumps(row) + "\n")
            out.flush()
            tell(f"{file.name}: {number} of {len(samples)}")


def train(options: argparse.Namespace) -> None:
    """Train for so many steps, and keep the weights."""
    done, state = Path(options.weights), Path(f"{options.weights}.state")
    if done.exists():
        return
    torch.manual_seed(options.seed)
    tokenizer, model = load(options.model)
    rows = []
    for one in read(options.samples):
        before = encode(tokenizer, one, "")
        ids = [*encode(tokenizer, one, one["target"]), tokenizer.eos_token_id]
        if len(ids) <= LONGEST and ids[: len(before)] == before:
            rows.append((ids, len(before)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.95))
    begun, losses = 0, []
    if state.exists():
        kept = torch.load(state, map_location="cpu")
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        begun, losses = kept["step"], kept["losses"]
    model.train()
    for step in range(begun, options.steps):
        fallen = LEAST + (1 - LEAST) * (1 + math.cos(math.pi * step / options.steps)) / 2
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / WARM) * fallen
        total = 0.0
        for place in range(step * options.batch, (step + 1) * options.batch):
            ids, at = rows[order(len(rows), place, options.seed)]
            given = torch.tensor([ids], device=model.device)
            labels = given.clone()
            labels[0, :at] = -100
            with torch.autocast(model.device.type, dtype=torch.bfloat16):
                loss = model(input_ids=given, labels=labels).loss / options.batch
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(round(total, 4))
        if (step + 1) % options.keep == 0 and step + 1 < options.steps:
            keep(state, {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                         "step": step + 1, "losses": losses})  # fmt: skip
        tell(f"{done.name}: step {step + 1} of {options.steps}, loss {losses[-1]:.3f}")
    told = {"steps": options.steps, "rows": len(rows), "losses": losses, "batch": options.batch,
            "rate": options.rate, "longest": max(len(ids) for ids, _ in rows),
            "mean": round(sum(len(ids) for ids, _ in rows) / len(rows))}  # fmt: skip
    Path(f"{options.weights}.json").write_text(json.dumps(told))
    keep(done, model.state_dict())
    state.unlink(missing_ok=True)


def order(count: int, place: int, seed: int) -> int:
    """The sample of a place: all have their turn before any comes again."""
    turn, at = divmod(place, count)
    rows = list(range(count))
    random.Random(f"{seed} {turn}").shuffle(rows)
    return rows[at]


def keep(file: Path, value: object) -> None:
    """Write a whole file or none."""
    temporary = file.with_name(f"{file.name}.tmp")
    torch.save(value, temporary)
    temporary.replace(file)


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int)
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("model")
    measuring.add_argument("samples")
    measuring.add_argument("answers")
    measuring.add_argument("--weights")
    training = commands.add_parser("train")
    training.add_argument("model")
    training.add_argument("samples")
    training.add_argument("weights")
    training.add_argument("--steps", type=int, required=True)
    training.add_argument("--batch", type=int, default=1)
    training.add_argument("--rate", type=float, default=1e-4)
    training.add_argument("--keep", type=int, default=20)
    training.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads or len(os.sched_getaffinity(0)))
    {"measure": measure, "train": train}[options.command](options)


if __name__ == "__main__":
    main()
