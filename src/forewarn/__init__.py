"""forewarn: an open, purely defensive missile early-warning system."""

__version__ = "0.1.0"
