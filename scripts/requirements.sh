# Sourced by the other scripts: finds Swift, PostgreSQL and libpq, and installs with apt-get what is missing.

command -v swift >/dev/null || export PATH="$PATH:/opt/swift/usr/bin"
command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2; exit 69; }

missing=()
command -v pkg-config >/dev/null || missing+=(pkg-config)
pkg-config --exists libpq 2>/dev/null || missing+=(libpq-dev)
pkg-config --exists zlib 2>/dev/null || missing+=(zlib1g-dev)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v psql >/dev/null || missing+=(postgresql-client)
command -v curl >/dev/null || missing+=(curl)
# For the tests of a Turkish cluster; without root they skip where the locale is missing.
wants_turkish=$([ "$(id -u)" = 0 ] && ! locale -a 2>/dev/null | grep -qi '^tr_TR\.utf-\?8$' && echo yes || true)
[ -z "$wants_turkish" ] || [ -e /usr/share/i18n/locales/tr_TR ] || missing+=(locales)
if [ ${#missing[@]} -gt 0 ]; then
    apt=(apt-get -o DPkg::Lock::Timeout=600)
    [ "$(id -u)" = 0 ] || apt=(sudo apt-get -o DPkg::Lock::Timeout=600)
    "${apt[@]}" update -qq
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
# For the tests of streams and alerts, which skip without: in containers, where installing a server starts none.
if [ "$(id -u)" = 0 ] && [ ! -d /run/systemd/system ]; then
    optional=()
    [ -x /usr/sbin/nats-server ] || optional+=(nats-server)
    ldconfig -p | grep -q 'libnats\.so\.3' || optional+=(libnats3.4)
    ldconfig -p | grep -q 'librdkafka\.so\.1' || optional+=(librdkafka1)
    [ -x /usr/bin/promtool ] || optional+=(prometheus)
    [ ${#optional[@]} = 0 ] || DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${optional[@]}" >/dev/null 2>&1 ||
        echo "Not installed: ${optional[*]}. Tests of streams or alerts may skip." >&2
fi
[ -z "$wants_turkish" ] || localedef -i tr_TR -f UTF-8 tr_TR.UTF-8
