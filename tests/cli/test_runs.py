"""From a scenario file to a run folder and back, through the real chain."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from forewarn.cli.app import BAD_INPUT, VERIFICATION_FAILED, start
from forewarn.cli.runs import read_events, with_ticks
from forewarn.cli.scenarios import scenario_path, scenarios_folder
from forewarn.formats import FormatError
from forewarn.formats.jsonl import encode_event
from forewarn.records import Realm, Scan, SensorStatus, Tick
from forewarn.service import journal
from forewarn.service.replay import compare_outputs

ROOT = Path(__file__).resolve().parents[2]
SECOND_NS = 1_000_000_000
SHORT_S = 150
PARTS = {
    "alerts",
    "impact.geojson",
    "journal.db",
    "outputs.jsonl",
    "report.html",
    "summary.json",
    "tracks.czml",
    "truth.json",
}


@pytest.fixture(scope="module")
def short_scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The overflight's first minutes: enough for a track, an assessment and a warning."""
    folder = tmp_path_factory.mktemp("scenarios") / "scenarios"
    shutil.copytree(scenarios_folder(), folder)
    path = folder / scenario_path("overflight").name
    text = path.read_text()
    assert "duration_s: 1020" in text
    path.write_text(text.replace("duration_s: 1020", f"duration_s: {SHORT_S}"))
    return path


@pytest.fixture(scope="module")
def run_folder(short_scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of it."""
    folder = tmp_path_factory.mktemp("runs") / "short"
    assert start(["run", str(short_scenario), "--out", str(folder), "--quiet"]) == 0
    return folder


def forewarn(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "forewarn", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_folder_is_whole(run_folder: Path) -> None:
    assert {entry.name for entry in run_folder.iterdir()} == PARTS
    summary = json.loads((run_folder / "summary.json").read_text())
    assert summary["scenario_id"] == "overflight-2017-08-29"
    assert summary["simulated_s"] == SHORT_S
    (launch,) = summary["launches"]
    order = ("cloud_break_s", "first_look_s", "first_detection_s", "first_warning_s")
    times_s = [launch[key] for key in order]
    assert times_s == sorted(times_s)
    assert len(list((run_folder / "alerts").iterdir())) >= 1


def test_the_number_of_workers_changes_no_output(
    short_scenario: Path, run_folder: Path, tmp_path: Path
) -> None:
    """Byte for byte the same outputs from two processes; none at all is refused."""
    arguments = ["run", str(short_scenario), "--out", str(tmp_path / "run"), "--quiet"]
    assert start([*arguments, "--workers", "2"]) == 0
    same = (run_folder / "outputs.jsonl").read_bytes()
    assert (tmp_path / "run" / "outputs.jsonl").read_bytes() == same
    assert start([*arguments, "--workers", "0", "--force"]) == BAD_INPUT


def test_run_tells_what_happened(
    short_scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(["run", str(short_scenario), "--out", str(tmp_path / "run"), "--seed", "2"]) == 0
    captured = capsys.readouterr()
    assert "(seed 2)" in captured.out
    assert "+0 s  lift-off" in captured.out
    assert "FIRST WARNING" in captured.out
    assert f"report:     {tmp_path / 'run' / 'report.html'}" in captured.out
    shares = [line.partition(": ")[2].partition(" %")[0] for line in captured.err.splitlines()]
    assert shares == ["25", "50", "75", "100"]


def test_quiet_says_only_where_the_results_are(
    short_scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(["run", str(short_scenario), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert len(captured.out.splitlines()) == 2


def test_on_a_terminal_a_bar_is_shown_and_cleared(short_scenario: Path, tmp_path: Path) -> None:
    keyboard, screen = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "forewarn", "run", str(short_scenario), "--out", "run"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "140"},
        stdout=subprocess.PIPE,
        stderr=screen,
    )
    os.close(screen)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the process is
        while part := os.read(keyboard, 4096):
            shown += part
    os.close(keyboard)
    assert process.wait() == 0
    assert b"x real time" in shown
    assert b"areas warned" in shown
    assert b"%" not in shown
    assert process.stdout is not None
    assert b"real time" in process.stdout.read()
    process.stdout.close()


def test_the_seed_decides(run_folder: Path, short_scenario: Path, tmp_path: Path) -> None:
    for seed, same in (("1", True), ("2", False)):
        out = tmp_path / seed
        assert start(["run", str(short_scenario), "--seed", seed, "--out", str(out), "-q"]) == 0
        lines = (out / "outputs.jsonl").read_bytes()
        assert (lines == (run_folder / "outputs.jsonl").read_bytes()) is same


def test_an_earlier_run_is_kept_without_force(run_folder: Path, short_scenario: Path) -> None:
    before = (run_folder / "journal.db").stat().st_ino
    assert start(["run", str(short_scenario), "--out", str(run_folder), "-q"]) == BAD_INPUT
    assert (run_folder / "journal.db").stat().st_ino == before


def test_replay_in_another_process_is_identical(run_folder: Path, tmp_path: Path) -> None:
    """Another hash seed, so that an order taken from a set would be found."""
    result = forewarn("replay", str(run_folder), "--verify", PYTHONHASHSEED="4242")
    assert result.returncode == 0, result.stderr
    assert "identical" in result.stdout


def test_replay_writes_a_run_folder(run_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    journal_file = run_folder / "journal.db"
    assert start(["replay", str(journal_file), "--verify", "--out", str(out)]) == 0
    assert {entry.name for entry in out.iterdir()} == PARTS - {"truth.json"}
    assert (out / "outputs.jsonl").read_bytes() == (run_folder / "outputs.jsonl").read_bytes()
    assert start(["replay", str(journal_file), "--out", str(run_folder), "--force"]) == BAD_INPUT


def test_replay_finds_a_changed_row(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = tmp_path / "journal.db"
    shutil.copy(run_folder / "journal.db", forged)
    connection = apsw.Connection(str(forged))
    connection.execute(
        "UPDATE row SET body = CAST(replace(CAST(body AS TEXT), 'simulation', 'live') AS BLOB) "
        "WHERE sequence = (SELECT max(sequence) FROM row WHERE kind = 'output')"
    )
    connection.close()
    assert start(["replay", str(forged), "--verify"]) == VERIFICATION_FAILED
    assert "does not match its hash" in capsys.readouterr().err
    assert start(["replay", str(forged)]) == 0


def test_replay_finds_other_outputs(
    run_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A journal with a sound chain whose outputs are not those of its events."""
    path = tmp_path / "journal.db"
    rows = list(journal.read_rows(run_folder / "journal.db"))
    writer = journal.JournalWriter(path, journal.read_header(run_folder / "journal.db"))
    outputs = 0
    for row in rows:
        if row.kind == "event":
            writer.append_event(row.body)
        elif row.kind == "output":
            outputs += 1
            changed = row.body.replace(b'"realm":"simulation"', b'"realm":"live"')
            writer.append_output(changed if outputs == 5 else row.body)
    writer.close()
    assert start(["replay", str(path), "--verify"]) == VERIFICATION_FAILED
    message = capsys.readouterr().err
    assert "output 4, row" in message
    assert '"realm":"live"' in message


def test_uncompiled_kernels_give_the_same_numbers(run_folder: Path, tmp_path: Path) -> None:
    """Plain Python may round a sum otherwise, by less than a part in a thousand million."""
    source = tmp_path / "journal.db"
    rows = journal.read_rows(run_folder / "journal.db")
    writer = journal.JournalWriter(source, journal.read_header(run_folder / "journal.db"))
    lines = []
    for row in rows:
        if len(lines) >= 3:  # a track, its assessment, the decision: seconds in plain Python
            break
        if row.kind == "event":
            writer.append_event(row.body)
        elif row.kind == "output":
            writer.append_output(row.body)
            lines.append(row.body + b"\n")
    writer.close()
    assert {b"track", b"assessment", b"warning_decision"} <= {
        line[11:].split(b'"')[0] for line in lines
    }
    out = tmp_path / "plain"
    result = forewarn("replay", str(source), "--out", str(out), "-q", NUMBA_DISABLE_JIT="1")
    assert result.returncode == 0, result.stderr
    (tmp_path / "compiled.jsonl").write_bytes(b"".join(lines))
    shown = (out / "outputs.jsonl").read_bytes().splitlines(keepends=True)[: len(lines)]
    (tmp_path / "plain.jsonl").write_bytes(b"".join(shown))
    found = compare_outputs(tmp_path / "compiled.jsonl", tmp_path / "plain.jsonl", relative=1e-9)
    assert found is None, f"{found.path}:\n{found.journaled}\n{found.replayed}"


def test_processing_the_recorded_scans_gives_the_same_tracks(
    run_folder: Path, tmp_path: Path
) -> None:
    """The run's own events, written out as a recording, go through the chain as they did before."""
    rows = journal.read_rows(run_folder / "journal.db")
    bodies = [row.body for row in rows if row.kind == "event"]
    recording = tmp_path / "scans.jsonl"
    recording.write_bytes(b"".join(body + b"\n" for body in bodies))
    out = tmp_path / "processed"
    assert start(["process", str(recording), "--out", str(out), "--quiet"]) == 0
    assert (out / "outputs.jsonl").read_bytes() == (run_folder / "outputs.jsonl").read_bytes()


def test_process_leaves_out_what_it_cannot_read(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = journal.read_rows(run_folder / "journal.db")
    bodies = [row.body for row in rows if row.kind == "event"][:200]
    recording = tmp_path / "scans.jsonl"
    recording.write_bytes(b"\n".join([bodies[0], b"{broken", *bodies[1:]]))
    out = tmp_path / "processed"
    assert start(["process", str(recording), "--out", str(out)]) == 0
    assert "left out scans.jsonl:2" in capsys.readouterr().err
    (fault,) = json.loads((out / "summary.json").read_text())["malformed"]
    assert fault["place"] == "scans.jsonl:2"
    outputs = [json.loads(line) for line in (out / "outputs.jsonl").read_text().splitlines()]
    (rejected,) = [o for o in outputs if o["output"] == "rejected"]
    assert rejected["reason"] == "unreadable"
    assert "scans.jsonl:2" in rejected["detail"]
    assert start(["replay", str(out), "--verify", "--quiet"]) == 0


def test_what_was_live_is_never_live_again(run_folder: Path, tmp_path: Path) -> None:
    rows = journal.read_rows(run_folder / "journal.db")
    bodies = [row.body for row in rows if row.kind == "event"]
    live = [body.replace(b'"realm":"simulation"', b'"realm":"live"') for body in bodies]
    recording = tmp_path / "scans.jsonl"
    recording.write_bytes(b"\n".join(live))
    out = tmp_path / "processed"
    assert start(["process", str(recording), "--out", str(out), "--quiet"]) == 0
    alerts = list((out / "alerts").iterdir())
    assert alerts
    assert all(b"<status>Test</status>" in alert.read_bytes() for alert in alerts)
    assert b'"live"' not in (out / "outputs.jsonl").read_bytes()


def status(number: int, realm: Realm, at_s: float) -> SensorStatus:
    return SensorStatus(
        status_id=f"status-{number}",
        realm=realm,
        received_tai_ns=1_790_000_000 * SECOND_NS + round(at_s * SECOND_NS),
        sensor_id="x",
        operating=True,
        reason="well",
    )


def test_events_of_files_are_merged_as_they_were_received(tmp_path: Path) -> None:
    early, late = status(1, Realm.TEST, 1.0), status(2, Realm.TEST, 2.0)
    (tmp_path / "a.jsonl").write_bytes(encode_event(late))
    (tmp_path / "b.jsonl").write_bytes(encode_event(early))
    events, faults = read_events([tmp_path / "a.jsonl", tmp_path / "b.jsonl"])
    assert (events, faults) == ([early, late], [])


def test_realms_never_mix(tmp_path: Path) -> None:
    lines = [encode_event(status(n, realm, n)) for n, realm in enumerate((Realm.TEST, Realm.LIVE))]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    with pytest.raises(FormatError, match="several realms"):
        read_events([tmp_path / "a.jsonl"])
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(FormatError, match="holds no event"):
        read_events([tmp_path / "empty.jsonl"])


def test_time_passes_between_recorded_events() -> None:
    events = [status(1, Realm.TEST, 0.5), status(2, Realm.TEST, 3.0), status(3, Realm.TEST, 8000.0)]
    ticked = list(with_ticks(list(events)))
    ticks = [event.received_tai_ns for event in ticked if isinstance(event, Tick)]
    assert len(ticks) == 3 + 3600
    assert all(instant % SECOND_NS == 0 for instant in ticks)
    times = [event.received_tai_ns for event in ticked]
    assert times == sorted(times)
    with_own = [*events, Tick(tick_id="t", realm=Realm.TEST, received_tai_ns=9 * 10**18)]
    assert list(with_ticks(list(with_own))) == with_own


def test_speed_paces_the_run(short_scenario: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    begun_s = time.monotonic()
    assert start(["run", str(short_scenario), "--out", out, "-q", "--speed", "75"]) == 0
    assert time.monotonic() - begun_s >= SHORT_S / 75 - 0.1


def test_ctrl_c_leaves_nothing_and_says_130(short_scenario: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "forewarn", "run", str(short_scenario), "--out", "run", "--speed=1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.PIPE,
        text=True,
    )
    journal_file = tmp_path / ".run.partial" / "journal.db"
    deadline_s = time.monotonic() + 60.0
    while not journal_file.exists() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert journal_file.exists()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in message
    assert not list(tmp_path.iterdir())


def test_a_scenario_that_cannot_be_flown_is_bad_input(
    short_scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A published range far beyond what the vehicle can do."""
    path = short_scenario.with_name("too-far.yaml")
    path.write_text(short_scenario.read_text().replace("range_km: 2700", "range_km: 19000", 1))
    out = tmp_path / "run"
    assert start(["run", str(path), "--out", str(out), "-q"]) == BAD_INPUT
    assert "cannot be simulated" in capsys.readouterr().err
    assert not out.exists()


def test_report_is_written_anew(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (run_folder / "report.html").read_bytes()
    (run_folder / "report.html").unlink()
    assert start(["report", str(run_folder)]) == 0
    assert capsys.readouterr().out.strip() == str(run_folder / "report.html")
    assert (run_folder / "report.html").read_bytes() == before


def test_the_scans_of_a_run_hold_what_the_sensors_said(run_folder: Path) -> None:
    rows = journal.read_rows(run_folder / "journal.db")
    events = [journal.decode_event(row.body) for row in rows if row.kind == "event"]
    assert sum(isinstance(event, Tick) for event in events) == SHORT_S + 1
    assert any(isinstance(event, Scan) and event.measurements for event in events)
