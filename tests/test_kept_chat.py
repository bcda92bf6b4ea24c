"""Answers about a catalogue are kept: after a crash, and for the next command."""

import asyncio
from pathlib import Path

import pytest

from pipeline.recordings import KeptChat
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import OutputError, ProviderError


class Counting:
    """A model that counts what it is asked, until it is out of order."""

    name = "counting"

    def __init__(self, most: int = 99) -> None:
        self.asked, self.most = 0, most

    async def complete(self, request: ChatRequest) -> ChatReply:
        if self.asked == self.most:
            raise ProviderError("out of order")
        self.asked += 1
        return ChatReply(text=f"{request.seed}: answer {self.asked} …")


def ask(model: Counting, file: Path, *seeds: int) -> list[str]:
    chat = KeptChat(model, file)
    requests = [ChatRequest(role="judge", messages=({"role": "user"},), seed=s) for s in seeds]
    return [asyncio.run(chat.complete(request)).text for request in requests]


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    file = tmp_path / "new" / "answers.jsonl"
    first = Counting()
    assert ask(first, file, 1, 2, 1) == ["1: answer 1 …", "2: answer 2 …", "1: answer 1 …"]
    second = Counting()
    assert ask(second, file, 2, 1, 3) == ["2: answer 2 …", "1: answer 1 …", "3: answer 1 …"]
    assert (first.asked, second.asked) == (2, 1)


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    ask(Counting(), tmp_path / "a", 1)
    other = Counting()
    other.name = "other"
    ask(other, tmp_path / "a", 1)
    assert other.asked == 1


def test_what_was_answered_before_a_failure_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ProviderError):
        ask(Counting(most=1), tmp_path / "a", 1, 2)
    again = Counting()
    ask(again, tmp_path / "a", 1, 2)
    assert again.asked == 1


def test_a_torn_line_is_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "a"
    ask(Counting(), file, 1, 2)
    file.write_bytes(file.read_bytes()[:-9])
    for expected in (1, 0):
        again = Counting()
        ask(again, file, 1, 2)
        assert again.asked == expected


@pytest.mark.parametrize("content", ["{}\n", "[1]\n", "no JSON\n", '{"key": "a", "reply": 5}\n'])
def test_a_file_of_something_else_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "a").write_text(content)
    with pytest.raises(OutputError, match="is no file of answers"):
        ask(Counting(), tmp_path / "a", 1)
