"""Signals, and what a command leaves behind or finds."""

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


@trial("leftovers: killed at random moments, nothing half-written stands under a final name")
def killed(bench: Bench) -> None:
    chance = random.Random(1)
    tape = bench.tape(count=20_000)
    signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    target = bench.stand_in("rule-engine")
    made = bench.folder / "made"
    made.mkdir()
    for number in range(60):
        with_signal = signals[number % len(signals)]
        words: list[object]
        if number % 3 == 0:
            words = ["generate", "--service", "rule-engine", "--count", 60_000, "-o", made / "some.tape"]
        elif number % 3 == 1:
            flags = ["--rate", "100", "--duration", "2s", "--warm-up", "0s", "--out", made / "report"]
            words = ["replay", tape, "--target", url(), *flags]
        else:
            run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--stand-ins", "--run-time", "1"]
            words = [*run, "--rate", "50", "--run-id", "killed", "--out", made / "runs", "--cache", made / "cache"]
        bench.run(*words, during=send_after(chance.uniform(0.05, 2.5), with_signal)).expect((0, 1, 5, 130, -9, -15, -1), seconds=20)
        for path in made.rglob("*.tape"):
            bench.run("verify", path).expect(0)
        for path in made.rglob("*.json"):
            assert path.read_text().rstrip().endswith("}"), path
        for path in made.rglob("*.html"):
            assert path.read_text().rstrip().endswith("</html>"), path
    assert target
