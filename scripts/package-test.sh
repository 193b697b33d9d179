#!/usr/bin/env bash
# Builds the Debian package twice, compares, asks lintian, and installs, upgrades, removes and purges it in a throw-away
# root of the Debian release of this machine.
#
#   scripts/package-test.sh [--binary PATH] [--trial] [--sql]
#     --binary, --trial   as for scripts/package.sh
#     --sql               with a PostgreSQL in that root: install.sql of the package, the program's verify, uninstall.sql
# Exit status: 69 where root, mmdebstrap or debootstrap, lintian, or Debian's archive is not to be had.
set -euo pipefail
cd "$(dirname "$0")/.."
usage() { sed -n '5,8s/^# \{0,3\}//p' scripts/package-test.sh >&2; exit 64; }
skip() { echo "package-test.sh: skipped: $1" >&2; exit 69; }
options=() sql=''
while [ $# -gt 0 ]; do
    case $1 in
        --binary) options+=(--binary "${2:?}") && shift 2 ;;
        --trial) options+=(--trial) && shift ;;
        --sql) sql=yes && shift ;;
        *) usage ;;
    esac
done
[ "$(id -u)" = 0 ] || skip "it needs root, for chroot"
command -v lintian >/dev/null || skip "lintian is missing"
maker=$(command -v mmdebstrap || command -v debootstrap) || skip "neither mmdebstrap nor debootstrap is there (packages of these names)"
work=$(mktemp -d /tmp/changefeed-root-XXXXXX)
root=$work/root
chmod 755 "$work"
cleanup() {
    mountpoint -q "$root/proc" && umount "$root/proc"
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
say() { echo "== $*" >&2; }

say "two builds are equal"
package=$(scripts/package.sh "${options[@]}" --output "$work/first")
again=$(scripts/package.sh "${options[@]}" --output "$work/second")
cmp "$package" "$again"

say "lintian"
# A debug build needs Swift's shared libraries where they are; the package's binary does not.
tolerated=()
case " ${options[*]-} " in *' --trial '*) tolerated=(--suppress-tags custom-library-search-path) ;; esac
lintian --allow-root --fail-on error,warning --display-level '>=warning' "${tolerated[@]}" "$package"

say "each link of the pages leads to a file of the package"
dpkg-deb -R "$package" "$work/old"
python3 - "$work/old/usr/share/doc/changefeed" <<'END'
import os, re, sys

dead = [
    f"{os.path.join(folder, name)}: {link}"
    for folder, _, names in os.walk(sys.argv[1]) for name in names if name.endswith(".md")
    for link in re.findall(r"\]\(([^)#\s]+)", open(os.path.join(folder, name), encoding="utf-8").read())
    if not re.match("[a-z]+:", link) and not os.path.exists(os.path.join(folder, link))
]
sys.exit("\n".join(dead) or None)
END

say "a root by $(basename "$maker")"
. /etc/os-release
wanted=adduser,man-db,bash-completion,systemd
[ -z "$sql" ] || wanted=$wanted,postgresql
case $maker in
    *mmdebstrap) "$maker" --quiet --mode=root --variant=minbase --include="$wanted" "$VERSION_CODENAME" "$root" ;;
    *) "$maker" --variant=minbase --include="$wanted" "$VERSION_CODENAME" "$root" ;;
esac >"$work/log" 2>&1 || { tail -3 "$work/log" >&2; skip "Debian's archive is not to be had"; }
mount -t proc proc "$root/proc"
# PostgreSQL's shared memory.
chmod 1777 "$root/dev/shm"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
[ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"
chroot "$root" apt-get update -qq >"$work/log" 2>&1 || skip "Debian's archive is not to be had"

# An older version is this one under another number.
mkdir "$root/packages"
cp "$package" "$root/packages/new.deb"
sed -i 's/^Version: .*/Version: 0.0.1-1/' "$work/old/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/old" "$root/packages/old.deb" >/dev/null
version=$(dpkg-deb -f "$package" Version)
# For a debug build.
runpath=$(readelf -d "$work/old/usr/bin/changefeed" | sed -n 's/.*runpath: \[\([^]:]*\).*/\1/p')
if readelf -d "$work/old/usr/bin/changefeed" | grep -q 'NEEDED.*libswift'; then
    mkdir -p "$root$runpath"
    cp -L "$runpath"/*.so* "$root$runpath/"
fi
cp -r Tests/Fixtures/odoo.sql "$root/packages/odoo.sql"

cat >"$root/packages/test.sh" <<'END'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
say() { echo "== $*" >&2; }
fail() { echo "package-test.sh: $*" >&2; exit 1; }
apt() { apt-get -qq -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log >&2; fail "apt-get $*"; }; }
state() { dpkg-query -W -f '${Status} ${Version}' changefeed 2>/dev/null || echo none; }

say "installed"
apt install --no-install-recommends /packages/old.deb
[ "$(state)" = "install ok installed 0.0.1-1" ] || fail "$(state)"
id changefeed >/dev/null
[ "$(stat -c '%a %U' /etc/changefeed.env)" = "600 root" ] || fail "/etc/changefeed.env: $(stat -c '%a %U' /etc/changefeed.env)"
echo 'LOG_LEVEL=debug' >/etc/changefeed.env

say "upgraded, settings kept"
apt install --no-install-recommends /packages/new.deb
[ "$(state)" = "install ok installed $1" ] || fail "$(state)"
[ "$(cat /etc/changefeed.env)" = LOG_LEVEL=debug ] || fail "the settings were replaced"
[ "$(changefeed --version | grep -oE '[0-9]+(\.[0-9]+)+' | head -1)" = "${1%-*}" ] || fail "changefeed --version: $(changefeed --version)"
dpkg --verify changefeed | grep -v ' c /etc/changefeed.env$' && fail "files differ from the package's"

say "units, man pages, completions, scripts"
mkdir -p /etc/changefeed
install -m 600 /usr/share/doc/changefeed/examples/DATABASE.env /etc/changefeed/odoo.env
complaints=$(systemd-analyze verify changefeed.service changefeed@odoo.service 2>&1 | grep -i changefeed || true)
[ -z "$complaints" ] || fail "systemd-analyze: $complaints"
for page in changefeed $(changefeed --help | awk '/SUBCOMMANDS:$/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print "changefeed-" $1 }'); do
    man -w "$page" >/dev/null || fail "no man page $page"
    MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$(man -w "$page")" 2>&1 >/dev/null | grep . && fail "warnings of $page"
done
bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader changefeed || [ $? = 124 ]; complete -p changefeed' | grep -q changefeed
for file in /usr/share/zsh/vendor-completions/_changefeed /usr/share/fish/vendor_completions.d/changefeed.fish; do
    grep -q serve "$file" || fail "$file"
done
for file in $(sed -n 's/^\\ir //p' /usr/share/changefeed/sql/install.sql); do
    [ -f "/usr/share/changefeed/sql/$file" ] || fail "install.sql needs $file"
done

if [ -n "$2" ]; then
    say "the SQL scripts, on PostgreSQL"
    cluster=$(pg_lsclusters -h | awk '{ print $1 "/" $2; exit }')
    # Not 5432 where a server of this machine has that port: the root shares its network.
    port=$(pg_lsclusters -h | awk '{ print $3; exit }')
    # Whatever fails below: a server whose root is gone would keep its port.
    trap 'pg_ctlcluster "${cluster%/*}" "${cluster#*/}" stop -m immediate >/dev/null 2>&1 || true' EXIT
    pg_ctlcluster "${cluster%/*}" "${cluster#*/}" start
    as() { runuser -u postgres -- "$@"; }
    as createdb odoo
    chmod 755 /packages && chmod 644 /packages/odoo.sql
    as psql -X -q -v ON_ERROR_STOP=1 -d odoo -f /packages/odoo.sql >/dev/null
    as psql -X -q -v ON_ERROR_STOP=1 -d odoo -f /usr/share/changefeed/sql/install.sql 2>/tmp/sql.log || { cat /tmp/sql.log >&2; fail install.sql; }
    as psql -X -q -v ON_ERROR_STOP=1 -d odoo -c "CREATE ROLE changefeed LOGIN IN ROLE changefeed_service"
    runuser -u changefeed -- changefeed verify --database "host=/var/run/postgresql port=$port dbname=odoo user=changefeed" || fail "changefeed verify"
    as psql -X -q -v ON_ERROR_STOP=1 -d odoo -c "DROP ROLE changefeed"
    as psql -X -q -v ON_ERROR_STOP=1 -d odoo -f /usr/share/changefeed/sql/uninstall.sql 2>/tmp/sql.log || { cat /tmp/sql.log >&2; fail uninstall.sql; }
    pg_ctlcluster "${cluster%/*}" "${cluster#*/}" stop
fi

say "removed, settings kept; purged"
apt remove changefeed
[ ! -e /usr/bin/changefeed ] && [ ! -e /lib/systemd/system/changefeed.service ] || fail "files stay after removal"
[ -e /etc/changefeed.env ] || fail "removal took the settings"
apt purge changefeed
[ "$(state)" = none ] || case "$(state)" in *not-installed*) ;; *) fail "$(state)" ;; esac
[ ! -e /etc/changefeed.env ] || fail "purging left the settings"
[ -e /etc/changefeed/odoo.env ] || fail "purging took an administrator's file"
[ ! -e /usr/share/doc/changefeed ] && [ ! -e /usr/share/changefeed ] || fail "folders stay after purging"
END
chroot "$root" /bin/bash /packages/test.sh "$version" "$sql"
say "the package $(basename "$package") installs, upgrades and goes"
