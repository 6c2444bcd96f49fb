# SPDX-License-Identifier: Apache-2.0
# What a mount, a cache and two servers need of a machine, checked before anything is changed.
# Each check exits 3 with the remedy. Needs say.sh. Works with bash and Debian's minimal tools.

container_remedy="In a container: start it with --device /dev/fuse --cap-add SYS_ADMIN\
 (and --security-opt apparmor=unconfined where AppArmor is on)."

opens_fuse() { (exec 9<>/dev/fuse) 2>/dev/null; }

# /dev/fuse must open, not only be there: a container may have the node and not the right.
check_fuse_device() {
    if [ ! -e /dev/fuse ] && [ "$(id -u)" = 0 ]; then
        if mknod /dev/fuse c 10 229 2>/dev/null; then
            chmod 666 /dev/fuse
            if opens_fuse; then
                say "made /dev/fuse"
            else
                rm -f /dev/fuse
            fi
        fi
    fi
    if [ ! -e /dev/fuse ]; then
        fail 3 "/dev/fuse is missing: the kernel's FUSE module is not loaded or not given to us" \
            "On a machine: modprobe fuse." "$container_remedy"
    fi
    if ! opens_fuse; then
        fail 3 "/dev/fuse is there and does not open" \
            "On a machine: modprobe fuse; chmod 666 /dev/fuse." "$container_remedy"
    fi
}

# Tried in a mount namespace of its own, so that nothing is left behind.
check_mount_permission() {
    if [ "$(id -u)" = 0 ]; then
        if ! unshare --mount sh -c 'mount -t tmpfs none /tmp' >/dev/null 2>&1; then
            fail 3 "this root may not mount (no CAP_SYS_ADMIN, or a security module forbids it)" \
                "$container_remedy"
        fi
        return 0
    fi
    local helper
    if ! helper=$(command -v fusermount3); then
        fail 3 "fusermount3 is missing, which lets users mount" "Install the package fuse3."
    fi
    if [ ! -u "$(readlink -f "$helper")" ]; then
        fail 3 "fusermount3 is not set-uid root, so this user may not mount" \
            "Run it as root, or: chmod u+s $(readlink -f "$helper")"
    fi
    if grep -qs '^NoNewPrivs:[[:space:]]*1' /proc/self/status; then
        fail 3 "this process may gain no privileges, so fusermount3 cannot mount" \
            "Start the container without no-new-privileges, or run it as root."
    fi
}

# check_disk DIR MIB: the file system of DIR, or of the first parent that exists.
check_disk() {
    local dir=$1 wanted=$2 free
    while [ ! -d "$dir" ]; do
        dir=${dir%/*}
        dir=${dir:-/}
    done
    free=$(df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1024) }')
    if [ "${free:-0}" -lt "$wanted" ]; then
        fail 3 "$dir has $free MiB free, $wanted MiB are needed" \
            "Free some, or name another disk (--state DIR)."
    fi
}

# check_port WHAT ADDR:PORT FLAG: nobody listens there yet. Port 0 is always free.
check_port() {
    local what=$1 address=$2 flag=$3 host port
    host=${address%:*}
    port=${address##*:}
    if [[ ! $port =~ ^[0-9]+$ ]] || [ "$port" -gt 65535 ] || [ "$host" = "$address" ]; then
        fail 2 "$flag wants ADDR:PORT, this is \"$address\""
    fi
    host=${host#[}
    host=${host%]}
    case $host in
        0.0.0.0) host=127.0.0.1 ;;
        ::) host=::1 ;;
    esac
    if [ "$port" != 0 ] && (exec 9<>"/dev/tcp/$host/$port") 2>/dev/null; then
        fail 3 "$address, where $what is to be served, is taken by another program" \
            "Stop that program, or choose another port: $flag 127.0.0.1:0 takes any free one."
    fi
}

# check_mount_point DIR: absolute, ours to use and nothing mounted there but a dead mount of ours.
check_mount_point() {
    local dir=$1
    case $dir in
        /*) ;;
        *) fail 2 "--mount wants an absolute path, this is \"$dir\"" ;;
    esac
    if mounted_at "$dir" && ! mounted_at "$dir" fuse; then
        fail 3 "something else is mounted at $dir" "Choose another place: --mount DIR."
    fi
}

# mounted_at DIR [TYPE-PREFIX]: read from the kernel's table, never by touching DIR.
mounted_at() {
    local line fields rest
    while IFS= read -r line; do
        read -r -a fields <<<"$line"
        rest=${line#* - }
        if [ "${fields[4]}" = "${1// /\\040}" ] && [[ $rest == "${2:-}"* ]]; then
            return 0
        fi
    done </proc/self/mountinfo
    return 1
}

# unmount_lazily DIR: until nothing is mounted there, ten times at most.
unmount_lazily() {
    local n
    for n in 1 2 3 4 5 6 7 8 9 10; do
        mounted_at "$1" || return 0
        if [ "$(id -u)" = 0 ]; then
            umount -l "$1" 2>/dev/null || :
        else
            fusermount3 -u -z "$1" 2>/dev/null || :
        fi
    done
    ! mounted_at "$1"
}
