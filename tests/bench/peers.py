# SPDX-License-Identifier: Apache-2.0
"""What the benchmark programs share: nginx as a child, curl as the client, time on a processor."""

import contextlib
import os
import pathlib
import socket
import subprocess

MIB = 1 << 20
TEMPORARY = ("body", "proxy", "fastcgi", "uwsgi", "scgi", "cache")
# What every configuration begins with: the foreground, and nothing outside its own folder.
NGINX_HEAD = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
"""
# A location that caches what `upstream` has in slices of 1 MiB, for a proxy_cache_path named c.
NGINX_SLICE = """
    location / {{
      slice 1m; proxy_cache c; proxy_cache_lock on; proxy_cache_key $uri$slice_range;
      proxy_set_header Range $slice_range; proxy_http_version 1.1;
      proxy_cache_valid 200 206 1h; proxy_pass {upstream};
    }}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, text, port, **popen):
    """nginx as a child; `text` follows NGINX_HEAD. Yields the process once `port` answers."""
    for name in ("static", *TEMPORARY):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in (".", "static", "cache"):  # its workers are somebody else
        os.chmod(folder / name, 0o777)
    (folder / "nginx.conf").write_text(NGINX_HEAD.format(folder=folder) + text)
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)],
                               stderr=subprocess.DEVNULL, **popen)
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"nginx: {(folder / 'error.log').read_text()}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
        yield process
    finally:
        process.terminate()
        process.wait()


def curl(url, *words):
    """(seconds, bytes) of one GET, redirects followed."""
    out = subprocess.run(["curl", "-sSfL", "-o", "/dev/null", "-w",
                          "%{time_total} %{size_download}", *words, url], check=True,
                         capture_output=True, text=True).stdout.split()
    return float(out[0]), int(out[1])


def redirect_of(url):
    """Where a GET of this address is sent."""
    return subprocess.run(["curl", "-sSf", "-o", "/dev/null", "-w", "%{redirect_url}", url],
                          check=True, capture_output=True, text=True).stdout


def cpu_seconds(pids):
    """Time on a processor of all threads of these processes so far."""
    nanoseconds = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that just ended
                nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9
