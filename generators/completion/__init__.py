"""A model completes the world model of a catalogue: once, in few requests, checked piece by piece.

`world_questions` says what is asked, `told_parts` reads an answer, `fitting` drops what does not
fit the tools or costs one that could be called, and `complete_world` asks.
"""
