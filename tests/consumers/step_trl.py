"""One step of TRL's SFTTrainer with a tiny random model; called with rows, tokenizer and template.

Answers what the batch trains on, the loss that TRL reports, the same loss worked out here over the
trained tokens only, and whether the step moved the weights.
"""

import sys
import tempfile
from pathlib import Path

import torch
from datasets import load_dataset
from masks import runs, tell
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM
from trl import SFTConfig, SFTTrainer

torch.manual_seed(1)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
tokenizer.chat_template = Path(sys.argv[3]).read_text()
model = Qwen3ForCausalLM(Qwen3Config(
    vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
    num_attention_heads=1, num_key_value_heads=1, head_dim=8, max_position_embeddings=32768,
))  # fmt: skip
with tempfile.TemporaryDirectory() as folder:
    rows = load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=folder)
    trainer = SFTTrainer(
        model=model, train_dataset=rows, processing_class=tokenizer,
        args=SFTConfig(
            output_dir=folder, max_steps=1, per_device_train_batch_size=1, max_length=None,
            assistant_only_loss="messages" in rows.column_names, report_to=[], logging_steps=1,
            learning_rate=0.01, use_cpu=True, bf16=False, gradient_checkpointing=False,
            lr_scheduler_type="constant", save_strategy="no",
        ),
    )  # fmt: skip
    batch = next(iter(trainer.get_train_dataloader()))
    labels = batch["labels"][0]
    with torch.no_grad():
        scores = model(input_ids=batch["input_ids"]).logits[0, :-1]
        meant = torch.nn.functional.cross_entropy(scores.float(), labels[1:], ignore_index=-100)
    before = model.lm_head.weight.detach().clone()
    trained = trainer.train()
tell({
    "runs": runs(tokenizer, batch["input_ids"][0].tolist(), (labels != -100).tolist()),
    "tokens": len(labels),
    "trained": int((labels != -100).sum()),
    "loss": trained.training_loss,
    "meant": meant.item(),
    "moved": not torch.equal(before, model.lm_head.weight),
})  # fmt: skip
