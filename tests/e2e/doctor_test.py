# SPDX-License-Identifier: Apache-2.0
"""`hf-mirror doctor`: from a client's side, against the Hub, and on the node's own machine.

A healthy thing must pass; each of what goes wrong in practice must fail with the sentence that
says whose it is.
"""

import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import threading

import pytest

from mirror import bin_dir, toml

DOCTOR_SECONDS = 120


class Outcome:
    """What one run printed: lines by verdict and check, advice under each failure."""

    def __init__(self, done):
        self.code, self.text, self.errors = done.returncode, done.stdout, done.stderr
        self.lines, self.advice = {}, {}
        for line in self.text.splitlines():
            if line[:6] in ("pass  ", "FAIL  ", "note  "):
                check, word = line[6:24].strip(), line[:4]
                self.lines.setdefault(check, []).append((word, line[24:].strip()))
            elif line.startswith("      "):
                self.advice.setdefault(check, []).append(line.strip())

    def failed(self):
        return {check for check, found in self.lines.items() for word, _ in found
                if word == "FAIL"}

    def said(self, check):
        return " ".join(text for _, text in self.lines[check]) + " " + \
            " ".join(self.advice.get(check, []))


def doctor(*words, **environment):
    done = subprocess.run([str(bin_dir() / "hf-mirror"), "doctor", *words], text=True,
                          env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True,
                          timeout=DOCTOR_SECONDS, check=False)
    return Outcome(done)


def config_of(node, **more):
    """The --set words that the node itself runs with."""
    sets = {**node.sets, **{key.replace("__", "."): value for key, value in more.items()}}
    return [word for key, value in sets.items() for word in ("--set", f"{key}={toml(value)}")]


def hosts_of(hub):
    host = hub.cdn_url.removeprefix("http://")
    return ["--set", f'upstream.content_hosts=["{host}"]']


# A mirror, from the side of its clients.

@pytest.mark.parametrize("repo", ["demo/small", "datasets/demo/tiny", "demo/wide"])
def test_a_healthy_mirror_passes_every_check(mirror, repo):
    outcome = doctor("--client", mirror.http, "--repo", repo)
    assert (outcome.code, outcome.failed()) == (0, set()), outcome.text
    for check in ("listing", "pages", "small file", "head", "range", "missing file", "wrong token",
                  "whoami", "redirects", "xet", "x-cache"):
        assert check in outcome.lines, check
    assert outcome.text.endswith("14 passed, 0 failed\n")


def test_the_callers_token_reaches_the_hub_and_only_for_whoami(hub, mirror):
    hub.clear()
    token = hub.tokens()["granted"]
    outcome = doctor("--client", mirror.http, "--repo", "demo/small", HF_TOKEN=token)
    assert outcome.code == 0, outcome.text
    assert "the token is passed through" in outcome.said("whoami")
    rows = [row for row in hub.requests() if row["token"] == "granted"]
    assert {row["target"] for row in rows} == {"/api/whoami-v2"}
    assert token not in outcome.text + outcome.errors


def test_a_mirror_that_has_lost_the_hub_is_told_so(hub, fresh):
    hub.down()
    try:
        outcome = doctor("--client", fresh.http, "--repo", "demo/small")
    finally:
        hub.down(False)
    assert outcome.code == 1
    assert {"listing", "small file", "head"} <= outcome.failed()
    assert "gets no answer from the Hub" in outcome.said("listing"), outcome.text
    assert "tell the mirror's operator: " in outcome.said("listing")


def test_a_cached_repository_passes_while_the_hub_is_down_but_for_what_needs_it(hub, fresh):
    assert doctor("--client", fresh.http, "--repo", "demo/small").code == 0
    hub.down()
    try:
        outcome = doctor("--client", fresh.http, "--repo", "demo/small")
    finally:
        hub.down(False)
    assert {"listing", "pages", "small file", "head", "range"}.isdisjoint(outcome.failed()), \
        outcome.text
    assert "whoami" in outcome.failed()


@pytest.fixture
def nginx(tmp_path):
    """A web server with the right bytes at the right addresses, and nothing else of a Hub."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("nginx is not installed")
    file = tmp_path / "www/demo/small/resolve/main/config.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""  # its workers must reach tmp_path
    folders = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {folders}\n"
        f"  server {{ listen 127.0.0.1:{port}; root {tmp_path}/www; }} }}\n")
    with subprocess.Popen([program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
                          stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for_port(port, process):
    while True:
        assert process.poll() is None, "it ended"
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        except ConnectionRefusedError:
            continue


def test_plain_files_are_not_a_mirror(nginx):
    outcome = doctor("--client", nginx, "--repo", "demo/small")
    assert outcome.code == 1
    assert {"listing", "small file", "head", "missing file", "missing repo", "whoami",
            "x-cache"} <= outcome.failed(), outcome.text
    assert "no Hub answers under this address" in outcome.said("listing"), outcome.text
    assert "GET /api/models/demo/small/revision/main" in outcome.said("listing")


def test_nobody_there_is_said_at_once():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = doctor("--client", f"http://127.0.0.1:{port}")
    assert (outcome.code, outcome.text) == (1, "")
    assert outcome.errors.startswith(f"hf-mirror: cannot reach http://127.0.0.1:{port}: ")


def test_a_port_that_does_not_speak_tls_is_said_at_once(mirror):
    outcome = doctor("--client", mirror.http.replace("http://", "https://"))
    assert (outcome.code, outcome.text) == (1, "")
    assert outcome.errors.startswith("hf-mirror: cannot reach https://127.0.0.1:")


@pytest.mark.parametrize("words", [
    ["--client", "ftp://x"], ["--client", "http://127.0.0.1:1", "--repo", "a/b/c"],
    ["--client"], ["--client", "http://x", "--upstream"], ["--upstream", "nothing"],
    ["--set", "no.such=1"]])
def test_words_that_can_never_work_are_usage(words):
    outcome = doctor(*words)
    assert (outcome.code, outcome.text) == (2, "")
    assert outcome.errors


# The Hub, against the recordings.

def test_the_hub_as_recorded_passes(hub):
    outcome = doctor("--upstream", hub.url, "--repo", "demo/small", *hosts_of(hub))
    assert outcome.code == 0, outcome.text
    assert {word for found in outcome.lines.values() for word, _ in found} == {"pass"}, outcome.text


def test_upstream_without_a_word_is_the_configured_one(hub, mirror):
    outcome = doctor("--upstream", "--repo", "demo/small", *config_of(mirror))
    assert outcome.code == 0, outcome.text


INFO = ('{"_id":"0123456789abcdef01234567","id":"demo/small","private":false,"gated":false,'
        '"disabled":false,"lastModified":"2026-01-01T00:00:00.000Z"%s}')


@pytest.mark.parametrize("kind,match,rule,check,words", [
    ("headers", r"/resolve/main/.*(bin|safetensors)$", {"headers": {"X-Linked-ETag": None}},
     "lfs file", "header x-linked-etag: recorded etag64, found nothing"),
    ("headers", r"/resolve-cache/", {"headers": {"ETag": '"md5-of-it"'}},
     "small file itself", 'header etag: recorded etag40, found "md5-of-it"'),
    ("headers", r"expand=false&limit=1$", {"headers": {"Link": None}},
     "pages", "header link: recorded next link, found nothing"),
    ("status", r"/api/models/demo/small$", {"status": 200, "body": INFO % ',"siblings":[]',
     "headers": {"Content-Type": "application/json; charset=utf-8"}},
     "info", "sha: recorded hex40, found nothing"),
    ("status", r"/api/models/demo/small$", {"status": 200, "body": INFO % ',"sha":7',
     "headers": {"Content-Type": "application/json; charset=utf-8"}},
     "info", "sha: recorded hex40, found 7"),
    ("status", r"/refs$", {"status": 503}, "refs", "status: recorded 200, found 503"),
])
def test_an_answer_that_lost_what_clients_need_fails_by_name(hub, kind, match, rule, check, words):
    fault = hub.fault(kind, match, **rule)
    try:
        outcome = doctor("--upstream", hub.url, "--repo", "demo/small", *hosts_of(hub))
    finally:
        hub.clear_faults(fault)
    assert outcome.code == 1
    assert outcome.failed() == {check}, outcome.text
    assert words in outcome.said(check), outcome.text


def test_what_is_only_new_or_missed_by_nobody_is_a_note(hub):
    more = ',"sha":"%s","siblings":[],"brandNew":{"a":1}' % ("a" * 40)
    fault = hub.fault("status", r"/api/models/demo/small$", status=200, body=INFO % more,
                      headers={"Content-Type": "application/json; charset=utf-8"})
    try:
        outcome = doctor("--upstream", hub.url, "--repo", "demo/small", *hosts_of(hub))
    finally:
        hub.clear_faults(fault)
    assert outcome.code == 0, outcome.text
    assert ("note", 'brandNew was not recorded: {"a":1}') in outcome.lines["info"], outcome.text
    assert ("note", "tags: recorded list, found nothing") in outcome.lines["info"], outcome.text


def test_a_host_of_content_that_the_configuration_misses_is_named(hub):
    outcome = doctor("--upstream", hub.url, "--repo", "demo/small")
    assert outcome.code == 1
    assert 'add "127.0.0.1" to upstream.content_hosts' in outcome.said("lfs file"), outcome.text


# The node's own machine.

def test_a_running_node_finds_itself_healthy(mirror):
    outcome = doctor(*config_of(mirror, http__listen=[mirror.http.removeprefix("http://")],
                                rsync__listen=mirror.rsync.removeprefix("rsync://").rstrip("/")))
    assert outcome.failed() - {"open files"} == set(), outcome.text
    for check in ("kernel", "/dev/fuse", "right to mount", "passthrough", "open files",
                  "cache.dirs", "cache.size", "node.state_dir", "dns", "upstream", "clock"):
        assert check in outcome.lines, check
    assert "is served by ours" in outcome.said("http.listen")
    assert "is served by ours" in outcome.said("rsync.listen")


class OldHub(http.server.BaseHTTPRequestHandler):
    """Answers everything, with a Date long ago; another program at a port, too."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp=None):
        return "Sun, 06 Nov 1994 08:49:37 GMT"

    def log_message(self, *_):
        pass


def test_what_is_wrong_with_a_machine_is_said_with_the_remedy(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OldHub) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        taken = f"127.0.0.1:{other.server_address[1]}"
        try:
            outcome = doctor(
                "--set", f"upstream.url=http://{taken}", "--set", "upstream.allow_http=true",
                "--set", f'http.listen=["{taken}", "192.0.2.1:0"]', "--set", "cache.size=900000TB",
                "--set", f'cache.dirs=["{tmp_path}/cache"]',
                "--set", f"node.state_dir={tmp_path}/state")
        finally:
            other.shutdown()
    assert outcome.code == 1
    assert {"http.listen", "cache.size", "clock"} <= outcome.failed(), outcome.text
    assert "taken by another program" in outcome.said("http.listen")
    assert "no address of this machine" in outcome.said("http.listen")
    assert "lower cache.size" in outcome.said("cache.size")
    assert "ahead of upstream's" in outcome.said("clock")
    assert "not made yet" in outcome.said("cache.dirs")
    assert not pathlib.Path(tmp_path, "cache").exists(), "looking must not make it"


def test_a_hub_that_cannot_be_reached_is_said_with_the_remedy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--set", "upstream.allow_http=true", "--set", f'cache.dirs=["{tmp_path}"]',
             "--set", f"node.state_dir={tmp_path}", "--set", "cache.size=1GB"]
    outcome = doctor("--set", f"upstream.url=http://127.0.0.1:{port}", *words)
    assert outcome.failed() >= {"upstream"}, outcome.text
    assert "open the way to 127.0.0.1" in outcome.said("upstream")
    outcome = doctor("--set", "upstream.url=http://no-such-host.invalid", *words)
    assert outcome.failed() >= {"dns", "upstream"}, outcome.text
    assert "/etc/resolv.conf" in outcome.said("dns")
