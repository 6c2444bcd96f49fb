# SPDX-License-Identifier: Apache-2.0
# Who may include whom. Layers point down only; each C library is known to one place.

# fs/: a folder may include those listed, itself, fs/contract.h and nothing else of ours.
FS_LAYERS = ["fuse", "tree", "cache", "meta", "upstream", "hub", "base"]
FS_ALLOWED = {layer: set(FS_LAYERS[at:]) for at, layer in enumerate(FS_LAYERS)}
FS_ALLOWED["app"] = set(FS_LAYERS) | {"app", "supervisor"}
FS_ALLOWED["supervisor"] = {"base", "supervisor"}
FS_ALLOWED["doctor"] = {"upstream", "hub", "base", "doctor"}
FS_ALLOWED["cli"] = {"base", "doctor", "cli"}
FS_ALLOWED[""] = FS_ALLOWED["app"]          # fs/main.cpp

# Of upstream, the layers above it see only the interface.
UPSTREAM_FACE = "fs/upstream/source.h"
UPSTREAM_INSIDERS = {"upstream", "doctor", "app", ""}

# httpd/: a protocol folder never sees the mount.
HTTPD_ALLOWED = {
    "http": {"http"},
    "net": {"net", "http"},
    "mount": {"mount", "http"},
    "hot": {"hot", "http"},
    "h1": {"h1", "hot", "http", "net"},
    "proxy": {"proxy", "h1", "http", "net"},   # it speaks HTTP/1.1 to upstream
    "routes": {"routes", "http", "mount", "proxy", "net"},
}
HTTPD_ALLOWED["app"] = set().union(*HTTPD_ALLOWED.values()) | {"app"}
HTTPD_ALLOWED[""] = HTTPD_ALLOWED["app"]    # httpd/main.cpp
HTTPD_MAY_SHARE = ("fs/base/", "fs/contract.h")

# What an include starts with -> the places (path prefixes) that may have it.
LIBRARIES = {
    "fuse": ("fs/fuse/", "tests/"),
    "lmdb.h": ("fs/meta/", "tests/"),
    "curl/": ("fs/upstream/", "tests/"),
    "openssl/": ("fs/base/hash", "httpd/net/tls"),
    "spdlog/": ("fs/base/log",),
    "xxhash.h": ("fs/base/checksum",),
    "toml++/": ("fs/base/toml_reader.cpp",),
    "CLI/": ("fs/cli/arguments.cpp", "httpd/app/"),
    "boost/json": ("fs/hub/", "fs/doctor/", "fs/app/", "fs/cli/", "httpd/", "tests/"),
    "boost/asio": ("httpd/", "tests/"),
    "boost/beast": ("httpd/", "tests/"),
}


def folder(path):
    """"cache" for fs/cache/x.h, "" for fs/main.cpp."""
    return path.parts[1] if len(path.parts) > 2 else ""


def mistake(path, include):
    """Why this file may not include that, or nothing."""
    where = path.as_posix()
    for start, places in LIBRARIES.items():
        if include.startswith(start) and not where.startswith(places):
            return f"only {', '.join(places)} may include {start}"
    top, inside = path.parts[0], include.startswith(("fs/", "httpd/"))
    if not inside:
        return None
    if top == "httpd":
        if include.startswith("fs/"):
            return None if include.startswith(HTTPD_MAY_SHARE) else \
                "httpd may include only fs/base and fs/contract.h of fs"
        target = include.split("/")[1] if include.count("/") > 1 else ""
        if target not in HTTPD_ALLOWED.get(folder(path), set()):
            return f"httpd/{folder(path)} may not see httpd/{target}"
    if top == "fs" and include != "fs/contract.h":
        if include.startswith("httpd/"):
            return "fs includes nothing of httpd"
        target = include.split("/")[1] if include.count("/") > 1 else ""
        if target not in FS_ALLOWED.get(folder(path), set()):
            return f"fs/{folder(path)} may not see fs/{target}"
        if target == "upstream" and folder(path) not in UPSTREAM_INSIDERS and \
                include != UPSTREAM_FACE:
            return f"of fs/upstream only {UPSTREAM_FACE} may be seen here"
    return None
