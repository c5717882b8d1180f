"""What the machine lacks is said plainly: exit 2 with what is missing."""

import os
import resource
import subprocess

from bench import PLAIN, Bench, LeftOut, has, needs_root, trial
from servers import Server, answering, ok

FAST = ["--rate", "50", "--duration", "1s", "--warm-up", "0s", "--slo", "errors<=100%"]


def url() -> str:
    return Server(answering(lambda head, body: ok())).url


@trial("machine: hardly any descriptors")
def descriptors(bench: Bench) -> None:
    tape, target = bench.tape(), url()
    for most in [8, 12, 20, 40]:
        limits = {resource.RLIMIT_NOFILE: most}
        ended = bench.run("replay", tape, "--target", target, *FAST, "--out", "report", limits=limits)
        ended.expect(2)
        bench.run("inspect", tape, limits=limits).expect((0, 2))
        words = ["generate", "--service", "rule-engine", "--count", 1_000, "-o", "other.tape"]
        bench.run(*words, limits=limits).expect((0, 2))


@trial("machine: hardly any memory")
def memory(bench: Bench) -> None:
    tape, target = bench.tape(), url()
    for megabytes in [120, 200, 400]:
        limits = {resource.RLIMIT_AS: megabytes << 20}
        bench.run("replay", tape, "--target", target, *FAST, limits=limits).expect((0, 1, 2, 5))
        bench.run("generate", "--service", "rule-engine", "--count", 1_000, "-o", "other.tape", limits=limits).expect((0, 2))


@trial("machine: no threads")
def threads(bench: Bench) -> None:
    needs_root()
    if not has("setpriv"):
        raise LeftOut("needs setpriv")
    tape, target = bench.tape(), url()
    for path in [bench.folder, bench.folder / "cache"]:
        path.mkdir(exist_ok=True)
        path.chmod(0o777)
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    for most in [1, 2, 3]:
        limits = {resource.RLIMIT_NPROC: most}
        bench.run("replay", tape, "--target", target, *FAST, prefix=nobody, limits=limits).expect((0, 1, 2, 5))
        words = ["generate", "--service", "rule-engine", "--count", 1_000, "-o", "other.tape"]
        bench.run(*words, prefix=nobody, limits=limits).expect((0, 2))


@trial("machine: no folder for temporary files")
def temporary(bench: Bench) -> None:
    tape, target = bench.tape(), url()
    nowhere = {"TMPDIR": "/nonexistent"}
    bench.run("replay", tape, "--target", target, *FAST, "--out", "report", variables=nowhere).expect((0, 1, 5))
    words = ["generate", "--service", "rule-engine", "--count", 1_000, "-o", "other.tape"]
    bench.run(*words, variables=nowhere).expect((0, 2))
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--stand-ins", "--run-time", "1", "--rate", "50"]
    bench.run(*run, variables=nowhere).expect((0, 1, 2, 5))


@trial("machine: no /proc")
def no_proc(bench: Bench) -> None:
    needs_root()
    if not has("unshare"):
        raise LeftOut("needs unshare")
    tape, target = bench.tape(), url()
    hidden = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
    ended = bench.run("replay", tape, "--target", target, *FAST, "--out", "report", prefix=hidden)
    ended.expect((0, 1, 5))
    assert (bench.folder / "report" / "summary.json").is_file()
    words = ["generate", "--service", "rule-engine", "--count", 1_000, "-o", "other.tape"]
    bench.run(*words, prefix=hidden).expect(0)


@trial("machine: a disk that fills up while a report is written")
def full_disk(bench: Bench) -> None:
    needs_root()
    tape, target = bench.tape(), url()
    disk = bench.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False)
    if mounted.returncode != 0:
        raise LeftOut("cannot mount")
    bench.stack.callback(subprocess.run, ["umount", str(disk)], check=False)
    out = disk / "report"
    ended = bench.run("replay", tape, "--target", target, *PLAIN, "--out", out)
    ended.expect(2, "lacks", "No space left")
    assert (out / "summary.json").is_file(), os.listdir(out)
