#!/usr/bin/env bash
# Builds the Debian package changefeed and prints where it is. The same commit and binary give the same bytes.
#
#   scripts/package.sh [--binary PATH] [--output FOLDER] [--trial]
#     --binary   a binary that scripts/build.sh --static has built; without it, it is built now
#     --output   default: .build/package
#     --trial    accept a binary that needs Swift's shared libraries, to try the packaging with a debug build
# Exit status: 69 where a program is missing that it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C.UTF-8
usage() { sed -n '4,8s/^# \{0,3\}//p' scripts/package.sh >&2; exit 64; }
binary='' output=.build/package trial=''
while [ $# -gt 0 ]; do
    case $1 in
        --binary) binary=${2:?} && shift 2 ;;
        --output) output=${2:?} && shift 2 ;;
        --trial) trial=yes && shift ;;
        *) usage ;;
    esac
done
for program in dpkg-deb dpkg-shlibdeps dpkg-architecture strip readelf python3 git; do
    command -v "$program" >/dev/null || { echo "package.sh: $program is missing (packages dpkg-dev, binutils, python3, git)" >&2; exit 69; }
done
[ -n "$binary" ] || binary=$(scripts/build.sh --static)
if readelf -d "$binary" | grep -q 'NEEDED.*libswift' && [ -z "$trial" ]; then
    echo "package.sh: $binary needs Swift's shared libraries, which Debian does not have: scripts/build.sh --static" >&2
    exit 65
fi
[ -f Package.resolved ] || { echo "package.sh: no Package.resolved: swift package resolve" >&2; exit 65; }

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
commit=$(git rev-parse --short=12 HEAD)
version=$(sed -n 's/.*static let text = "\([0-9.]*\)".*/\1/p' Sources/ChangeFeedSettings/Version.swift)
architecture=$(dpkg-architecture -qDEB_HOST_ARCH)
maintainer="${DEBFULLNAME:-odoo-changefeed} <${DEBEMAIL:-changefeed@localhost.localdomain}>"
work=$(mktemp -d /tmp/changefeed-package-XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root
doc=$root/usr/share/doc/changefeed
put() { install -D -m "$1" "$2" "$root/$3"; }

# The program, and what it says of itself.
put 755 "$binary" usr/bin/changefeed
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/changefeed"
changefeed=$root/usr/bin/changefeed
mkdir -p "$root/usr/share/man/man1" "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" \
    "$root/usr/share/fish/vendor_completions.d"
"$changefeed" --experimental-dump-help |
    python3 scripts/package/manual.py "$root/usr/share/man/man1" "$version" "$SOURCE_DATE_EPOCH"
# Debian's completions are read, not run: without #!.
"$changefeed" --generate-completion-script bash | sed '1{/^#!/d}' >"$root/usr/share/bash-completion/completions/changefeed"
"$changefeed" --generate-completion-script zsh >"$root/usr/share/zsh/vendor-completions/_changefeed"
"$changefeed" --generate-completion-script fish >"$root/usr/share/fish/vendor_completions.d/changefeed.fish"

# Units: the checkout's, with the package's paths. The one for many databases differs in what it reads.
unit() {
    sed -e 's|/usr/local/bin/|/usr/bin/|' -e 's|/usr/local/share/doc/|/usr/share/doc/|' "$@" scripts/systemd/changefeed.service
}
mkdir -p "$root/lib/systemd/system"
unit >"$root/lib/systemd/system/changefeed.service"
unit -e '1s/.*/# The change feed of database %i under systemd: systemctl start changefeed@DATABASE. See docs\/operating.md./' \
    -e 's|^Description=.*|Description=Change feed for Odoo, database %I|' \
    -e 's|^EnvironmentFile=.*|Environment="DATABASE_URL=host=/var/run/postgresql dbname=%I user=changefeed"\nEnvironmentFile=/etc/changefeed/%i.env|' \
    >"$root/lib/systemd/system/changefeed@.service"
# It holds a password: root's alone. systemd reads it before it becomes the service's user.
put 600 scripts/systemd/changefeed.env etc/changefeed.env
put 644 scripts/systemd/changefeed@.env usr/share/doc/changefeed/examples/DATABASE.env

for file in $(git ls-files sql | LC_ALL=C sort); do
    case $file in
        sql/bench/* | sql/schema.sql) ;;
        *) put 644 "$file" "usr/share/changefeed/$file" ;;
    esac
done
# All that the pages link to; of the pictures, those that they show.
for file in $(git ls-files 'docs/*.md' docs/openapi.json docs/monitoring docs/examples docs/architecture.svg docs/screenshots/overview-light.png |
    LC_ALL=C sort); do
    put 644 "$file" "usr/share/doc/changefeed/${file#docs/}"
done
put 644 scripts/package/copyright usr/share/doc/changefeed/copyright
put 644 scripts/package/README.Debian usr/share/doc/changefeed/README.Debian
put 644 scripts/package/lintian-overrides usr/share/lintian/overrides/changefeed
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
changefeed ($version-1) unstable; urgency=medium

  * odoo-changefeed $version, commit $commit; changelog.gz tells what is new.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
python3 scripts/package/sbom.py Package.resolved "$changefeed" "$version" "$commit" "$SOURCE_DATE_EPOCH" >"$doc/changefeed.cdx.json"
gzip -9n "$root"/usr/share/man/man1/*.1

# What dpkg is told.
mkdir -p "$work/debian" "$root/DEBIAN"
printf 'Source: changefeed\n\nPackage: changefeed\nArchitecture: any\n' >"$work/debian/control"
missing=() level=6
[ -z "$trial" ] || { missing=(--ignore-missing-info) level=1; }
depends=$(cd "$work" && dpkg-shlibdeps -O "${missing[@]}" -e root/usr/bin/changefeed 2>"$work/shlibdeps" | sed -n 's/^shlibs:Depends=//p') ||
    { cat "$work/shlibdeps" >&2; exit 1; }
size=$(find "$root" -type f -not -path '*/DEBIAN/*' -printf '%s\n' | awk '{ s += int(($1 + 1023) / 1024) } END { print s }')
cat >"$root/DEBIAN/control" <<END
Package: changefeed
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $size
Depends: adduser, procps, $depends
Recommends: ca-certificates, postgresql-client
Suggests: libnats3.4, librdkafka1, prometheus
Section: database
Priority: optional
Description: change feed for Odoo on PostgreSQL
 Statement triggers in the database of a self-hosted Odoo (16 to 19) append to
 a log, and this service tells apps over HTTP and JSON what changed,
 milliseconds after the commit. Each device gets the records that Odoo would
 show its user; servers get signed webhooks, NATS JetStream or Kafka instead.
 .
 The package does not start the service: /usr/share/doc/changefeed/README.Debian
 has the steps.
END
echo /etc/changefeed.env >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "scripts/package/$script" "$root/DEBIAN/$script"; done
(cd "$root" && find . -type f -not -path './DEBIAN/*' -not -path './etc/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

# Times and order are fixed, owners are root; one thread, because the number of threads changes the compressed bytes.
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$output"
package=$output/changefeed_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz -z"$level" --threads-max=1 --build "$root" "$work/package.deb" >/dev/null
mv "$work/package.deb" "$package"
echo "$package"
