"""The command line: what people type, and what they read."""

import sys


def main() -> None:
    """Run the command that was typed, and exit with its status."""
    from forewarn.cli.app import start

    sys.exit(start(sys.argv[1:]))
