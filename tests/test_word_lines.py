"""Words looked up in a sorted table without reading it whole."""

import gzip
from pathlib import Path

import lemminflect
import pytest
from lemminflect.codecs.InflectionLUCodec import InflectionLUCodec
from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec

from generators.lexicon.nouns import WordLines, dictionary


def _table(folder: Path, text: str) -> WordLines:
    file = folder / "words.gz"
    file.write_bytes(gzip.compress(text.encode()))
    return WordLines(
        file, lambda line: {line.split(",")[1]: line.split(",")[2]}, {"be": {"v": "was"}}
    )


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_word_gives_what_all_its_lines_say(tmp_path: Path, end: str) -> None:
    table = _table(tmp_path, f"a,n,1\nab,n,2\nab,v,3\nabc,n,4\nbe,n,5\nzo\u00e9,n,6{end}")
    assert table.get("a") == {"n": "1"}
    assert table.get("ab") == {"n": "2", "v": "3"}
    assert table.get("abc") == {"n": "4"}
    assert table.get("zo\u00e9") == {"n": "6"}
    assert table.get("be") == {"v": "was"}
    for strange in ("", "aa", "abcd", "zz", "A", "\ud800"):
        assert table.get(strange, "none") == "none"


def test_the_dictionary_says_of_each_word_what_its_own_tables_say() -> None:
    dictionary()
    lemmas, forms = lemminflect.Lemmatizer(), lemminflect.Inflections()
    whole = LemmaLUCodec.load(lemmas.lemma_lu_fn)
    bent = InflectionLUCodec.load(forms.infl_lu_fn)
    words = [*sorted({*whole, *bent})[::97], "be", "can", "children", "status", "zzz"]
    for word in words:
        assert lemmas.lemma_dict.get(word, {}) == whole.get(word, {}), word
        assert forms.infl_dict.get(word, {}) == bent.get(word, {}), word
