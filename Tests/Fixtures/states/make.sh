#!/usr/bin/env bash
# Writes a dump of a small Odoo database with the feed of an earlier commit in it: events, gaps, devices, decisions.
# UpgradeTests restore these, install today's feed over them and compare the result with a fresh installation.
#
#   Tests/Fixtures/states/make.sh COMMIT [NAME]        writes NAME.sql.gz (NAME: by default the commit)
#
# Make one when a version is released, and never change one that is there. The oldest server that the feed runs on writes
# it, so that every server can read it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
commit=${1:?"usage: $0 COMMIT [NAME]"}
name=${2:-$commit}
bin=$(scripts/servers.sh 13)
dir=$(mktemp -d /tmp/cf-state-XXXXXX)
as_server() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
cleanup() {
    as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap cleanup EXIT
mkdir "$dir/checkout"
git archive "$commit" sql | tar -x -C "$dir/checkout"
# Odoo stays what it is while the feed is upgraded.
cp Tests/Fixtures/odoo.sql "$dir/checkout"
chmod -R a+rX "$dir"
[ "$(id -u)" != 0 ] || chown postgres "$dir"
as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -o "-c listen_addresses='' -c unix_socket_directories='$dir'" start >/dev/null
export PGHOST=$dir PGUSER=postgres PGDATABASE=state
sql() { psql -X -q -v ON_ERROR_STOP=1 -o /dev/null "$@" >&2; }
has() { [ "$(psql -X -A -t -c "SELECT count(*) > 0 FROM pg_proc WHERE pronamespace = 'changefeed'::regnamespace AND proname = '$1'")" = t ]; }
psql -X -q -d postgres -c 'CREATE DATABASE state'
sql -f "$dir/checkout/odoo.sql"
sql -f "$dir/checkout/sql/install.sql"
sql -c "CREATE ROLE changefeed_login LOGIN; GRANT changefeed_service TO changefeed_login"
# A role of the operator's with a right on a view and on a function.
sql -c "CREATE ROLE dashboard IN ROLE changefeed_monitor;
        GRANT SELECT ON changefeed.event_record TO dashboard; GRANT EXECUTE ON FUNCTION changefeed.status() TO dashboard"

sql <<'SQL'
SELECT changefeed.track('sale.order.line');
SELECT changefeed.untrack('hr.expense'), changefeed.track('hr.expense');
SELECT changefeed.pause('an import'), changefeed.resume();
SET ROLE odoo;
UPDATE res_partner SET phone = '1' WHERE id <= 3;
INSERT INTO res_partner (name, company_id) VALUES ('New', 1);
UPDATE sale_order SET state = 'sale', write_date = now() WHERE id = 1;
DELETE FROM hr_expense;
DELETE FROM stock_picking;
SQL
if has pull; then
    # One device in the middle of a batch, one that has settled everything, one that never pulled with data.
    sql <<'SQL'
INSERT INTO changefeed.app_type (name, models) VALUES ('counter', '{res.partner}');
SET ROLE changefeed_login;
SELECT p.next_sync_token AS token FROM changefeed.pull(2, 'settled', 'all', '{res.partner,sale.order}') p \gset
SELECT * FROM changefeed.acknowledge(2, 'settled', NULL, :'token');
SELECT * FROM changefeed.pull(2, 'midway', 'counter', max_entries => 1);
SELECT * FROM changefeed.pull(6, 'bare', 'counter', with_data => false);
SQL
fi
if has decide_field; then
    sql <<'SQL'
SELECT changefeed.decide_field('res.partner', 'email', 'deny', 'not for devices');
INSERT INTO ir_rule (name, model_id, domain_force, active, perm_read, global)
SELECT 'own orders', m.id, '[(''user_id'', ''='', user.id)]', true, true, true FROM ir_model m WHERE m.model = 'sale.order';
SELECT changefeed.decide_rule(r.id, 'allow', NULL, 'tried') FROM ir_rule r WHERE r.name = 'own orders';
SQL
fi
out=$PWD/Tests/Fixtures/states/$name.sql.gz
{
    echo "-- Written by Tests/Fixtures/states/make.sh $commit. The roles belong to the cluster, not to the dump."
    for role in $(psql -X -A -t -c "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname ~ '^changefeed_|^odoo$|^dashboard$'"); do
        echo "DO \$\$ BEGIN CREATE ROLE $role$([ $role != odoo ] || echo ' LOGIN'); EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;"
    done
    "$bin/pg_dump" | sed '/^\\restrict/d; /^\\unrestrict/d'
} | gzip -n -9 > "$out"
ls -l "$out"
