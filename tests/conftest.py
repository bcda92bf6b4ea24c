"""What all tests share: Hypothesis judges by results, never by the clock of a busy machine."""

from hypothesis import settings

settings.register_profile("toolweave", deadline=None)
settings.load_profile("toolweave")
