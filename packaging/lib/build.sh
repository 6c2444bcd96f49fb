# SPDX-License-Identifier: Apache-2.0
# Builds a preset of CMakePresets.json. Needs say.sh and $repo.

# One compiler cache for every clone on a machine: paths below the clone do not count.
export CCACHE_BASEDIR=$repo CCACHE_NOHASHDIR=1

# build_preset PRESET [TARGET]: configures once, then only what changed; its last words when it
# fails (1).
build_preset() {
    local preset=$1 target=${2:-all} log began
    log=$(mktemp)
    began=$(now)
    if ! {
        [ -e "$repo/build/$preset/build.ninja" ] || (cd "$repo" && cmake --preset "$preset")
        cmake --build "$repo/build/$preset" --target "$target" -j "$(nproc)"
    } >"$log" 2>&1 </dev/null; then
        tail -n 60 "$log" >&2
        rm -f "$log"
        say "the $preset build failed: the lines above are its last words"
        return 1
    fi
    rm -f "$log"
    say "built $preset in $(($(now) - began)) s"
}
