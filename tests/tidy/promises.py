# SPDX-License-Identifier: Apache-2.0
# The promises of docs/semantics.md and the tests that quote their numbers. A Python test quotes at
# the beginning of its docstring, a C++ test in the comment above its head or behind it.
import ast
import re

import tree

PAGE = "docs/semantics.md"
NUMBER = re.compile(r"\bP(\d+)\b")
LIST = re.compile(r"P\d+(?:, P\d+)*(?=[.:]|$)")


def numbers(text):
    return [int(number) for number in NUMBER.findall(text)]


def promised():
    """The numbers of the page, in its order."""
    return [int(number) for number in
            re.findall(r"^- \*\*P(\d+)\*\* ", tree.text(tree.ROOT / PAGE), re.MULTILINE)]


def quotes_of_python(text):
    """(line, number) of each quote; a function that is no test quotes nothing."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            quoted = LIST.match(ast.get_docstring(node) or "")
            yield from ((node.lineno, number) for number in numbers(quoted[0] if quoted else ""))


def quotes_of_cpp(text):
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if re.match(r"TEST(?:_F|_P)?\(", line):
            comment = line.partition("{  // ")[2]
            first = at
            while first and lines[first - 1].startswith("// "):
                first -= 1
                comment += " " + lines[first]
            yield from ((at + 1, number) for number in numbers(comment))


def quotes():
    """(path, line, number) of every quote of every test."""
    for path in tree.files():
        if path.parts[0] == "tests" and path.stem.endswith("_test") and path.parts[1] != "tidy":
            reader = {".py": quotes_of_python, ".cpp": quotes_of_cpp}.get(path.suffix)
            if reader:
                yield from ((path, line, number) for line, number in reader(tree.text(path)))
