# SPDX-License-Identifier: Apache-2.0
# The files of the repository as the house rules see them. Knows no rule.
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED_DIRS = {"build", ".git", ".venv", "__pycache__", ".pytest_cache", "seeds", "recordings",
                "node_modules", ".cache"}
CODE_ENDINGS = {".cpp", ".h", ".py", ".sh", ".cmake"}
TEXT_ENDINGS = CODE_ENDINGS | {".md", ".txt", ".json", ".toml", ".yml", ".yaml", ".service", ""}


def _walk(folder):
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in SKIPPED_DIRS:
                yield from _walk(path)
        elif path.is_file() and not path.is_symlink():
            yield path


@functools.cache
def files():
    """Every file below the root, as paths relative to it."""
    return [path.relative_to(ROOT) for path in _walk(ROOT)]


@functools.cache
def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def is_script(path):
    return path.suffix == "" and text(path).startswith("#!")


@functools.cache
def code_files():
    return [p for p in files()
            if p.suffix in CODE_ENDINGS or p.name == "CMakeLists.txt" or is_script(p)]


def cpp_files(*folders):
    return [p for p in files()
            if p.suffix in (".cpp", ".h") and (not folders or p.parts[0] in folders)]


def includes(path):
    """(line number, what stands between the marks) of each #include."""
    for number, line in enumerate(text(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1)
