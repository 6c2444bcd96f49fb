# SPDX-License-Identifier: Apache-2.0
"""The house rules of docs/hacking.md as tests: walls, sizes, twins, words that must not appear."""

import os
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import functions  # noqa: E402
import promises  # noqa: E402
import tree  # noqa: E402
import walls  # noqa: E402

LINES_MAX = 600
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
# Package registries are reached by the clients as they are set up; their names are nobody's
# business here. In pieces, so that this file passes its own test.
REGISTRY_HOSTS = [".".join(parts) for parts in [
    ("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"), ("proxy", "golang", "org"),
    ("npmjs", "org"), ("npmjs", "com"), ("maven", "org"), ("deb", "debian", "org"),
    ("security", "debian", "org")]]
OUTSIDE_PATHS = ["/".join(["", "work", "shared"]), "/".join(["", "work", ".library"])]


def check(mistakes):
    assert not mistakes, "\n" + "\n".join(mistakes)


def test_includes_point_down_and_libraries_stay_in_their_place():
    check([f"{path}:{line}: {include}: {why}"
           for path in tree.cpp_files("fs", "httpd", "tests")
           for line, include in tree.includes(path)
           if (why := walls.mistake(path, include))])


def test_files_have_at_most_600_lines():
    check([f"{path}: {lines} lines" for path in tree.code_files()
           if (lines := tree.text(path).count("\n")) > LINES_MAX])


def test_lines_have_at_most_100_columns():
    check([f"{path}:{number}: {len(line)} columns" for path in tree.code_files()
           for number, line in enumerate(tree.text(path).splitlines(), 1)
           if len(line) > COLUMNS_MAX])


def test_functions_have_at_most_70_lines():
    check([f"{path}:{first}: a function of {lines} lines" for path in tree.cpp_files()
           for first, lines in functions.function_lengths(tree.text(path))
           if lines > FUNCTION_LINES_MAX])


def test_the_reader_of_functions_finds_long_ones():
    body = "    f(1);\n" * 70
    for head in ("void f() {", "int C::g(int a,\n         int b) const {", "C::C(int a) : a_(a) {",
                 "TEST(A, B) {", "template <class T>\nT h(T t) {"):
        lengths = list(functions.function_lengths(f"namespace n {{\n{head}\n{body}}}\n}}\n"))
        assert [lines > 70 for _, lines in lengths] == [True], head
    assert not list(functions.function_lengths("struct A {\n    int a;\n};\n// f() {\n"))


def test_every_code_file_names_its_licence():
    check([f"{path}: no SPDX line at its start" for path in tree.code_files()
           if path.name != "CMakeLists.txt" and path.suffix != ".cmake"
           and path.name != "__init__.py"
           and "SPDX-License-Identifier: Apache-2.0" not in
           "\n".join(tree.text(path).splitlines()[:2])])


def test_headers_are_included_once():
    check([f"{path}: no #pragma once" for path in tree.cpp_files()
           if path.suffix == ".h" and "\n#pragma once\n" not in tree.text(path)])


def test_a_source_includes_its_own_header_first():
    """So that every build proves that the header compiles alone."""
    mistakes = []
    for path in tree.cpp_files("fs", "httpd"):
        header = path.with_suffix(".h")
        if path.suffix == ".cpp" and (tree.ROOT / header).exists():
            first = next(tree.includes(path), (0, "nothing"))[1]
            if first != header.as_posix():
                mistakes.append(f"{path}: includes {first} before {header}")
    check(mistakes)


def test_no_file_names_a_registry_host_or_a_path_outside():
    words = REGISTRY_HOSTS + OUTSIDE_PATHS
    check([f"{path}: {word}" for path in tree.files() if path.suffix in tree.TEXT_ENDINGS
           for word in words if word in tree.text(path)])


def test_packages_txt_is_the_only_list_of_packages():
    installs = re.compile(r"apt(?:-get)?\s+(?:-\S+\s+)*install\s+(?:-\S+\s+)*\$?\w")
    check([f"{path}:{number}: installs packages by itself" for path in tree.files()
           if (tree.is_script(path) or path.suffix in (".sh", ".yml", ".yaml"))
           and path.as_posix() != "packaging/lib/packages.sh"
           for number, line in enumerate(tree.text(path).splitlines(), 1)
           if installs.search(line)])


def test_pure_code_has_a_test_of_its_own():
    """A header that calls itself pure promises something a table can test."""
    missing = []
    for path in tree.cpp_files("fs", "httpd"):
        head = "\n".join(tree.text(path).splitlines()[:12])
        source = path.with_suffix(".cpp")
        twin = tree.ROOT / "tests" / path.with_name(path.stem + "_test.cpp")
        if path.suffix == ".h" and re.search(r"\b[Pp]ure\b", head) and \
                (tree.ROOT / source).exists() and not twin.exists():
            missing.append(f"{path} is pure, {twin.relative_to(tree.ROOT)} is missing")
    check(missing)


def test_every_fuzzer_has_seeds_and_is_built():
    cmake = tree.text(tree.ROOT / "tests/fuzz/CMakeLists.txt")
    mistakes = []
    for path in (tree.ROOT / "tests/fuzz").glob("*_fuzz.cpp"):
        name = path.stem.removesuffix("_fuzz")
        if not list((tree.ROOT / "tests/fuzz/seeds" / name).glob("*")):
            mistakes.append(f"{path.name}: no seeds")
        if f"hfm_fuzzer({name} " not in cmake:
            mistakes.append(f"{path.name}: not in CMakeLists.txt")
    check(mistakes)


def test_the_configuration_page_names_every_option_and_its_default():
    table = tree.text(tree.ROOT / "fs/base/options_table.cpp")
    page = tree.text(tree.ROOT / "docs/configuration.md")
    rows = re.findall(r'\{"([a-z_]+\.[a-z_]+)", \w+, (?:R"\((.*?)\)"|"(.*?)"|(k\w+)),', table)
    assert len(rows) > 40
    check([f"docs/configuration.md: no row for {key} with default {raw or plain}"
           for key, raw, plain, constant in rows
           if f"| `{key}` |" not in page or
           (not constant and f"| `{key}` | `{raw or plain}` |" not in page)])


def test_every_promise_is_quoted_by_a_test_and_nobody_quotes_another():
    promised = promises.promised()
    assert sorted(promised) == list(range(1, len(promised) + 1)), "a number twice, or left out"
    quotes = list(promises.quotes())
    quoted = {number for _, _, number in quotes}
    check([f"{promises.PAGE}: no test quotes P{number}" for number in promised
           if number not in quoted] +
          [f"{path}:{line}: {promises.PAGE} has no P{number}" for path, line, number in quotes
           if number not in promised])


def test_the_reader_of_quotes_finds_them():
    python = 'def test_a():\n    """P7, P12: Why."""\n\n\ndef test_b():\n    """Not P1."""\n'
    assert list(promises.quotes_of_python(python)) == [(1, 7), (1, 12)]
    cpp = "// P3\nTEST(A, B) {\n}\n// P4\nint f();\nTEST_F(A, C) {  // P5, P6\n"
    assert list(promises.quotes_of_cpp(cpp)) == [(2, 3), (6, 5), (6, 6)]


def test_code_is_formatted():
    formatter = shutil.which("clang-format-19")
    if formatter is None:
        pytest.skip("clang-format-19 is not installed")
    paths = [str(tree.ROOT / path) for path in tree.cpp_files()]
    done = subprocess.run([formatter, "--dry-run", "-Werror", *paths], capture_output=True,
                          text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
    check([f"{os.path.relpath(path, tree.ROOT)}: clang-format-19 -i" for path in wrong])
