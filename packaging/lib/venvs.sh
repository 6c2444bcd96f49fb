# SPDX-License-Identifier: Apache-2.0
# Virtual environments for the clients under test: build/venv-NAME from
# tests/e2e/requirements-NAME.txt. The line "# system-site-packages" in the file lets Debian's own
# packages be seen. Needs say.sh and $repo.

# ensure_venv FILE: prints nothing; 0 when the environment is there, 1 when it could not be made.
# A stamp with the file's checksum tells whether it is still the right one.
ensure_venv() {
    local file=$1 name venv sum options=()
    name=${file##*/requirements-}
    venv=$repo/build/venv-${name%.txt}
    sum=$(sha256sum <"$file")
    if [ "$(cat "$venv/stamp" 2>/dev/null)" = "$sum" ]; then
        return 0
    fi
    if grep -q '^# system-site-packages' "$file"; then
        options=(--system-site-packages)
    fi
    rm -rf "$venv" "$venv.log"
    say "making ${venv#"$repo/"}"
    if /usr/bin/python3 -m venv "${options[@]}" "$venv" >"$venv.log" 2>&1 &&
        "$venv/bin/pip" install --quiet --disable-pip-version-check --retries 2 \
            -r "$file" >>"$venv.log" 2>&1 </dev/null; then
        printf '%s\n' "$sum" >"$venv/stamp"
        rm -f "$venv.log"
        return 0
    fi
    tail -n 3 "$venv.log" >&2
    rm -rf "$venv"
    return 1
}
