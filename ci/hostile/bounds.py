"""Everything that is waited for or asked for has a bound."""

import threading
import time

from bench import PLAIN, Bench, interrupt_after, trial
from servers import OnConnection, Server, answering, endless, ok, silent

KEYS = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "hush", "S3_BUCKET_NAME": "bucket"}
TOKEN_KEYS = {"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "hush", "AUTH0_AUDIENCE": "some"}

CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100


def store(on_connection: OnConnection) -> dict[str, str]:
    return KEYS | {"S3_ENDPOINT_URL": Server(on_connection).url}


@trial("bounds: an endless answer of a store, in cleanup")
def endless_cleanup(bench: Bench) -> None:
    bench.run("cleanup", "--run-id", "some", variables=store(endless(CHUNKED, CHUNK))).expect(3)


@trial("bounds: interim answers of a store for ever, in cleanup")
def interim_cleanup(bench: Bench) -> None:
    bench.run("cleanup", "--run-id", "some", variables=store(endless(b"", INTERIM))).expect(3)


@trial("bounds: a silent store, in cleanup")
def silent_cleanup(bench: Bench) -> None:
    bench.run("cleanup", "--run-id", "some", variables=store(silent)).expect(3)


def seeding_run(bench: Bench) -> list[object]:
    target = bench.stand_in("rule-engine")
    run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--run-time", "1", "--warm-up", "0s"]
    return [*run, "--rate", "50", "--target", target, "--out", "reports"]


@trial("bounds: an endless answer of a store, in a run")
def endless_run(bench: Bench) -> None:
    bench.run(*seeding_run(bench), variables=store(endless(CHUNKED, CHUNK))).expect(3)


@trial("bounds: a silent store, in a run")
def silent_run(bench: Bench) -> None:
    bench.run(*seeding_run(bench), variables=store(silent)).expect(3)


@trial("bounds: a silent store, and Ctrl-C")
def silent_interrupted(bench: Bench) -> None:
    flags = seeding_run(bench)
    ended = bench.run(*flags, variables=store(silent), during=interrupt_after(3))
    ended.expect(130, seconds=3 + 2)


@trial("bounds: interim answers of a target for ever")
def interim_target(bench: Bench) -> None:
    server = Server(endless(b"", INTERIM))
    bench.run("replay", bench.tape(), "--target", server.url, *PLAIN, "--timeout", "1s").expect((0, 1, 3, 5))


@trial("bounds: an endless answer of a target")
def endless_target(bench: Bench) -> None:
    server = Server(endless(CHUNKED, CHUNK))
    bench.run("replay", bench.tape(), "--target", server.url, *PLAIN, "--timeout", "1s").expect((0, 1, 3, 5))


def with_provider(bench: Bench, on_connection: OnConnection, code: int, **how) -> None:
    bench.run("generate", "--service", "rule-engine", "--count", 500, "-o", "some.tape", "--quiet").expect(0)
    target = Server(answering(lambda head, body: ok()))
    variables = TOKEN_KEYS | {"AUTH0_DOMAIN": Server(on_connection).url}
    flags = ["replay", "some.tape", "--target", target.url, "--auth-mode", "auth0"]
    bench.run(*flags, *PLAIN, variables=variables, **how).expect(code)


@trial("bounds: a silent token provider")
def silent_provider(bench: Bench) -> None:
    with_provider(bench, silent, 3)


@trial("bounds: an endless answer of a token provider")
def endless_provider(bench: Bench) -> None:
    with_provider(bench, endless(CHUNKED, CHUNK), 3)


@trial("bounds: interim answers of a token provider for ever")
def interim_provider(bench: Bench) -> None:
    with_provider(bench, endless(b"", INTERIM), 3)


@trial("bounds: answers of a token provider, a byte a second")
def slow_provider(bench: Bench) -> None:
    def on_connection(connection) -> None:
        connection.recv(65_536)
        for byte in b"HTTP/1.1 200 OK\r\n" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(1)

    with_provider(bench, on_connection, 3)


for flag, value in [
    ("--threads", 20_000),
    ("--threads", 2**63),
]:
    trial(f"bounds: generate {flag} {value}")(
        lambda bench, flag=flag, value=value: bench.run(
            "generate", "--service", "rule-engine", "--count", 100, flag, value, "-o", "some.tape"
        ).expect((0, 2))
        and None
    )

for flag, value in [
    ("--max-in-flight", 100_000_000),
    ("--max-in-flight", 2**32 - 1),
    ("--lanes", 200),
    ("--lanes", 100_000),
    ("--connections", 10_000_000),
    ("--speed", "1e12"),
    ("--speed", "1e300"),
    ("--rate", "1e308"),
    ("--duration", "100000000h"),
    ("--timeout", "100000000h"),
]:

    def refuse(bench: Bench, flag: str = flag, value: object = value) -> None:
        server = Server(answering(lambda head, body: ok()))
        speed = ["--arrivals", "recorded"] if flag == "--speed" else ["--rate", "50"]
        flags = {"--duration": "1s", "--warm-up": "0s", "--slo": "errors<=100%"} | {flag: value}
        words = [word for pair in flags.items() for word in pair]
        words = words if flag == "--rate" else [*words, *speed]
        stop = threading.Event()
        ended = bench.run("replay", bench.tape(), "--target", server.url, *words, during=interrupt_after(10))
        stop.set()
        ended.expect((0, 1, 2, 5), seconds=9)

    trial(f"bounds: replay {flag} {value}")(refuse)


@trial("bounds: a schedule of hours at a million a second")
def long_schedule(bench: Bench) -> None:
    bench.run("schedule", "--rate", "1000k", "--duration", "5h").expect((0, 2))


@trial("bounds: a plan that holds no arrival")
def no_arrival(bench: Bench) -> None:
    server = Server(answering(lambda head, body: ok()))
    flags = ["--rate", "0.001", "--duration", "1s", "--warm-up", "0s", "--arrivals", "poisson"]
    bench.run("replay", bench.tape(), "--target", server.url, *flags).expect(2, "plan no request")
    assert server.connections == 0, "nothing should have been opened"
