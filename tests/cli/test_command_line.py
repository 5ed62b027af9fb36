"""The command line: quick to answer, plain about mistakes, and honest in its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forewarn.cli import app as app_module
from forewarn.cli.app import BAD_INPUT, INTERNAL_ERROR, VERIFICATION_FAILED, start
from forewarn.cli.reference import reference_markdown
from forewarn.cli.scenarios import scenario_path, scenarios_folder, shipped_names
from forewarn.formats import FormatError
from forewarn.service.journal import JournalError

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("run", "process", "replay", "report", "check", "claim", "demo", "warmup", "version")
HEAVY = {"numpy", "numba", "scipy", "matplotlib", "sgp4", "erfa", "apsw", "lxml", "rich", "yaml"}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with forewarn to be imported from this tree."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("arguments", ["--help", "run --help"])
def test_help_imports_nothing_heavy(arguments: str) -> None:
    """What makes --help slow is imports; they are listed by the interpreter itself."""
    result = python("-X", "importtime", "-m", "forewarn", *arguments.split())
    assert result.returncode == 0
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in result.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "typer" in imported
    assert not imported & HEAVY


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_helps_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert start([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example" in text
    assert f"forewarn {command}" in text.partition("Example")[2]
    assert "3    a verification failed" in text


def test_all_commands_are_tested() -> None:
    assert {command.callback.__name__ for command in app_module.app.registered_commands} == {
        *COMMANDS
    }


@pytest.mark.parametrize(
    ("arguments", "lesson"),
    [
        (["run"], "Missing argument"),
        (["nonsense"], "No such command"),
        (["run", "overflight-2017-08-29", "--seed", "x"], "Invalid value for '--seed'"),
        (["run", "overflight-2017-08-29", "--speed", "-1"], "Invalid value for '--speed'"),
        (["run", "no-such-scenario"], "no such scenario"),
        (["run", "no/such/file.yaml"], "cannot be read"),
        (["process", "no-such.jsonl"], "cannot be read"),
        (["replay", "no-such.db"], "no such file"),
        (["report", "no-such-run"], "not found"),
        (["check", "no-such.yaml"], "cannot be read"),
    ],
)
def test_bad_input_is_one_message_and_status_2(
    arguments: list[str],
    lesson: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert start(arguments) == BAD_INPUT
    captured = capsys.readouterr()
    assert lesson in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FormatError("wrong", file="x"), BAD_INPUT),
        (JournalError("not a journal"), BAD_INPUT),
        (JournalError("row 3 is bad", row=3), VERIFICATION_FAILED),
        (ZeroDivisionError("oh"), INTERNAL_ERROR),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_status_of_each_kind_of_error(
    error: BaseException,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> dict[str, str]:
        raise error

    monkeypatch.setattr("forewarn.cli.versions.versions", fail)
    assert start(["version"]) == status
    message = capsys.readouterr().err
    assert ("Traceback" in message) is (status == INTERNAL_ERROR)
    assert message.startswith("forewarn: ") or status == INTERNAL_ERROR


def test_version_names_what_decides_about_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert start(["version"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names[:3] == ["forewarn", "python", "numpy"]


def test_check_looks_at_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("forewarn: policy/1\npolicy_id: [\n")
    good = scenarios_folder() / "policies" / "default.yaml"
    assert start(["check", str(bad), str(good)]) == BAD_INPUT
    captured = capsys.readouterr()
    assert f"bad: {bad}:" in captured.err
    assert f"good: {good}: policy/1" in captured.out
    assert start(["check", str(good)]) == 0


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scenario_is_good(name: str) -> None:
    assert start(["check", str(scenario_path(name))]) == 0


def test_scenarios_are_found_by_name_and_by_path() -> None:
    expected = ROOT / "scenarios" / "falcon" / "ses-10.yaml"
    assert scenario_path("falcon/ses-10") == expected
    assert scenario_path("ses-10") == expected
    assert scenario_path(str(expected)) == expected
    assert scenario_path("overflight") == ROOT / "scenarios" / "overflight-2017-08-29.yaml"
    with pytest.raises(FormatError, match=r"may mean falcon/abs-2a or falcon/crs-10"):
        scenario_path("falcon")


def test_scenarios_of_an_installed_wheel_are_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "forewarn"
    (package / "scenarios").mkdir(parents=True)
    monkeypatch.setattr("forewarn.__file__", str(package / "__init__.py"))
    assert scenarios_folder() == package / "scenarios"
    (package / "scenarios").rmdir()
    with pytest.raises(FormatError, match="install forewarn again"):
        scenarios_folder()


def test_the_reference_page_is_up_to_date() -> None:
    page = ROOT / "docs" / "reference" / "cli.md"
    assert page.read_text() == reference_markdown() + "\n", (
        "write it anew: python -m forewarn.cli.reference > docs/reference/cli.md"
    )


def test_python_dash_m_is_the_same_command() -> None:
    result = python("-m", "forewarn", "version")
    assert result.returncode == 0
    assert result.stdout.startswith("forewarn ")
