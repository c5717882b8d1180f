"""Load goes where it was told or nowhere."""

from bench import PLAIN, Bench, trial
from servers import Server, answering, ok

NOT_PORTS = ["80811", "65536", "-1", "abc", "808O", "+80", "", "0", "8081 ", "80:81"]


def good_server() -> Server:
    return Server(answering(lambda head, body: ok()))


@trial("address: a port that is none is refused in --target")
def target(bench: Bench) -> None:
    tape = bench.tape()
    for port in NOT_PORTS:
        bench.run("replay", tape, "--target", f"http://127.0.0.1:{port}", *PLAIN).expect(2, "--target")


@trial("address: a port that is none is refused in RULE_ENGINE_URL")
def variable(bench: Bench) -> None:
    # White space around a variable's value goes without saying.
    for port in [port for port in NOT_PORTS if not port.endswith(" ")]:
        run = ["run", "--service", "rule-engine", "--scenario", "smoke", "--skip-seed"]
        url = f"http://127.0.0.1:{port}"
        bench.run(*run, variables={"RULE_ENGINE_URL": url}).expect(2, "RULE_ENGINE_URL")


@trial("address: a port that is none is refused in S3_ENDPOINT_URL")
def store(bench: Bench) -> None:
    keys = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "hush", "S3_BUCKET_NAME": "bucket"}
    for port in NOT_PORTS:
        variables = keys | {"S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        bench.run("cleanup", "--run-id", "some", variables=variables).expect(2, "S3_ENDPOINT_URL")


@trial("address: a port that is none is refused in AUTH0_DOMAIN")
def provider(bench: Bench) -> None:
    bench.run("generate", "--service", "rule-engine", "--count", 500, "-o", "some.tape", "--quiet").expect(0)
    server = good_server()
    keys = {"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "hush", "AUTH0_AUDIENCE": "some"}
    for port in NOT_PORTS:
        variables = keys | {"AUTH0_DOMAIN": f"http://127.0.0.1:{port}"}
        flags = ["replay", "some.tape", "--target", server.url, "--auth-mode", "auth0"]
        bench.run(*flags, *PLAIN, variables=variables).expect(2, "AUTH0_DOMAIN")


@trial("address: a port that is none is refused in a definition")
def definition(bench: Bench) -> None:
    for port in NOT_PORTS:
        text = f'name = "thing"\ntitle = "A thing"\n[target]\nbase_url = "http://127.0.0.1:{port}"\n'
        text += '[[endpoints]]\nname = "thing"\nmethod = "GET"\npath = "/thing"\nevent = "authorization"\n'
        path = bench.write("thing.toml", text)
        bench.run("generate", "--service", path, "--count", 10, "-o", "some.tape").expect(2, "thing.toml", "base_url")


@trial("address: what looks like production is seen through percent-encoding")
def production(bench: Bench) -> None:
    tape, server = bench.tape(), good_server()
    for path in ["/prod", "/%70rod", "/%70%72%6f%64", "/%2570rod", "/PROD", "/api/pro%64"]:
        ended = bench.run("replay", tape, "--target", server.url + path, *PLAIN)
        ended.expect((2, 3), "production")
    assert server.connections == 0, f"{server.connections} connections"
