"""Formats: bytes and text to records and back, in the units that people use outside.

Every decoder gives a record or one typed fault (`FormatError`, or `Malformed` inside a stream) and
never anything else. Each format is a module; import it by its name.
"""

from forewarn.formats.faults import FormatError

__all__ = ["FormatError"]
