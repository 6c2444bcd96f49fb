# SPDX-License-Identifier: Apache-2.0
# The Hub's refusals (hub-api.md 3.1). Handlers raise HubError; one place turns it into an
# answer, whose body is JSON under /api/, text under /resolve/ and /raw/, HTML for pages.
from .headers import weak_etag
from .http_message import Response, dump_json

CHALLENGE = 'Bearer realm="Authentication required", charset="UTF-8"'
BASIC_CHALLENGE = 'Basic realm="Authentication required", charset="UTF-8"'
BAD_LOGIN = "Invalid username or password."
BAD_TOKEN = "Invalid credentials in Authorization header"


class HubError(Exception):
    def __init__(self, status, message, code=None, headers=(), challenge=None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = list(headers)
        self.challenge = status == 401 if challenge is None else challenge


def login_required():
    return HubError(401, BAD_LOGIN)


def invalid_token():
    return HubError(401, BAD_TOKEN)


def repo_not_found(caller):
    """A missing and a hidden repository look the same; only the caller makes a difference."""
    if caller.anonymous:
        return login_required()
    return HubError(404, "Repository not found", "RepoNotFound")


def disabled():
    return HubError(403, "Access to this resource is disabled.")


def gated(repo, caller):
    if caller.anonymous:
        return HubError(401, f"Access to {repo.kind} {repo.id} is restricted. You must have "
                        "access to it and be authenticated to access it. Please log in.",
                        "GatedRepo")
    if caller.user in repo.pending:
        text = (f"Your request to access {repo.kind} {repo.id} is awaiting a review "
                "from the repo authors.")
    else:
        text = (f"Access to {repo.kind} {repo.id} is restricted and you are not in the "
                f"authorized list. Visit https://huggingface.co{repo.page_prefix}/{repo.id} "
                "to ask for access.")
    return HubError(403, text, "GatedRepo")


def revision_not_found(revision):
    return HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def entry_not_found(commit):
    return HubError(404, "Entry not found", "EntryNotFound",
                    [("X-Repo-Commit", commit.id), ("Accept-Ranges", "bytes")])


def no_permission():
    return HubError(403, "You have read access but not the required permissions "
                    "for this operation")


def page_not_found():
    return HubError(404, "Sorry, we can't find the page you are looking for.")


def not_recorded():
    """Ours, not the Hub's: the recordings do not hold what was asked for."""
    return HubError(503, "hub emulator: not recorded")


def _html(text):
    # The live 404 page has 52,401 bytes; the size matters more than the words.
    page = f"<!doctype html><html><body><h1>{text}</h1>"
    return (page + "<!--" + "." * (52401 - len(page) - 7) + "-->").encode()


def to_response(error, form):
    """`form` is "api", "v2" (JSON as well), "lfs", "git" or "text" (plain), or "page"."""
    if form in ("api", "v2"):
        body, kind = dump_json({"error": error.message}), "application/json; charset=utf-8"
    elif form == "lfs":
        body, kind = dump_json({"message": error.message}), "application/vnd.git-lfs+json"
    elif form in ("git", "text"):
        body, kind = error.message.encode(), "text/plain; charset=utf-8"
    else:
        body, kind = _html(error.message), "text/html; charset=utf-8"
    response = Response(error.status, body=body)
    if error.code:
        response.set("X-Error-Code", error.code)
    # HTTP headers are latin-1; a revision or path in the text may not be.
    response.set("X-Error-Message", error.message.encode("ascii", "replace").decode())
    response.set("Content-Type", kind)
    if error.challenge:
        response.set("WWW-Authenticate",
                     BASIC_CHALLENGE if form in ("git", "lfs", "v2") else CHALLENGE)
    response.set("ETag", weak_etag(body))
    response.headers += error.headers
    return response
