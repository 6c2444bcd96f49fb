# SPDX-License-Identifier: Apache-2.0
# The pinned clients of tests/e2e that are not Python: build/js (npm packages under the Node of
# build/venv-node) and build/rust/hf-hub-client. Needs say.sh, venvs.sh and $repo. Registries are
# reached as npm and cargo are set up here. A stamp with the files' checksum tells whether what is
# there is still the right one. Each function: 0 when it is there, 1 after saying why not.

# ensure_js: no install script of any package runs; what is optional (GPU builds, other systems) is
# left out, though the lock file must name a version of each that exists: package.json's overrides.
ensure_js() {
    local source=$repo/tests/e2e/js folder=$repo/build/js sum
    sum=$(sha256sum <<<"$(cat "$source/package.json" "$source/package-lock.json")")
    if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$sum" ]; then
        return 0
    fi
    ensure_venv "$repo/tests/e2e/requirements-node.txt" || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$source/package.json" "$source/package-lock.json" "$folder"
    say "making build/js"
    # This Node brings its own list of certificate authorities; the machine's count as well.
    if (cd "$folder" && PATH=$repo/build/venv-node/bin:$PATH \
        NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
        npm ci --ignore-scripts \
        --omit=optional --no-fund --no-audit --loglevel=error) \
        >"$folder.log" 2>&1 </dev/null; then
        printf '%s\n' "$sum" >"$folder/stamp"
        rm -f "$folder.log"
        return 0
    fi
    tail -n 5 "$folder.log" >&2
    rm -rf "$folder"
    return 1
}

# The lock file in the repository names no registry: cargo tells here which one it uses, by a lock
# file of its own, and the pins are completed with that.
complete_cargo_lock() {
    local pins=$1 source
    cargo generate-lockfile || return 1
    source=$(grep -m 1 '^source = ' Cargo.lock) || return 1
    awk -v line="$source" '/^checksum = / { print line } { print }' "$pins" >Cargo.lock.new
    mv Cargo.lock.new Cargo.lock
}

# ensure_rust: builds the one program; what cargo left of the build is thrown away.
ensure_rust() {
    local source=$repo/tests/e2e/rust folder=$repo/build/rust sum
    sum=$(sha256sum <<<"$(cat "$source/Cargo.toml" "$source/Cargo.lock" "$source"/src/*.rs)")
    if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$sum" ]; then
        return 0
    fi
    if ! command -v cargo >/dev/null 2>&1; then
        say "there is no cargo (Debian: cargo-web)"
        return 1
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -r "$source/Cargo.toml" "$source/src" "$folder"
    say "making build/rust"
    if (cd "$folder" && export CARGO_TARGET_DIR=$folder/target &&
        complete_cargo_lock "$source/Cargo.lock" &&
        cargo build --locked --quiet && mv target/debug/hf-hub-client .) \
        >"$folder.log" 2>&1 </dev/null; then
        rm -rf "$folder/target" "$folder.log"
        printf '%s\n' "$sum" >"$folder/stamp"
        return 0
    fi
    tail -n 5 "$folder.log" >&2
    rm -rf "$folder"
    return 1
}
