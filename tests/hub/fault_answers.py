# SPDX-License-Identifier: Apache-2.0
# The answers that faults give in the application's place: error statuses, rate limits,
# redirects to anywhere, an expired address, a body that explodes.
from .cdn_app import refusal
from .headers import bucket_of, rate_limit_headers
from .hostile import GIBIBYTE, bomb_response
from .http_message import Response

RATE_LIMITED = ("We had to rate limit your IP (127.0.0.1). To continue using our service, "
                "create a HF account or login to your existing account, and make sure you "
                "pass a HF_TOKEN if you're using the API.")


def _status(fault, request):
    """A 429 speaks as the Hub does. Whether the Hub's has a Retry-After is not known, so it is
    sent when asked for."""
    status = fault.get("status", 503)
    text = fault.get("body", RATE_LIMITED if status == 429 else "hub emulator: fault")
    response = Response(status, [("Content-Type", "text/plain; charset=utf-8")], text.encode())
    if status == 429:
        response.headers += rate_limit_headers(bucket_of(request.path), 0,
                                               fault.get("seconds", 55), 500)
    if fault.get("retry_after") is not None:
        response.set("Retry-After", fault.get("retry_after"))
    return response


def _redirect(fault, request):
    """`{target}` in the location is the target asked for, `{path}` that without its query, `{n}`
    how often the fault has struck: with them a redirect leads to itself, or on for ever."""
    location = fault.get("location", "/")
    for name, value in (("target", request.target), ("path", request.path),
                        ("n", str(fault.struck))):
        location = location.replace("{" + name + "}", value)
    return Response(fault.get("status", 302), [("Content-Type", "text/plain; charset=utf-8"),
                                               ("Location", location)])


MAKERS = {
    "status": _status,
    "redirect": _redirect,
    "expired": lambda fault, request: refusal(403, "AccessDenied", "Request has expired"),
    "gzip_bomb": lambda fault, request: bomb_response(fault.get("size", GIBIBYTE)),
}


def answer_of(fault, request):
    """The answer of a fault that gives one, else None."""
    maker = MAKERS.get(fault.kind)
    return maker(fault, request) if maker else None


def edit_headers(fault, response):
    for name, value in (fault.get("headers") or {}).items():
        if value is None:
            response.remove(name)
        else:
            response.set(name, value)
