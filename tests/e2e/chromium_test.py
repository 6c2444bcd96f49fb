# SPDX-License-Identifier: Apache-2.0
"""A page of another origin in Chromium: huggingface.js and transformers.js through CORS.

The page's origin is a small server of this test with the npm packages' own files. The page posts
its result there; nothing drives the browser. Chromium reaches the mirror and that origin alone.
"""

import http.server
import json
import pathlib
import queue
import re
import shutil
import subprocess
import threading

import pytest

from foreign import MODULES, command
from isolated import Isolated

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300
XENOVA = "Xenova/all-MiniLM-L6-v2"
COSINE_INT8 = 0.311753
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
         ".html": "text/html", ".json": "application/json"}
IMPORTS = {
    "@huggingface/hub": "@huggingface/hub/dist/browser/index.mjs",
    "@huggingface/transformers": "@huggingface/transformers/dist/transformers.min.js",
    "@huggingface/xetchunk-wasm": "@huggingface/xetchunk-wasm/dist/esm/index.js",
    "@huggingface/blake3-jit": "@huggingface/blake3-jit/dist/esm/index.js",
    "gearhash-jit": "gearhash-jit/dist/esm/index.js",
}
PAGE = """<!doctype html><meta charset="utf-8"><title>client</title>
<script type="importmap">%s</script>
<script type="module" src="/browser.mjs"></script>
""" % json.dumps({"imports": {name: f"/npm/{path}" for name, path in IMPORTS.items()}})
# Chromium asks its maker of its own accord, whatever the page does.
VENDORS_OWN = re.compile(r"dns \S+\.(google|googleapis)\.com$")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync",
         "--disable-background-networking", "--disable-component-update",
         "--disable-default-apps", "--disable-domain-reliability", "--no-pings",
         "--no-proxy-server", "--password-store=basic", "--enable-logging=stderr"]


class Origin:
    """The other origin: the page, the packages, the task, and where the result arrives."""

    def __init__(self, task):
        self.results = queue.Queue()
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                if path == "/":
                    self._say(PAGE.encode(), ".html")
                elif path == "/task.json":
                    self._say(json.dumps(task).encode(), ".json")
                elif path == "/browser.mjs":
                    self._say((HERE / "js/browser.mjs").read_bytes(), ".mjs")
                elif path.startswith("/npm/") and (MODULES / path[5:]).is_file():
                    self._say((MODULES / path[5:]).read_bytes(), pathlib.Path(path).suffix)
                else:
                    self._say(b"", ".html", 404)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._say(b"", ".html", 204)
                origin.results.put(json.loads(body))

            def _say(self, body, ending, status=200):
                self.send_response(status)
                self.send_header("Content-Type", TYPES.get(ending, "text/plain"))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # not our news
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Browser:
    """Chromium with a new profile at one page; `seen` is what it wrote (its console included)."""

    def __init__(self, net, profile, url):
        self._profile = pathlib.Path(profile)
        self._log = open(f"{profile}.log", "w+b")
        self._process = subprocess.Popen(
            net.command([command("chromium"), *FLAGS, f"--user-data-dir={profile}", url]),
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._profile.parent), "LANG": "C.UTF-8"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()  # its own children end with it
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def seen(self):
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")


def visit(mirror, folder, task):
    """What the page found out, in a browser that never saw it before."""
    if not MODULES.is_dir():
        pytest.skip("no JavaScript clients in build/js (npm's registry not reached?)")
    with Origin(task) as origin, Isolated(mirror, also=[origin.url]) as net, \
            Browser(net, folder, origin.url + "/") as browser:
        try:
            result = origin.results.get(timeout=SECONDS)
        except queue.Empty:
            raise AssertionError(f"the page said nothing\n{browser.seen()}") from None
        assert "error" not in result, f"{result}\n{browser.seen()}"
        others = [line for line in net.attempts if not VENDORS_OWN.match(line)]
        assert not others, f"asked past the mirror: {others}"
        return result


def access_log(mirror):
    return "".join(path.read_text() for path in (mirror.folder / "log").glob("access*"))


def test_a_page_of_another_origin_uses_both_libraries(hub, fresh, repo, content_dir, tmp_path):
    name, sha = repo([("model.safetensors", 3 << 20), ("notes.txt", 5000)])
    real = any(content_dir.glob("**/model_quantized.onnx"))
    task = {"hubUrl": fresh.http, "repo": name, "path": "model.safetensors",
            "token": hub.tokens()["stranger"], "model": XENOVA if real else None}
    expected = hub.sha256("models", name, sha, "model.safetensors")
    paths = sorted(hub.paths("models", name, sha))
    hub.clear()
    cold = visit(fresh, tmp_path / "cold", task)
    sent = hub.content_bytes()
    warm = visit(fresh, tmp_path / "warm", task)
    assert hub.content_bytes() == sent

    for out in (cold, warm):
        assert sorted(out["files"]) == paths
        assert out["plain"] == out["with_token"] == expected
        if real:
            assert out["cosine"] == pytest.approx(COSINE_INT8, abs=1e-3)
        see_headers(out, sha, expected)
    assert [row["token"] for row in hub.requests() if row["token"]] == []
    assert ' OPTIONS ' in access_log(fresh) or '"OPTIONS' in access_log(fresh)


def see_headers(out, sha, digest):
    """Scripts may read what the Hub's clients need, of ranges and errors too."""
    one, absent, tree = out["range"], out["absent"], out["tree"]
    assert one["status"] == 206 and out["several"]["status"] == 206
    assert one["headers"]["content-range"] == f"bytes 0-0/{3 << 20}"
    assert one["headers"]["x-repo-commit"] == sha
    assert one["headers"]["etag"] == f'"{digest}"'
    assert one["headers"]["x-linked-size"] == str(3 << 20)
    assert one["headers"]["x-cache"] in ("HIT", "MISS", "REVALIDATED")
    assert absent["status"] == 404 and absent["headers"]["x-error-code"] == "EntryNotFound"
    assert 'rel="next"' in tree["headers"]["link"]
