"""What is shipped is whole: the wheel's contents, the lock, and the set-up."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from the tree as it stands."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    """Schemas, scenarios, coastlines and everything else beside the code are in it."""
    source = ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "forewarn").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(wheel.namelist())


def test_the_wheel_installs_the_command_and_the_licences(wheel: zipfile.ZipFile) -> None:
    """The command calls ``forewarn.cli:main``; LICENSE and NOTICE travel along."""
    texts = {name.partition(".dist-info/")[2]: name for name in wheel.namelist()}
    assert "forewarn = forewarn.cli:main" in wheel.read(texts["entry_points.txt"]).decode()
    assert {"licenses/LICENSE", "licenses/NOTICE"} <= set(texts)


def test_the_lock_pins_and_hashes_everything_it_names() -> None:
    """Each package has one exact version and at least one hash; no address, no path."""
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    names = [entry.partition("==")[0] for entry in entries]
    assert len(names) == len(set(names)), "two versions of one package: results could differ"
    assert not re.search(r"https?:|file:|--(?:index|extra|find|trusted)| @ ", LOCK)


def test_the_lock_holds_every_dependency() -> None:
    """A dependency added to pyproject.toml without `make lock` is found here."""
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE))
    for requirement in wanted:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert match
        name = re.sub(r"[-_.]+", "-", match[0]).lower()
        assert name in locked, f"{name} is not in requirements.lock: run make lock"


def set_up(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up with these options only; all cases here stop before they touch .venv."""
    return subprocess.run(
        [str(ROOT / "tools" / "set_up.sh")],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_set_up_without_a_fitting_python_says_what_to_install() -> None:
    """A Python that is not there, or is too old, ends with a lesson and not with a trace."""
    result = set_up(PYTHON="python2.7")
    assert result.returncode == 1
    assert "python2.7 is not Python 3.11" in result.stderr
    assert "apt-get install python3.11" in result.stderr


def test_set_up_with_a_missing_folder_of_wheels_says_so() -> None:
    """WHEELS that names no folder stops before anything is changed."""
    result = set_up(PYTHON=sys.executable, WHEELS="no-such-folder")
    assert result.returncode == 1
    assert "WHEELS=no-such-folder is not a folder" in result.stderr


def data_folders() -> set[str]:
    """Folders that hold data files, below the places where data of others may stand."""
    places = [ROOT / "tests" / "vectors", ROOT / "scenarios" / "telemetry", ROOT / "src"]
    files = [p for place in places for p in place.rglob("*") if p.is_file()]
    code = {".py", ".pyc", ".pyi", ".typed"}
    return {p.parent.relative_to(ROOT).as_posix() for p in files if p.suffix not in code}


def test_notice_names_every_folder_of_data() -> None:
    """Whoever copies a file of others in says whose it is and under which licence."""
    notice = (ROOT / "NOTICE").read_text()
    missing = {f for f in data_folders() if not any(f.startswith(n) for n in named_in(notice))}
    assert not missing, f"NOTICE does not name {sorted(missing)}"


def named_in(notice: str) -> list[str]:
    """The paths at the head of each entry of NOTICE."""
    heads = re.findall(r"^(?:src|tests|scenarios|tools)/.*$", notice, re.MULTILINE)
    return [path.strip() for head in heads for path in head.split(",")]
