# SPDX-License-Identifier: Apache-2.0
# Git's smart protocol and LFS batch (hub-api.md 2.8): `git http-backend` of the machine serves
# a bare repository made from the emulated one. Reading only.
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile

from . import auth, errors
from .http_message import Response, dump_json
from .signing import sign
from .git_store import clean_environment

SUFFIXES = (("info", "refs"), ("git-upload-pack",), ("git-receive-pack",),
            ("info", "lfs", "objects", "batch"))
LFS_JSON = "application/vnd.git-lfs+json"
PIECE = 64 << 10
OBJECTS_MAX = 10_000


def split(segments):
    """(id segments without `.git`, suffix) of a git address, or None. `segments` begin after
    the type; an id has one or two, so a file `info/refs` under /resolve/ is no git address."""
    for suffix in SUFFIXES:
        ids = segments[:-len(suffix)]
        if tuple(segments[-len(suffix):]) == suffix and 1 <= len(ids) <= 2:
            return ids[:-1] + [ids[-1].removesuffix(".git")], suffix
    return None


@functools.cache
def backend():
    """The program, which is not in PATH; None when git lacks it."""
    if shutil.which("git") is None:
        return None
    folder = subprocess.run(["git", "--exec-path"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout.strip()
    return shutil.which("git-http-backend", path=folder)


def serve(call, suffix):
    """Answers one git request for `call.repo`."""
    if suffix[-1] == "git-receive-pack" or call.request.value("service") == "git-receive-pack":
        raise errors.login_required() if call.caller.anonymous else errors.no_permission()
    auth.require_gate(call.repo, call.caller)
    if suffix[-1] == "batch":
        return _lfs_batch(call)
    if suffix == ("info", "refs"):
        if call.request.value("service") != "git-upload-pack":
            raise errors.HubError(400, "hub emulator: only git's smart protocol is spoken")
    elif call.request.method != "POST":
        raise errors.page_not_found()
    if backend() is None:
        raise errors.HubError(501, "hub emulator: git http-backend is not installed")
    return _run_backend(call, call.state.git.get(call.repo), "/".join(suffix))


def _environment(call, bare, suffix):
    request = call.request
    environment = {
        **clean_environment(os.path.dirname(bare.folder)), "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": os.path.dirname(bare.folder),
        "PATH_INFO": f"/{os.path.basename(bare.folder)}/{suffix}",
        "QUERY_STRING": request.query, "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "CONTENT_TYPE": request.header("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
    }
    for header, name in (("content-encoding", "HTTP_CONTENT_ENCODING"),
                         ("git-protocol", "GIT_PROTOCOL")):
        if request.header(header):
            environment[name] = request.header(header)
    return environment


def _run_backend(call, bare, suffix):
    # A file, not a pipe: the backend may answer before it has read all of the request.
    with tempfile.TemporaryFile() as body:
        body.write(call.request.body)
        body.seek(0)
        process = subprocess.Popen(     # pylint: disable=consider-using-with
            [backend()], stdin=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(call, bare, suffix))
    response = Response(200)
    while line := process.stdout.readline().rstrip(b"\r\n"):
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "status":
            response.status = int(value.split()[0])
        else:
            response.set(name, value.strip())
    response.stream_from(_output_of(process))
    return response


def _output_of(process):
    """What the backend writes; ends it when the client has left."""
    try:
        while piece := process.stdout.read1(PIECE):
            yield piece
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
        process.wait()


def _lfs_batch(call):
    """Signed addresses for the objects this repository has in any commit."""
    if call.request.method != "POST":
        raise errors.page_not_found()
    try:
        asked = json.loads(call.request.body)
        operation, wanted = asked["operation"], list(asked["objects"])
        objects = [(str(o["oid"]), int(o["size"])) for o in wanted]
    except (ValueError, KeyError, TypeError):
        raise errors.HubError(422, "Invalid batch request") from None
    if operation != "download":
        raise errors.login_required() if call.caller.anonymous else errors.no_permission()
    if len(objects) > OBJECTS_MAX:
        raise errors.HubError(413, "too many objects")
    found = {entry.lfs_sha256: entry for commit in call.repo.commits.values()
             for entry in commit.tree.files.values() if entry.is_lfs}
    body = dump_json({"transfer": "basic", "objects": [
        _lfs_object(call, oid, size, found.get(oid)) for oid, size in objects]})
    return Response(200, [("Content-Type", LFS_JSON)], body)


def _lfs_object(call, oid, size, entry):
    answer = {"oid": oid, "size": size}
    if not re.fullmatch("[0-9a-f]{64}", oid):
        return {**answer, "error": {"code": 422, "message": "Invalid oid"}}
    if entry is None or entry.size != size:
        return {**answer, "error": {"code": 404, "message": "Object does not exist"}}
    state = call.state
    address = sign(state.cdn_url, state.cdn_path(call.repo, entry),
                   int(state.now()) + state.signed_lifetime)
    return {**answer, "authenticated": True, "actions": {
        "download": {"href": address, "expires_in": state.signed_lifetime}}}
