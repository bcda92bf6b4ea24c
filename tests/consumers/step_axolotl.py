"""One step of transformers' Trainer on rows as Axolotl tokenises and masks them.

Called with rows, tokenizer and template. Answers what is trained on, the loss that the trainer
reports, the same loss worked out here over the trained tokens only, and whether weights moved.
"""

import sys
import tempfile

import torch
from axolotl_rows import tokenize
from masks import runs, tell
from transformers import (
    DataCollatorForSeq2Seq,
    Qwen3Config,
    Qwen3ForCausalLM,
    Trainer,
    TrainingArguments,
)

torch.manual_seed(1)
tokenizer, made = tokenize(*sys.argv[1:4])
model = Qwen3ForCausalLM(Qwen3Config(
    vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1,
    num_attention_heads=1, num_key_value_heads=1, head_dim=8, max_position_embeddings=32768,
))  # fmt: skip
ids, labels = (torch.tensor(made[0][name]) for name in ("input_ids", "labels"))
with torch.no_grad():
    scores = model(input_ids=ids[None]).logits[0, :-1]
    meant = torch.nn.functional.cross_entropy(scores.float(), labels[1:], ignore_index=-100)
before = model.lm_head.weight.detach().clone()
with tempfile.TemporaryDirectory() as folder:
    trainer = Trainer(
        model=model, train_dataset=made[:1], data_collator=DataCollatorForSeq2Seq(tokenizer),
        args=TrainingArguments(
            output_dir=folder, max_steps=1, per_device_train_batch_size=1, report_to=[],
            learning_rate=0.01, use_cpu=True, save_strategy="no",
        ),
    )  # fmt: skip
    trained = trainer.train()
tell({
    "runs": runs(tokenizer, ids.tolist(), (labels != -100).tolist()),
    "tokens": len(ids),
    "trained": int((labels != -100).sum()),
    "loss": trained.training_loss,
    "meant": meant.item(),
    "moved": not torch.equal(before, model.lm_head.weight),
})  # fmt: skip
