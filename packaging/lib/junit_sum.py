#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Adds up JUnit files of ctest and pytest: prints "PASSED FAILED SKIPPED". A file that is missing
# or cut off counts as one failure: its suite died before it could say more.
import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    """(passed, failed, skipped) of one file."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0
    passed = failed = skipped = 0
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main(paths):
    sums = [sum(column) for column in zip(*[count(path) for path in paths])] or [0, 0, 0]
    print(*sums)


if __name__ == "__main__":
    main(sys.argv[1:])
