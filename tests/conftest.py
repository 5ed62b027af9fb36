"""What all tests share: property tests draw the same examples every time, without a clock."""

from hypothesis import settings

settings.register_profile("forewarn", deadline=None, derandomize=True)
settings.load_profile("forewarn")
