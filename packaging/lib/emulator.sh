# SPDX-License-Identifier: Apache-2.0
# The emulated Hub of the demo: fetches its real content and starts tests/hub/hub.py. Needs say.sh,
# $repo, $state and $run_dir; sets $upstream, $hub_cdn, $hub_pid and $content.

content_sets=minilm,xenova,penguins

# Real content, fetched once; what the tests have fetched already is used too.
find_content() {
    content=$state/content
    if [ ! -d "$content/minilm" ] && [ -d "$repo/build/content/minilm" ]; then
        content=$repo/build/content
        return 0
    fi
    if ! python3 "$repo/tests/hub/fetch_content.py" --into "$content" --only "$content_sets" >&2
    then
        say "NO REAL CONTENT: the package registry was not reached."
        say "The demo goes on with generated repositories; start it again once it is reached."
    fi
}

start_emulator() {
    local line= ends=$((SECONDS + 60))
    find_content
    mkdir -p "$content" 2>/dev/null
    : >"$run_dir/hub"
    python3 "$repo/tests/hub/hub.py" --content "$content" --die-with-parent \
        >"$run_dir/hub" 2>>"$state/hub.log" &
    hub_pid=$!
    until read -r line <"$run_dir/hub"; do
        kill -0 "$hub_pid" 2>/dev/null || {
            tail -n 15 "$state/hub.log" >&2
            fail 1 "the emulated Hub ended; its log is $state/hub.log"
        }
        [ $SECONDS -lt $ends ] || fail 1 "the emulated Hub is not ready after 60 s"
        sleep 0.05
    done
    upstream=${line#* hub=}
    upstream=${upstream%% *}
    hub_cdn=${line#* cdn=http://}
    hub_cdn=${hub_cdn%% *}
}
