"""Signals, and what a command leaves behind or finds."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path

from bench import PLAIN, SERVICE, Bench, send_after, trial
from servers import Server, answering, ok

KEYS = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "hush", "S3_BUCKET_NAME": "bucket"}


def url() -> str:
    return Server(answering(lambda head, body: ok())).url


@trial("leftovers: a hang-up ends a run in order")
def hang_up(bench: Bench) -> None:
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--stand-ins", "--run-time", "30", "--rate", "50"]
    words = [*run, "--run-id", "hup", "--out", "reports"]
    bench.run(*words, during=send_after(5, signal.SIGHUP)).expect(130)
    assert (bench.folder / "reports" / "run-metadata-hup.json").is_file()


@trial("leftovers: a tape that is cut short while it is played")
def cut_tape(bench: Bench) -> None:
    tape = bench.tape()

    def cut(_process: subprocess.Popen) -> None:
        time.sleep(3)
        with tape.open("r+b") as file:
            file.truncate(100)

    flags = ["--rate", "50", "--duration", "60s", "--warm-up", "0s", "--out", "report"]
    bench.run("replay", tape, "--target", url(), *flags, during=cut).expect(4, "some.tape")
    assert (bench.folder / "report" / "summary.json").is_file()


@trial("leftovers: an earlier report does not stand beside a failed run")
def stale_report(bench: Bench) -> None:
    tape = bench.tape()
    bench.run("replay", tape, "--target", url(), *PLAIN, "--out", "report").expect((0, 1, 5))
    assert (bench.folder / "report" / "summary.json").is_file()
    bench.run("replay", tape, "--target", "http://127.0.0.1:9", *PLAIN, "--out", "report").expect(3)
    assert not list((bench.folder / "report").iterdir())


@trial("leftovers: a damaged tape in the cache is made again")
def damaged_cache(bench: Bench) -> None:
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--stand-ins", "--run-time", "1", "--rate", "50"]
    words = [*run, "--cache", "cache"]
    bench.run(*words).expect((0, 1, 5))
    [tape] = (bench.folder / "cache" / "tapes").iterdir()
    whole = tape.read_bytes()
    tape.write_bytes(whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:])
    bench.run(*words).expect((0, 1, 5))
    assert tape.read_bytes() == whole


def names_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
ENDS = (0, 1, 5, 130, -9, -15, -2, -1)


def assert_whole(bench: Bench, folder: Path) -> None:
    """Fails where a file is not what its name says."""
    for path in folder.rglob("*"):
        if path.suffix == ".tape":
            bench.run("verify", path).expect(0)
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>"), path


@trial("leftovers: killed at random moments, nothing half-written stands under a final name")
def killed(bench: Bench) -> None:
    chance = random.Random(1)
    tape, target = bench.tape(count=20_000), url()
    made, temporary = bench.folder / "made", bench.folder / "temporary"
    made.mkdir()
    temporary.mkdir()
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--stand-ins", "--run-time", "1", "--rate", "50"]
    replay = ["replay", tape, "--target", target, "--rate", "100", "--duration", "2s", "--warm-up", "0s"]
    commands = [
        (["generate", "--service", "rule-engine", "--count", 60_000, "-o", made / "some.tape"], 1.0),
        ([*replay, "--out", made / "report"], 2.5),
        ([*run, "--run-id", "killed", "--out", made / "runs", "--cache", made / "cache"], 2.5),
        (["report", "--reports-dir", made / "runs"], 0.1),
    ]
    for number in range(60):
        words, longest = commands[number % len(commands)]
        end = send_after(chance.uniform(0.0, longest), SIGNALS[number // len(commands) % len(SIGNALS)])
        # Without a finished run there is nothing to put side by side.
        codes = (*ENDS, 2) if words[0] == "report" else ENDS
        bench.run(*words, during=end, variables={"TMPDIR": str(temporary)}).expect(codes, seconds=20)
        assert_whole(bench, made)
        assert not bench.left_running(), f"{words[0]} left a process"
    bench.run(*run, "--cache", made / "cache", variables={"TMPDIR": str(temporary)}).expect((0, 1, 5))
    assert not list(temporary.iterdir()), names_in(temporary)


@trial("leftovers: killed at random moments, a store is as it was after cleanup")
def killed_with_store(bench: Bench) -> None:
    chance = random.Random(2)
    folder = bench.folder / "store"
    folder.mkdir()
    variables = KEYS | {"S3_ENDPOINT_URL": ""}
    variables["S3_ENDPOINT_URL"] = bench.stand_in("object-store", "--folder", str(folder), variables=KEYS)
    target = bench.stand_in("rule-engine", "--store", variables=variables)
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--run-time", "1", "--warm-up", "0s", "--rate", "50"]
    words = [*run, "--target", target, "--out", bench.folder / "runs"]
    bench.run(*words, variables=variables).expect((0, 1, 5))
    before = names_in(folder)
    for number in range(40):
        end = send_after(chance.uniform(0.0, 3.0), SIGNALS[number % len(SIGNALS)])
        bench.run(*words, "--run-id", f"killed-{number}", during=end, variables=variables).expect(ENDS, seconds=20)
        cleanup = ["cleanup", "--run-id", f"killed-{number}"]
        if number % 2 == 0:
            # Taking back is called off as well, and done again.
            end = send_after(chance.uniform(0.0, 0.1), signal.SIGKILL)
            bench.run(*cleanup, during=end, variables=variables).expect((0, -9))
        bench.run(*cleanup, variables=variables).expect(0)
        assert names_in(folder) == before, names_in(folder) ^ before
    assert not bench.left_running()
