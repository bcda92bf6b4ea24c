"""mistral-common, in the mode for fine-tuning: called with rows and names of its tokenizers."""

import sys
from pathlib import Path

import mistral_common
from masks import read, tell
from mistral_common.protocol.instruct.messages import FinetuningMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import ValidationMode
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

folder = Path(mistral_common.__file__).parent / "data"
answer = {}
for name in sys.argv[2:]:
    tokenizer = MistralTokenizer.from_file(str(folder / name), mode=ValidationMode.finetuning)
    texts, refused = [], []
    for row in read(sys.argv[1]):
        try:
            made = tokenizer.encode_chat_completion(ChatCompletionRequest[FinetuningMessage](**row))
        except Exception as error:  # what it raises is what is asked for
            refused.append(f"{type(error).__name__}: {error}"[:200])
        else:
            texts.append(made.text or tokenizer.decode(made.tokens))
    answer[name] = {"refused": refused, "texts": texts}
tell(answer)
