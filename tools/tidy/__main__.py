"""Print every broken house rule; exit 1 if there is one."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.tidy import check_sources, check_texts, python_only, read_tree


def main() -> int:
    """Judge the repository this file belongs to."""
    texts = read_tree(Path(__file__).resolve().parents[2])
    findings = check_sources(python_only(texts)) + check_texts(texts)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(texts)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
