# common.sh - what the scripts share: where the tree is, saying what is done, and packages.
# Sourced by the scripts of this folder; each can be run from anywhere.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
export DEBIAN_FRONTEND=noninteractive

BUILD_PACKAGES=(meson ninja-build gcc libc6-dev pkg-config libjansson-dev)
TEST_PACKAGES=(check python3)
DRAW_PACKAGES=(plantuml default-jre-headless fontconfig fonts-dejavu-core)

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 4; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    else
        die "to install packages, run this as root, or install sudo"
    fi
}

again() { # up to three times: mirrors fail now and then
    local try
    for try in 1 2 3; do
        if "$@"; then return 0; fi
        [ "$try" -lt 3 ] && sleep $((try * 5))
    done
    return 1
}

# A name without an architecture means this machine's: multiarch may have others of it too.
installed() {
    local arch
    arch=$(dpkg --print-architecture)
    case $1 in *:*) arch=${1##*:} ;; esac
    dpkg-query -W -f '${db:Status-Status} ${Architecture}\n' "$1" 2>/dev/null |
        grep -qxE "installed ($arch|all)"
}

# Installs those of the packages that are missing; nothing is done when none is.
need() {
    local missing=() package
    command -v dpkg-query >/dev/null || { echo "no Debian: install these: $*"; return 0; }
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    # One list that its mirror lacks is no reason to stop: the others may have it all.
    again as_root apt-get update -q || say "Not every list could be fetched; trying all the same"
    again as_root apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        die "could not install ${missing[*]}"
}

# configure FOLDER [--cross-file FILE] OPTION… : makes a build folder, or takes the one that
# is there, whose machine cannot change.
configure() {
    local folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        if [ "${1-}" = --cross-file ]; then shift 2; fi
        meson configure "$folder" "$@" >/dev/null
    else
        meson setup "$folder" "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
        mv "$folder.log" "$folder/setup.log"
    fi
}
