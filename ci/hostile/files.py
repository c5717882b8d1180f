"""Files that are not what they should be: refused by kind and size before they are read, damage with its place."""

import os
from pathlib import Path

from bench import PLAIN, Bench, trial
from servers import Server, answering, ok


def odd_files(bench: Bench) -> dict[str, Path]:
    """Gives a FIFO, a folder, a device and a file of a tebibyte that holds nothing."""
    os.mkfifo(bench.folder / "fifo")
    (bench.folder / "folder").mkdir()
    with (bench.folder / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    named = {name: bench.folder / name for name in ["fifo", "folder", "sparse"]}
    return named | {"device": Path("/dev/zero")}


def try_each(bench: Bench, words: list[object], place: int, codes: tuple[int, ...]) -> None:
    for name, path in odd_files(bench).items():
        tried = list(words)
        tried[place] = path
        ended = bench.run(*tried, timeout=20)
        assert ended.code in codes, f"{name}: exit {ended.code}: {ended.told()}"
        ended.expect(codes)


def url() -> str:
    return Server(answering(lambda head, body: ok())).url


@trial("files: odd files as a tape")
def as_tape(bench: Bench) -> None:
    try_each(bench, ["replay", None, "--target", url(), *PLAIN], 1, (2, 4))


@trial("files: odd files as a tape to inspect")
def as_inspected(bench: Bench) -> None:
    try_each(bench, ["inspect", None], 1, (2, 4))


@trial("files: odd files as an export")
def as_export(bench: Bench) -> None:
    try_each(bench, ["fidelity", None, "--out", bench.folder / "pages"], 1, (2, 4))


@trial("files: odd files as a service")
def as_service(bench: Bench) -> None:
    for path in odd_files(bench).values():
        named = bench.folder / f"{path.name}.toml"
        named.symlink_to(path)
        bench.run("generate", "--service", named, "--count", 10, "-o", "some.tape", timeout=20).expect(2)


@trial("files: odd files as a world")
def as_world(bench: Bench) -> None:
    words = ["generate", "--service", "rule-engine", "--count", 10, "-o", "some.tape", "--world", None]
    try_each(bench, words, 8, (2,))


@trial("files: odd files as a rate profile")
def as_profile(bench: Bench) -> None:
    tape = bench.tape()
    try_each(bench, ["replay", tape, "--target", url(), "--profile-csv", None], 5, (2,))


@trial("files: odd files as a baseline")
def as_baseline(bench: Bench) -> None:
    tape = bench.tape()
    try_each(bench, ["replay", tape, "--target", url(), *PLAIN, "--baseline", None], len(PLAIN) + 5, (2,))


@trial("files: odd files as a certificate")
def as_certificate(bench: Bench) -> None:
    tape = bench.tape()
    words = ["replay", tape, "--target", url().replace("http", "https"), *PLAIN, "--ca", None]
    try_each(bench, words, len(words) - 1, (2,))


@trial("files: a byte order mark and CRLF are read")
def marks(bench: Bench) -> None:
    from bench import SERVICE

    text = "\ufeff" + SERVICE.lstrip().replace("\n", "\r\n")
    bench.tape(service=text)
    profile = bench.write("profile.csv", "\ufeffseconds,rate\r\n0,50\r\n1,50\r\n")
    bench.run("replay", bench.folder / "some.tape", "--target", url(), "--profile-csv", profile, "--warm-up", "0s",
              "--slo", "errors<=100%").expect((0, 1, 5))
