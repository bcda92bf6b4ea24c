"""A sorted table of words as a file has it: the lines of a word are read when it is asked for.

Of the eighty thousand words of a dictionary a run asks for some hundreds.
"""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class WordLines:
    """Lines ``word,…`` in the order of the words' bytes; what they say of a word, as `dict.get`."""

    def __init__(
        self, file: Path, read: Callable[[str], dict[str, Any]], told: dict[str, Any] | None = None
    ) -> None:
        """``read``: a line → what it says of its word; ``told`` goes before what lines say."""
        self._lines, self._read = gzip.decompress(file.read_bytes()), read
        self._told = told or {}

    def get(self, word: str, otherwise: Any = None) -> Any:
        """All that the lines of a word say of it."""
        if word in self._told:
            return self._told[word]
        said: dict[str, Any] = {}
        for line in self._find(word.encode(errors="surrogatepass")):
            said |= self._read(line.decode())
        return said or otherwise

    def _find(self, word: bytes) -> Iterator[bytes]:
        lines, low, high = self._lines, 0, len(self._lines)
        while low < high:  # the first line whose word is not less begins between them
            begin = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = lines.find(b",", begin)
            if lines[begin:end] < word:
                low = lines.find(b"\n", end) + 1 or len(lines)
            else:
                high = begin
        while lines.startswith(word + b",", low):
            end = lines.find(b"\n", low)
            yield lines[low:end] if end >= 0 else lines[low:]
            low = end + 1 or len(lines)
