# SPDX-License-Identifier: Apache-2.0
# Signed, expiring CDN addresses in CloudFront's form (hub-api.md 1.5).
import base64
import hashlib
import hmac
from urllib.parse import parse_qs, quote, quote_plus

_KEY = b"hub emulator signing key"
_KEY_ID = "KEMULATORKEYID"


def _safe64(data):
    # CloudFront's own substitutions for the characters a query cannot hold.
    return (base64.b64encode(data).decode()
            .replace("+", "-").replace("=", "_").replace("/", "~"))


def _signature(path, policy, expires):
    # As long as an RSA-2048 signature, so that the redirect text has a realistic length.
    text = f"{path}\n{policy}\n{expires}".encode()
    return _safe64(b"".join(hmac.digest(_KEY, text + bytes([n]), hashlib.sha512)
                            for n in range(4)))


def sign(base, path, expires, disposition=None):
    """The absolute address for `path` on the CDN at `base`, good until `expires`."""
    policy = _safe64(f'{{"Statement":[{{"Condition":{{"DateLessThan":{{"AWS:EpochTime":'
                     f'{expires}}}}},"Resource":"{base}{path}?*"}}]}}'.encode())
    query = "X-Xet-Cas-Uid=public"
    if disposition:
        query += "&response-content-disposition=" + quote_plus(disposition, safe="*")
    query += (f"&Expires={expires}&Policy={policy}"
              f"&Signature={_signature(path, policy, expires)}&Key-Pair-Id={_KEY_ID}")
    return f"{base}{quote(path)}?{query}"


def verify(path, query, now):
    """None when the address is good, else the reason for the 403."""
    values = {key: found[0] for key, found in parse_qs(query).items()}
    expires = values.get("Expires", "")
    if not expires.isdigit() or "Signature" not in values:
        return "Missing Key-Pair-Id query parameter or cookie value"
    wanted = _signature(path, values.get("Policy", ""), int(expires))
    if not hmac.compare_digest(wanted.encode(), values["Signature"].encode()):
        return "Access denied"
    return "Request has expired" if now >= int(expires) else None
