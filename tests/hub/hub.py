#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The Hub emulator as a program: flags, three listeners, one line when ready, orderly stop.
# See README.md. Binds loopback addresses only.
import argparse
import ctypes
import os
import signal
import sys

# As a script, this file's folder is the first import path, where `hub` would be this file.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from hub import (catalog, catalog_content, catalog_formats,          # noqa: E402
                 catalog_many, recorded)
from hub.cdn_app import CdnApp                                      # noqa: E402
from hub.control_app import ControlApp                              # noqa: E402
from hub.faults import FaultBoard                                   # noqa: E402
from hub.hub_app import HubApp                                      # noqa: E402
from hub.request_log import RequestLog                              # noqa: E402
from hub.server import Listener                                     # noqa: E402
from hub.state import HubState                                      # noqa: E402

PR_SET_PDEATHSIG = 1


def address(text):
    host, _, port = text.rpartition(":")
    if not (host.startswith("127.") or host == "localhost"):
        raise argparse.ArgumentTypeError("only loopback addresses")
    return host, int(port)


def parse_arguments(argv):
    parser = argparse.ArgumentParser(description="Hugging Face Hub emulator")
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0))
    parser.add_argument("--cdn-listen", type=address, default=("127.0.0.1", 0))
    parser.add_argument("--control-listen", type=address, default=("127.0.0.1", 0))
    parser.add_argument("--content", help="folder filled by fetch_content.py")
    parser.add_argument("--recordings", default=recorded.FOLDER,
                        help="folder of recordings; empty: none")
    parser.add_argument("--public-url", help="the Hub's address in Links; default: Host header")
    parser.add_argument("--cdn-host", help="name or URL of the CDN in Locations; a name gets "
                        "the port of --cdn-listen")
    parser.add_argument("--signed-lifetime", type=int, default=3600, metavar="SECONDS")
    parser.add_argument("--rate", type=float, metavar="BYTES_PER_SECOND",
                        help="limit of every connection of the Hub and the CDN")
    parser.add_argument("--log-file", help="one JSON object per finished request is appended")
    parser.add_argument("--die-with-parent", action="store_true")
    return parser.parse_args(argv)


def die_with_parent():
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:      # it died before the call
        sys.exit(0)


def cdn_address(name, listener):
    if not name:
        return listener.url
    if "://" in name:
        return name.rstrip("/")
    return f"http://{name}" if ":" in name else f"http://{name}:{listener.port}"


def build_state(options):
    state = HubState(options.public_url, options.signed_lifetime)
    for built_in in (catalog, catalog_many, catalog_formats):
        built_in.fill(state)
    if options.content:
        catalog_content.fill(state, options.content)
    else:
        catalog_content.fill_without(state)
    if options.recordings:
        recorded.fill(state, options.recordings)
    return state


def main(argv=None):
    options = parse_arguments(argv)
    if options.die_with_parent:
        die_with_parent()
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)     # before threads: they inherit it
    log, faults = RequestLog(options.log_file), FaultBoard()
    hub = Listener("hub", options.listen, log, faults, options.rate)
    cdn = Listener("cdn", options.cdn_listen, log, faults, options.rate)
    control = Listener("control", options.control_listen)
    state = build_state(options)
    state.cdn_url = cdn_address(options.cdn_host, cdn)
    hub.start(HubApp(state))
    cdn.start(CdnApp(state))
    control.start(ControlApp(state, log, faults, (hub, cdn)))
    print(f"ready hub={hub.url} cdn={cdn.url} control={control.url}", flush=True)
    signal.sigwait(stops)
    sys.stdout.flush()
    sys.stderr.flush()
    state.git.close()
    os._exit(0)     # connections may be held for ever; nothing of ours needs unwinding


if __name__ == "__main__":
    main()
