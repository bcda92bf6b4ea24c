"""Two steps of TRL's GRPOTrainer over episodes; called with a server, moves, and whose words.

Of each pair of generations the first plays the moves that a file has for its seed, the second only
says that it is busy: so there is something to learn. Without ``scripted`` a tiny random model says
what it says. Answers the rewards, and for each generation the texts that are trained on and those
that are not.
"""

import json
import sys
import tempfile
from itertools import groupby
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

import torch
import trl
from datasets import Dataset
from masks import tell
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from pipeline.adapters.methods import name_parameter
from pipeline.adapters.trl_environment import (
    TALK,
    episode_reward,
    name_method,
    open_tasks,
)

where, file, scripted = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "scripted"
moves = {int(seed): played for seed, played in json.loads(file.read_text()).items()}
torch.manual_seed(1)
tasks = open_tasks(where, 100)
rows = [one for one in tasks.rows if one["seed"] in moves][:2]
busy = "I am looking into it."
opening = "<|im_start|>assistant\n"


def write_move(move, is_last):
    """A move as Qwen writes it: what is said to the user is a call, unless nothing follows."""
    calls = [one["function"] for one in move.get("tool_calls") or ()]
    if not calls and is_last:
        return move["content"]
    named = [
        {
            "name": name_method(one["name"]),
            "arguments": {
                name_parameter(name): value for name, value in json.loads(one["arguments"]).items()
            },
        }
        for one in calls
    ] or [{"name": TALK, "arguments": {"message": move["content"]}}]
    return "\n".join(f"<tool_call>\n{json.dumps(one)}\n</tool_call>" for one in named)


written = {
    seed: [write_move(one, n == len(played) - 1) for n, one in enumerate(played)]
    for seed, played in moves.items()
}
special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>",
           "<tool_response>", "</tool_response>", "<think>", "</think>"]  # fmt: skip
plain = Tokenizer(models.BPE())
plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
plain.decoder = decoders.ByteLevel()
plain.train_from_iterator(
    [json.dumps(one) for one in (*rows, *written.values())],
    trainers.BpeTrainer(
        vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=special[:3], show_progress=False,
    ),
)  # fmt: skip
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=plain, eos_token="<|im_end|>", pad_token="<|endoftext|>", padding_side="left"
)
tokenizer.add_tokens(special[3:])
templates = Path(trl.__file__).parent / "chat_templates"
tokenizer.chat_template = (templates / "qwen3.jinja").read_text()
model = Qwen3ForCausalLM(Qwen3Config(
    vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
    num_attention_heads=1, num_key_value_heads=1, head_dim=8, max_position_embeddings=65536,
    eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
))  # fmt: skip
seen = []


class Watched(GRPOTrainer):
    """Notes what is generated, and with ``scripted`` says it."""

    def _generate_single_turn(self, prompt_ids, *given, **more):
        if not scripted:
            return super()._generate_single_turn(prompt_ids, *given, **more)
        said = []
        for number, ids in enumerate(prompt_ids):
            text = tokenizer.decode(ids)
            seed = next(
                row["seed"] for row in rows
                if all(one["content"] in text for one in row["prompt"])
            )  # fmt: skip
            at = text.count(opening) - 1
            is_busy = at == 0 and number % 2
            said.append(busy if is_busy else written[seed][at])
        return [tokenizer.encode(f"{one}<|im_end|>") for one in said], None

    def _generate(self, prompts):
        found = super()._generate(prompts)
        seen.extend(zip(found[1], found[2], strict=True))
        return found

    def _calculate_rewards(self, *given, **more):
        found = super()._calculate_rewards(*given, **more)
        rewards.extend(found[:, 0].tolist())
        return found


rewards = []
with tempfile.TemporaryDirectory() as folder:
    trainer = Watched(
        model=model, reward_funcs=episode_reward, train_dataset=Dataset.from_list(rows),
        environment_factory=tasks.factories, processing_class=tokenizer,
        args=GRPOConfig(
            output_dir=folder, max_steps=2, per_device_train_batch_size=2, num_generations=2,
            max_completion_length=30_000 if scripted else 24, report_to=[], learning_rate=0.01,
            use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no",
            shuffle_dataset=False, logging_steps=1,
        ),
    )  # fmt: skip
    before = model.lm_head.weight.detach().clone()
    trainer.train()


def cut(ids, mask):
    """Runs of tokens that are trained on, and of those that are not."""
    runs = groupby(zip(ids, mask, strict=True), key=lambda pair: bool(pair[1]))
    return [[trained, tokenizer.decode([one for one, _ in run])] for trained, run in runs]


tell({
    "rewards": rewards,
    "steps": trainer.state.global_step,
    "moved": not torch.equal(before, model.lm_head.weight),
    "runs": [cut(ids, mask) for ids, mask in seen],
    "written": [written[row["seed"]] for row in rows],
    "busy": busy,
})  # fmt: skip
