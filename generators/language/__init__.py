"""How facts are put into words: values, references, requests, reports.

Nothing here decides what happens; that is the blueprint's. The words are found by a grammar of
templates (`data/phrases`) and by the shapes of names and results.
"""
