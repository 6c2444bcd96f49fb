# SPDX-License-Identifier: Apache-2.0
# Finds functions in formatted C++ and how long they are. A reader of braces, no parser: it knows
# comments, strings and what opens a block, which is enough for code in our own style.
import re

NO_FUNCTION = re.compile(
    r"^(?:else\b|do\b|try\b|namespace\b|extern\b|enum\b|union\b|if\b|for\b|while\b|switch\b|"
    r"catch\b|case\b|default\b|return\b|co_return\b)")
TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:class|struct)\b[^(]*$")


def without_comments_and_strings(text):
    """The same text with the same lines, its comments and literals blanked."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^()\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
        re.DOTALL)

    def blank(match):
        found = match.group(0)
        if found.startswith("'") and re.match(r"[0-9a-fA-F]", text[match.start() - 1]):
            return found    # 1'000: the mark between digits
        return re.sub(r"[^\n]", " ", found)

    return pattern.sub(blank, text)


def function_lengths(text):
    """(first line, lines) of each outermost function."""
    code = without_comments_and_strings(text)
    stack, statement_start, inside = [], 0, None
    for at, char in enumerate(code):
        if char in ";{}" or (char == "\n" and code[statement_start:at].lstrip().startswith("#")):
            statement = code[statement_start:at].strip()
            if char == "{":
                is_function = (inside is None and ")" in statement and "=" not in
                               statement.split("(")[0].replace("operator", "")
                               and not NO_FUNCTION.match(statement)
                               and not TYPE.match(" ".join(statement.split())))
                if is_function:
                    first = code.count("\n", 0, statement_start + len(
                        code[statement_start:at]) - len(code[statement_start:at].lstrip())) + 1
                    inside = (len(stack), first)
                stack.append(is_function)
            elif char == "}" and stack:
                stack.pop()
                if inside is not None and len(stack) == inside[0]:
                    yield inside[1], code.count("\n", 0, at) + 2 - inside[1]
                    inside = None
            statement_start = at + 1
