"""What the project knows of English: names, nouns, verbs, meanings of field names, dates, money.

Nothing above this package splits a name or bends a word. The tables are data (``data/lexicon``).
"""
