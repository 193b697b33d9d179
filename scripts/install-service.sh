#!/usr/bin/env bash
# Copies the binary, the systemd unit and an empty settings file to where docs/operating.md has them. Run it again to
# upgrade: settings are kept.
#
#   scripts/install-service.sh BINARY [ROOT]     ROOT: a folder in the place of /, for packages and tests
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "usage: scripts/install-service.sh BINARY [ROOT]" >&2; exit 64; }
root=${2-}
# First beside it, then renamed: a running binary cannot be written over.
install -D -m 755 "$1" "$root/usr/local/bin/changefeed.new"
mv -f "$root/usr/local/bin/changefeed.new" "$root/usr/local/bin/changefeed"
install -D -m 644 scripts/systemd/changefeed.service "$root/etc/systemd/system/changefeed.service"
for page in operating settings; do
    install -D -m 644 "docs/$page.md" "$root/usr/local/share/doc/changefeed/$page.md"
done
# It holds a password: root's alone. systemd reads it before it becomes the service's user.
if [ ! -e "$root/etc/changefeed.env" ]; then
    install -D -m 600 scripts/systemd/changefeed.env "$root/etc/changefeed.env"
fi
