# SPDX-License-Identifier: Apache-2.0
"""The program: arguments, exit codes, ready line, several listeners, the access log."""
import re
import subprocess
import urllib.request

import pytest
from conftest import FILES
from program import Httpd, binary


def run(*words):
    return subprocess.run([str(binary()), *words], capture_output=True, text=True, timeout=20,
                          check=False)


def test_help_and_version():
    assert "--set TABLE.KEY=VALUE" in run("--help").stdout
    assert run("--version").stdout.startswith("hub-httpd ")


@pytest.mark.parametrize("words,reason", [
    (["--nope"], "--nope"), (["stray"], "stray"), (["--set", "http.nope=1"], "http.nope"),
    (["--set", "http.listen=[]"], "http.listen"), (["--set", "http.listen=[\"x\"]"], "http.listen"),
    (["--config", "/nonexistent/x.toml"], "/nonexistent/x.toml"),
])
def test_mistakes_in_usage_are_exit_2_and_named(words, reason):
    done = run(*words)
    assert done.returncode == 2 and reason in done.stderr and done.stdout == ""


def test_a_log_folder_that_cannot_be_written_is_exit_3(mount, tmp_path):
    tmp_path.joinpath("file").write_text("")
    httpd = Httpd(mount.root, tmp_path / "file/below")
    done = subprocess.run(httpd.command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 3 and "log.dir" in done.stderr


def test_a_taken_port_is_exit_3(httpd, mount, tmp_path):
    done = subprocess.run(
        Httpd(mount.root, tmp_path / "log", {
            "http.listen": f'["127.0.0.1:{httpd.port}"]'}).command,
        capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 3 and str(httpd.port) in done.stderr


def test_it_listens_on_all_addresses_and_names_the_first(start, repo):
    httpd = start(http__listen='["127.0.0.1:0", "[::1]:0"]')
    assert httpd.get("/healthz").status == 200
    only = start(http__listen='["[::1]:0"]')
    url = f"http://[::1]:{only.port}/acme/tiny/resolve/main/config.json"
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.read() == FILES["config.json"]
    assert only.stop() == 0
    assert " ::" in only.log_lines()[0]


def test_the_access_log_has_what_is_promised_and_nothing_else(httpd):
    httpd.get("/acme/tiny/resolve/main/config.json?token=SECRET1",
              {"Authorization": "Bearer SECRET2", "User-Agent": 'a "b" \\ c', "Cookie": "SECRET3"})
    httpd.head("/acme/tiny/resolve/main/nope")
    httpd.raw(b"SECRET4 nonsense\r\n\r\n")
    assert httpd.stop() == 0
    lines = httpd.log_lines()
    line = re.compile(r'^\d{4}-\d\d-\d\dT[\d:.]+Z (\S+) (\S+) (\S+) (\d+) (\d+) (HIT|MISS|'
                      r'REVALIDATED) (\d+) "(.*)"$')
    rows = [line.match(text).groups() for text in lines]
    assert rows[0][:6] == ("127.0.0.0", "GET", "/acme/tiny/resolve/main/config.json", "200",
                           str(len(FILES["config.json"])), "HIT")
    assert rows[0][7] == r"a \x22b\x22 \x5c c"
    # The next two came over connections of their own: whichever loop was faster wrote first.
    others = {row[1]: row for row in rows[1:]}
    assert others["HEAD"][1:5] == ("HEAD", "/acme/tiny/resolve/main/nope", "404", "0")
    assert others["-"][1:4] == ("-", "-", "400")
    assert "SECRET" not in "".join(lines)


def test_the_log_file_is_named_by_its_day(httpd):
    httpd.get("/")
    assert httpd.stop() == 0
    names = [path.name for path in httpd.log_dir.iterdir()]
    assert len(names) == 1 and re.fullmatch(r"access-\d{4}-\d\d-\d\d\.log", names[0])


def test_old_logs_are_deleted_and_other_files_are_not(mount, repo, tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    for name in ("access-2020-01-01.log", "access-2020-01-01.log.gz", "notes.log"):
        log.joinpath(name).write_text("x")
    with Httpd(mount.root, log) as httpd:
        httpd.get("/")
    assert not log.joinpath("access-2020-01-01.log").exists()
    assert log.joinpath("notes.log").exists() and log.joinpath("access-2020-01-01.log.gz").exists()
