# SPDX-License-Identifier: Apache-2.0
# Sourced by the shell programs of this repository: words for people go to standard error, so that
# standard output belongs to the one line a program promises.

program=${program:-${0##*/}}

say() { printf '%s: %s\n' "$program" "$*" >&2; }

# fail CODE SENTENCE [REMEDY]: 1 failed while running, 2 usage, 3 prerequisite missing.
fail() {
    local code=$1
    shift
    printf '%s: %s\n' "$program" "$1" >&2
    shift
    for remedy in "$@"; do
        printf '%s:   %s\n' "$program" "$remedy" >&2
    done
    exit "$code"
}

# Seconds since some moment, without starting a process.
now() { printf '%s' "$EPOCHSECONDS"; }
