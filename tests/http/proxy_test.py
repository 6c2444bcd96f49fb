# SPDX-License-Identifier: Apache-2.0
"""upstream.proxy carries the pass-through as well: http as whole addresses, https in a tunnel whose
inside the proxy cannot read. And what the pass-through says when the way is broken."""
import socket
import socketserver
import ssl
import subprocess
import threading

import pytest
from program import read_all

BODY = b'{"name":"x"}'
HEAD_MAX = 65536


class Server(socketserver.ThreadingTCPServer):
    """Answers each connection by `serve(head, socket)` and remembers the heads."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, serve, context=None):
        self.heads, self.serve, self.context = [], serve, context
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, *_):
        pass  # clients of these tests may break off


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(20)
        sock = self.request
        if self.server.context:
            sock = self.server.context.wrap_socket(sock, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < HEAD_MAX:
            piece = sock.recv(4096)
            if not piece:
                return
            head += piece
        self.server.heads.append(head)
        self.server.serve(head, sock)


def answer(_, sock):
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                 % len(BODY) + BODY)


def tunnel(head, sock):
    """The proxy's side of CONNECT; other requests it answers itself."""
    if not head.startswith(b"CONNECT "):
        return answer(head, sock)
    host, port = head.split()[1].decode().rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as there:
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(there, sock), daemon=True)
        back.start()
        pump(sock, there)
        back.join()


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@pytest.fixture
def serve():
    running = []

    def begin(function, context=None):
        running.append(Server(function, context))
        return running[-1]

    yield begin
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def tls(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_plain_http_is_asked_of_the_proxy(repo, start, serve):
    proxy = serve(tunnel)
    httpd = start(http__passthrough="true", upstream__url="http://hub.example:8000",
                  upstream__proxy=f"http://me:secret@127.0.0.1:{proxy.port}")
    got = httpd.get("/api/whoami-v2", {"Authorization": "Bearer t",
                                       "Proxy-Authorization": "Basic client"})
    assert (got.status, got.body) == (200, BODY)
    head = proxy.heads[0].decode()
    assert head.startswith("GET http://hub.example:8000/api/whoami-v2 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in head and "Basic client" not in head


def test_https_goes_through_a_tunnel_that_hides_the_token(repo, start, serve, certificate):
    hub = serve(answer, tls(certificate))
    proxy = serve(tunnel)
    httpd = start(http__passthrough="true", upstream__url=f"https://localhost:{hub.port}",
                  upstream__ca_file=str(certificate / "cert.pem"),
                  upstream__proxy=f"http://127.0.0.1:{proxy.port}")
    got = httpd.get("/api/whoami-v2", {"Authorization": "Bearer t"})
    assert (got.status, got.body) == (200, BODY), got.text
    assert proxy.heads[0].startswith(f"CONNECT localhost:{hub.port} HTTP/1.1\r\n".encode())
    assert b"Bearer" not in proxy.heads[0] and b"Authorization: Bearer t\r\n" in hub.heads[0]


@pytest.mark.parametrize("said", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"",
                                  b"HTTP/1.1 200 OK\r\n\r\nsmuggled", b"nonsense\r\n\r\n"])
def test_a_proxy_that_refuses_is_a_gateway_error(repo, start, serve, said):
    proxy = serve(lambda _, sock: sock.sendall(said) if said else None)
    httpd = start(http__passthrough="true", upstream__url="https://localhost:1",
                  upstream__proxy=f"http://127.0.0.1:{proxy.port}")
    got = httpd.get("/api/whoami-v2")
    assert got.status in (502, 504) and "error=" in got["Proxy-Status"]


def words(httpd):
    got = httpd.get("/api/whoami-v2")
    name, *parameters = [part.strip() for part in got["Proxy-Status"].split(";")]
    assert name == "hf-mirror"
    return got.status, dict(parameter.split("=", 1) for parameter in parameters)


def test_proxy_status_names_what_was_broken(repo, start, serve, certificate):
    def broken(function, scheme="http", context=None, **more):
        server = serve(function, context)
        return words(start(http__passthrough="true", upstream__deadline="1s",
                           upstream__url=f"{scheme}://localhost:{server.port}", **more))

    silent = threading.Event()
    cases = [
        (broken(lambda *_: silent.wait(10)), 504, "http_response_timeout"),
        (broken(lambda _, sock: None), 502, "connection_terminated"),
        (broken(lambda _, sock: sock.sendall(b"tea\r\n\r\n")), 502, "http_protocol_error"),
        (broken(answer, "https", tls(certificate)), 502, "tls_certificate_error"),
        (words(start(http__passthrough="true", upstream__url="http://127.0.0.1:1")), 504,
         "connection_refused"),
        (words(start(http__passthrough="true", upstream__url="http://nothing.invalid")), 504,
         "dns_error"),
        (words(start(http__passthrough="true", upstream__offline="true",
                     upstream__url="http://127.0.0.1:1")), 504, "destination_unavailable"),
    ]
    silent.set()
    for (status, said), expected, word in cases:
        assert (status, said["error"]) == (expected, word)
        assert said["next-hop"].startswith('"')


def test_an_answer_that_upstream_gave_is_told_by_its_status(repo, start, serve):
    server = serve(lambda _, sock: sock.sendall(
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"))
    status, said = words(start(http__passthrough="true",
                               upstream__url=f"http://127.0.0.1:{server.port}"))
    assert (status, said) == (503, {"received-status": "503"})


def test_a_mirror_that_is_its_own_upstream_says_so(repo, start, serve):
    """A front hands our own question back to us."""
    def back(head, sock):
        with socket.create_connection(("127.0.0.1", port[0]), timeout=20) as there:
            there.sendall(head)
            sock.sendall(read_all(there))

    port = []
    front = serve(back)
    httpd = start(http__passthrough="true", upstream__url=f"http://127.0.0.1:{front.port}")
    port.append(httpd.port)
    got = httpd.get("/api/whoami-v2")
    assert got.status == 508
    assert len(front.heads) == 1


def test_a_failure_met_by_head_has_the_length_of_its_text(repo, start, serve):
    server = serve(lambda _, sock: sock.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nhtml"))
    httpd = start(http__passthrough="true", upstream__url=f"http://127.0.0.1:{server.port}")
    get, head = httpd.get("/api/whoami-v2"), httpd.head("/api/whoami-v2")
    assert get.status == head.status == 502
    assert int(head["Content-Length"]) == len(get.body) > 0 and head.body == b""
    assert all(asked.startswith(b"GET ") for asked in server.heads)


@pytest.mark.parametrize("status", [201, 202, 300, 301, 302, 303, 305, 307, 308])
def test_addresses_of_upstream_itself_become_ours(repo, start, serve, status):
    """Of a write: nothing is followed."""
    def located(_, sock):
        sock.sendall(b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Location: %s/c\r\n"
                     b"Content-Length: 0\r\n\r\n" % (status, location[0].encode(), hub.encode()))

    server = serve(located)
    hub = f"http://127.0.0.1:{server.port}"
    httpd = start(http__passthrough="true", upstream__url=hub)
    location = [hub + "/y?z=1"]
    got = httpd.ask("POST", "/api/repos/create", {}, BODY)
    assert (got.status, got["Location"], got["Content-Location"]) == (status, "/y?z=1", "/c")
    location[0] = "https://huggingface.co/x"
    got = httpd.ask("POST", "/api/repos/create", {}, BODY)
    assert (got.status, got["Location"]) == (status, location[0])
    location[0] = "http://127.0.0.1:1/x"
    got = httpd.ask("POST", "/api/repos/create", {}, BODY)
    assert got.status == (502 if status >= 300 else status) and got["Location"] is None


def test_a_choice_of_300_is_the_clients(repo, start, serve):
    server = serve(lambda _, sock: sock.sendall(
        b"HTTP/1.1 300 Multiple Choices\r\nLocation: /other\r\nContent-Length: 1\r\n\r\nx"))
    httpd = start(http__passthrough="true", upstream__url=f"http://127.0.0.1:{server.port}")
    got = httpd.get("/spaces/acme/demo")
    assert (got.status, got["Location"], got.body) == (300, "/other", b"x")
    assert len(server.heads) == 1
