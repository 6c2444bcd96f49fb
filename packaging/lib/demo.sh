# SPDX-License-Identifier: Apache-2.0
# What quickstart shows once everything runs: the places, one download through each of them, and
# how to go on. Needs say.sh and $mount_url, $http_url, $rsync_url, $run_dir, $upstream, $hub_cdn.

out() { printf '%s\n' "$*" >&2; }

# The repository of the demo: a model when there is one, else the generated data set.
choose_repo() {
    demo_path=models/sentence-transformers/all-MiniLM-L6-v2 demo_id=${demo_path#models/}
    demo_file=tokenizer_config.json
    if [ -n "$hub_cdn" ] && [ ! -d "$content/minilm" ]; then
        demo_path=datasets/demo/penguins demo_id=$demo_path demo_file=penguins.csv
    fi
}

show_places() {
    choose_repo
    out ""
    out "  upstream  $upstream$([ -z "$hub_cdn" ] || echo '  (an emulated Hub on this machine)')"
    out "  files     $mount_url"
    out "  HTTP      $http_url"
    out "  rsync     $rsync_url/"
    out ""
    out "  curl -LO $http_url/$demo_id/resolve/main/$demo_file"
    out "  cat $mount_url/$demo_path/main/$demo_file"
    out "  rsync -a $rsync_url/$demo_path/main/ ./copy/"
    out ""
}

# shown NAME COMMAND...: runs it and says how long it took, or that it failed.
shown() {
    local name=$1 began=${EPOCHREALTIME/./} result
    shift
    if result=$("$@" 2>&1); then
        out "  $name: $result, $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
        return 0
    fi
    out "  $name FAILED: $result"
    return 1
}

digest() { local sum; sum=$(sha256sum "$1") && printf 'sha256 %s…' "${sum:0:16}"; }

by_http() {
    curl -sSfL --max-time 60 -o "$run_dir/by-http" -w '%{http_code}, %{size_download} bytes, ' \
        "$http_url/$demo_id/resolve/main/$demo_file" && digest "$run_dir/by-http"
}

by_mount() {
    timeout 60 cat "$mount_url/$demo_path/main/$demo_file" >"$run_dir/by-mount" &&
        printf '%s bytes, ' "$(stat -c %s "$run_dir/by-mount")" && digest "$run_dir/by-mount"
}

by_rsync() {
    timeout 60 rsync -a --no-motd "$rsync_url/$demo_path/main/$demo_file" "$run_dir/by-rsync" &&
        printf '%s bytes, ' "$(stat -c %s "$run_dir/by-rsync")" && digest "$run_dir/by-rsync"
}

run_demo() {
    local failed=no
    out "  one file three ways ($demo_id, $demo_file):"
    shown "curl " by_http || failed=yes
    [ $stopping = no ] || return 0
    shown "mount" by_mount || failed=yes
    [ $stopping = no ] || return 0
    shown "rsync" by_rsync || failed=yes
    out ""
    if [ $failed = yes ]; then
        out "  A download failed: is $upstream reached? Everything goes on running."
    fi
    local words="'${demo_id#datasets/}'"
    if [[ $demo_id == datasets/* ]]; then words="$words, repo_type='dataset'"; fi
    out "  Every Hub client works with HF_ENDPOINT=$http_url, such as:"
    out "    from huggingface_hub import snapshot_download; snapshot_download($words)"
    if [ -n "$hub_cdn" ]; then
        out "  The same with the real Hub: packaging/quickstart --upstream https://huggingface.co"
    fi
    out "  Ctrl-C stops everything."
    out ""
}
