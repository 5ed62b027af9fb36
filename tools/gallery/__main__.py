"""Draw the pictures of the documentation: ``python -m tools.gallery [FOLDER] [NAME...]``.

The folder is ``docs/gallery`` where none is given; without names all pictures are drawn.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.gallery import FOLDER, PICTURES, write


def main(words: list[str]) -> int:
    """Take a word that names a picture as such, and the first that does not as the folder."""
    folder = FOLDER
    if words and words[0] not in PICTURES:
        folder, words = Path(words[0]), words[1:]
    if unknown := [word for word in words if word not in PICTURES]:
        print(f"no picture is called {', '.join(unknown)}: there are {', '.join(PICTURES)}")
        return 2
    for file in write(folder, tuple(words) or tuple(PICTURES)):
        print(f"{file}  {file.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
