"""One step of TRL's trainer for pairs with a tiny random model; called with rows, tokenizer,
template, and `dpo` or `kto`.

Answers the sequences that TRL prepares, decoded, and whether the step moved the weights.
"""

import sys
import tempfile
from pathlib import Path

import torch
from datasets import load_dataset
from masks import tell
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

torch.manual_seed(1)
config, kind = {"dpo": (DPOConfig, DPOTrainer), "kto": (KTOConfig, KTOTrainer)}[sys.argv[4]]
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
tokenizer.chat_template = Path(sys.argv[3]).read_text()
models = [Qwen3ForCausalLM(Qwen3Config(
    vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
    num_attention_heads=1, num_key_value_heads=1, head_dim=8, max_position_embeddings=32768,
)) for _ in range(2)]  # fmt: skip
with tempfile.TemporaryDirectory() as folder:
    rows = load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=folder)
    trainer = kind(
        model=models[0], ref_model=models[1], train_dataset=rows, processing_class=tokenizer,
        args=config(
            output_dir=folder, max_steps=1, per_device_train_batch_size=len(rows), max_length=None,
            report_to=[], logging_steps=1, learning_rate=0.01, use_cpu=True, bf16=False,
            gradient_checkpointing=False, lr_scheduler_type="constant", save_strategy="no",
        ),
    )  # fmt: skip
    prepared = [
        {
            name.removesuffix("_ids"): tokenizer.decode(value) if name.endswith("_ids") else value
            for name, value in row.items()
            if name in ("prompt_ids", "chosen_ids", "rejected_ids", "completion_ids", "label")
        }
        for row in trainer.train_dataset
    ]
    before = models[0].lm_head.weight.detach().clone()
    trained = trainer.train()
tell({
    "prepared": prepared,
    "loss": trained.training_loss,
    "moved": not torch.equal(before, models[0].lm_head.weight),
})  # fmt: skip
