# SPDX-License-Identifier: Apache-2.0
# Installs the sections of packaging/packages.txt that are asked for, and only what is missing:
# when nothing is, neither apt-get nor root is touched and the check costs milliseconds.
# Needs say.sh and $repo (the root of the repository).

# packages_of SECTION...: one "package" or "package|command" a line.
packages_of() {
    local wanted=" $* " line section=
    while IFS= read -r line; do
        line=${line%%#*}
        line=${line//[[:space:]]/}
        case $line in
            '') ;;
            '['*']') section=${line:1:-1} ;;
            *) if [[ $wanted == *" $section "* ]]; then printf '%s\n' "$line"; fi ;;
        esac
    done <"$repo/packaging/packages.txt"
}

# missing_packages SECTION...: the packages of these sections that are not installed.
missing_packages() {
    local entry package command
    local -A installed=()
    while read -r package; do
        installed[${package%%:*}]=1
    done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii  *//p')
    while read -r entry; do
        package=${entry%%|*}
        command=${entry#"$package"}
        command=${command#|}
        if [ -z "${installed[$package]:-}" ] &&
            { [ -z "$command" ] || ! command -v "$command" >/dev/null 2>&1; }; then
            printf '%s\n' "$package"
        fi
    done < <(packages_of "$@") | sort -u
}

# How this user becomes root, as words of a command: nothing for root itself; fails when there is
# no way that works without asking (a terminal may be asked).
root_words() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null 2>&1 || return 1
    if sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; then
        echo sudo
        return 0
    fi
    return 1
}

# install_packages SECTION...: exits 3 with what to do when it cannot.
install_packages() {
    local missing words log
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    missing=${missing//$'\n'/ }
    if ! command -v apt-get >/dev/null 2>&1; then
        fail 3 "these Debian packages are missing and there is no apt-get: $missing" \
            "Run it on Debian 12, or in a container made from it."
    fi
    if ! words=$(root_words); then
        fail 3 "these packages are missing and this user may not install them: $missing" \
            "Run it as root, or once: apt-get install $missing"
    fi
    say "installing: $missing"
    log=$(mktemp)
    # shellcheck disable=SC2086 # both are lists of words
    if ! { $words env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
        $words env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install $missing; } >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        fail 3 "apt-get could not install: $missing" \
            "The lines above are its last words; is a Debian 12 package source set up and reached?"
    fi
    rm -f "$log"
}

# need_packages SECTION...: for --no-install, says all that is missing and exits 3.
need_packages() {
    local missing
    missing=$(missing_packages "$@")
    if [ -n "$missing" ]; then
        fail 3 "these Debian packages are missing: ${missing//$'\n'/ }" \
            "Leave out --no-install, or: apt-get install ${missing//$'\n'/ }"
    fi
}
