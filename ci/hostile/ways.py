"""Ways in and out that failed users: closed outputs, providers' habits, targets that want a token, chunks."""

import json
import os

from bench import PLAIN, SERVICE, Bench, trial
from servers import Server, answering, ok

TOKEN_KEYS = {"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "hush-hush-hush", "AUTH0_AUDIENCE": "thing"}


def url() -> str:
    return Server(answering(lambda head, body: ok())).url


@trial("ways: outputs that cannot be written")
def outputs(bench: Bench) -> None:
    tape, target = bench.tape(), url()
    reader, closed = os.pipe()
    os.close(reader)
    for name, out in [("full", open("/dev/full", "wb")), ("closed", closed)]:
        for more in [[], ["--json"]]:
            report = bench.folder / f"{name}{len(more)}"
            bench.run("replay", tape, "--target", target, *PLAIN, *more, "--out", report, out=out).expect((0, 1, 2, 5))
            assert (report / "summary.json").is_file() and (report / "index.html").is_file(), name


GUARDED = SERVICE.replace("[[endpoints]]", '[auth]\naudience = "thing"\n[[endpoints]]')
GUARDED += 'headers = { authorization = "Bearer ${fire.token}" }\n'


@trial("ways: every form of expires_in")
def expires_in(bench: Bench) -> None:
    tape = bench.tape(service=GUARDED)
    for form in ["3599", '"3599"', "3599.0", '"3599.0"', "null"]:
        text = '{"token_type":"Bearer","access_token":"aaaaaaaa.bbbbbbbb.cccccccc","expires_in":%s}' % form

        def answer(head: bytes, body: bytes, text: str = text) -> bytes:
            if head.startswith(b"POST /oauth/token"):
                return ok(text)
            return ok() if b"bearer aaaaaaaa" in head.lower() else ok(status="401 Unauthorized")

        server = Server(answering(answer))
        variables = TOKEN_KEYS | {"AUTH0_DOMAIN": server.url, "TAPDECK_CACHE": str(bench.folder / "cache" / str(len(form)))}
        flags = ["replay", tape, "--target", server.url, "--auth-mode", "auth0"]
        bench.run(*flags, *PLAIN, variables=variables).expect((0, 1, 5))


@trial("ways: a kept token that the target rejects is fetched anew")
def kept_token(bench: Bench) -> None:
    service = GUARDED.replace('audience = "thing"', 'audience = "thing"\nprobe_path = "/probe"')
    tape = bench.tape(service=service)
    state = {"token": "first-token-of-all"}

    def answer(head: bytes, body: bytes) -> bytes:
        if head.startswith(b"POST /oauth/token"):
            return ok(json.dumps({"access_token": state["token"], "expires_in": 3600, "token_type": "Bearer"}))
        return ok() if state["token"].encode() in head else ok(status="401 Unauthorized")

    server = Server(answering(answer))
    variables = TOKEN_KEYS | {"AUTH0_DOMAIN": server.url}
    words = ["replay", tape, "--target", server.url, "--auth-mode", "auth0", *PLAIN]
    bench.run(*words, variables=variables).expect((0, 1, 5))
    state["token"] = "second-token-of-all"
    bench.run(*words, variables=variables).expect((0, 1, 5))


@trial("ways: a target that wants a token, without any")
def unauthorized(bench: Bench) -> None:
    service = GUARDED.replace('audience = "thing"', 'audience = "thing"\nprobe_path = "/probe"')
    tape = bench.tape(service=service)
    for status in ["401 Unauthorized", "403 Forbidden"]:
        seen = []

        def answer(head: bytes, body: bytes, status: str = status, seen: list = seen) -> bytes:
            seen.append(head.split(b"\r\n")[0])
            return ok(status=status)

        server = Server(answering(answer))
        bench.run("replay", tape, "--target", server.url, "--auth-mode", "none", *PLAIN).expect(3, status[:3])
        assert not any(b"/thing" in line for line in seen), seen


@trial("ways: damaged chunks are the protocol's failure")
def chunks(bench: Bench) -> None:
    tape = bench.tape()
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    for name, body in {
        "no number": b"xyz\r\n{}\r\n0\r\n\r\n",
        "too large": b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "no line end": b"2\r\n{}0\r\n\r\n",
        "endless extension": b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n",
        "trailer without a colon": b"2\r\n{}\r\n0\r\nnonsense\r\n\r\n",
        "endless trailers": b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 50_000 + b"\r\n",
    }.items():
        server = Server(answering(lambda request, _, body=body: head + body))
        bench.run("replay", tape, "--target", server.url, *PLAIN, "--out", "report").expect((0, 1, 3, 5))
        failures = json.loads((bench.folder / "report" / "summary.json").read_text())["failures"]
        kinds = {failure["kind"] for failure in failures}
        assert kinds == {"protocol"}, f"{name}: {kinds}"
