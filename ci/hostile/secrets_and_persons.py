"""What a target echoes of secrets and persons stands nowhere."""

import base64
import json
import urllib.parse

from bench import SERVICE, Bench, trial
from servers import Server, answering, ok

TOKEN = "opaque-7f3Kd9/Zq+Lw2Xv8=~tok.Rm4"
SECRET = "client-secret-0123456789abcdef"
CARD = "4012888888881881"

SEPARATORS = [" ", ".", "/", ",", "_", "|", ":", "-", "\u00a0", "\u2007", "\u202f", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014"]


def echoes(token: str) -> list[str]:
    encoded = base64.b64encode(token.encode()).decode()
    return [
        token, f"Bearer {token}", f'"{token}"', token[3:20], token[-14:], encoded, encoded.rstrip("="),
        base64.urlsafe_b64encode(token.encode()).decode(), urllib.parse.quote(token, safe=""), json.dumps(token).replace("/", "\\/"),
        token.replace("=", "\\u003d"), token.encode().hex(),
    ]


def outputs(bench: Bench) -> str:
    """Gives everything that a run has written and printed."""
    paths = [path for path in bench.folder.rglob("*") if path.is_file() and "cache" not in path.parts]
    return "\n".join(path.read_text(errors="replace") for path in paths)


@trial("secrets: a token that a target echoes")
def echoed_token(bench: Bench) -> None:
    service = SERVICE.replace("[[endpoints]]", '[auth]\naudience = "thing"\n[[endpoints]]')
    service += 'headers = { authorization = "Bearer ${fire.token}" }\n[endpoints.checks]\nstatus = 200\n'
    service = service.replace("[endpoints.checks]\nstatus = 200\n", "")
    tape = bench.tape(service=service)
    forms = echoes(TOKEN)

    def answer(head: bytes, body: bytes) -> bytes:
        if head.startswith(b"POST /oauth/token"):
            return ok(json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}))
        answer.count += 1
        return ok(" ".join(forms[answer.count % 6 :: 6]), status="500 Internal Server Error")

    answer.count = 0
    server = Server(answering(answer))
    variables = {"AUTH0_DOMAIN": server.url, "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": SECRET, "AUTH0_AUDIENCE": "thing"}
    flags = ["--rate", "50", "--duration", "1s", "--warm-up", "0s", "--auth-mode", "auth0", "--out", "report"]
    bench.run("replay", tape, "--target", server.url, *flags, variables=variables).expect((1, 3, 5))
    written = outputs(bench)
    for form in forms:
        assert form not in written, f"{form!r} stands in an output"
    assert SECRET not in written


@trial("secrets: card numbers over separators")
def cards(bench: Bench) -> None:
    tape = bench.tape()
    groups = [CARD[at : at + 4] for at in range(0, 16, 4)]
    forms = [separator.join(groups) for separator in SEPARATORS]
    forms.append("".join(chr(ord(digit) + 0xFEE0) for digit in CARD))
    for form in forms:
        body = json.dumps({"card": form}, ensure_ascii=False)
        server = Server(answering(lambda head, _, body=body: ok(body, status="500 Internal Server Error")))
        flags = ["--rate", "50", "--duration", "300ms", "--warm-up", "0s", "--out", "report"]
        bench.run("replay", tape, "--target", server.url, *flags).expect((1, 3, 5))
        assert form not in outputs(bench), f"{form!r} stands in an output"


@trial("secrets: control characters reach no terminal")
def controls(bench: Bench) -> None:
    tape = bench.tape()
    body = "before\x1b[31mred\x07\x9b31m\u202eback\x00after"
    server = Server(answering(lambda head, _: ok(body, status="500 Internal Server Error")))
    flags = ["--rate", "50", "--duration", "300ms", "--warm-up", "0s"]
    ended = bench.run("replay", tape, "--target", server.url, *flags).expect((1, 3, 5))
    for character in "\x1b\x07\x9b\u202e\x00":
        assert character not in ended.out + ended.err, f"{character!r} was printed"
