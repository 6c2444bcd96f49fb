# SPDX-License-Identifier: Apache-2.0
# Who asks, and what they may see. Tokens are constants so that tests and the demo can name
# them; `GET {control}/tokens` lists them. None of them is a real credential.
import base64

from . import errors


class Token:
    def __init__(self, name, user, about, valid=True):
        self.name = name
        self.user = user
        self.about = about
        self.valid = valid
        # Tokens of the Hub are "hf_" and 34 letters; scanners look for exactly that, so ours
        # carry a word no scanner takes for a secret.
        self.value = ("hf_emulator" + name.replace("_", "").title()).ljust(37, "x")


TOKENS = {token.name: token for token in (
    Token("gated_owner", "gated-org", "owns gated-org/gated-model"),
    Token("granted", "granted-user", "was granted access to gated-org/gated-model"),
    Token("pending", "pending-user", "asked for access to the gated repositories and waits"),
    Token("stranger", "stranger", "a valid user with no rights anywhere"),
    Token("private_owner", "private-org", "owns private-org/private-model and -data"),
    Token("tiny_owner", "OwnerOfTheGatedModel", "owner of the recorded tiny-gated-model"),
    Token("orosius_owner", "Orosius", "owner of the recorded deltanet-mla-latent"),
    Token("invalid", None, "well formed, but the Hub does not know it", valid=False),
)}


class Caller:
    """The result of looking at Authorization. `token_name` is what the log may show."""

    def __init__(self, user=None, token_name=None, present=False, valid=True):
        self.user = user
        self.token_name = token_name
        self.present = present
        self.valid = valid

    @property
    def anonymous(self):
        return self.user is None


def _basic_token(value):
    """Git and Ollama log in with a name and the token as password, some with it as name."""
    try:
        name, _, password = base64.b64decode(value.strip()).decode().partition(":")
    except ValueError:
        return ""
    return password or name


def caller_of(request):
    header = request.header("authorization")
    if header is None:
        return Caller()
    scheme, _, value = header.partition(" ")
    value = _basic_token(value) if scheme.lower() == "basic" else value.strip()
    for token in TOKENS.values():
        if token.value == value:
            return Caller(token.user if token.valid else None, token.name, True, token.valid)
    return Caller(None, "unknown", True, False)


def may_read(repo, caller):
    """True for the owner, an organisation member, or somebody who was granted access."""
    return caller.user is not None and (caller.user == repo.author or caller.user in repo.members)


def is_visible(repo, caller):
    return not repo.private or may_read(repo, caller)


def passes_gate(repo, caller):
    return not repo.gated or may_read(repo, caller)


def require_gate(repo, caller):
    if not passes_gate(repo, caller):
        raise errors.gated(repo, caller)


def whoami(caller):
    """Key order as recorded; the e-mail was redacted there, its length was not."""
    if caller.anonymous:
        raise errors.login_required()
    if caller.user == "OwnerOfTheGatedModel":
        person, full = "6ac4f4465de11a43eb34fb52", "Ower Model"
    else:
        person, full = caller.user.encode().hex().ljust(24, "0")[:24], caller.user.title()
    return {
        "type": "user", "id": person, "name": caller.user, "fullname": full,
        "email": "owner@hub.local", "emailVerified": True, "canPay": False,
        "billingMode": "prepaid", "periodEnd": 1793491200, "isPro": False,
        "avatarUrl": "/avatars/cad5ae6b479cdea42735e7f5745a6f55.svg", "orgs": [],
        "auth": {"type": "access_token", "accessToken": {
            "displayName": "orig", "role": "write", "createdAt": "2026-10-06T13:15:23.159Z"}},
    }
