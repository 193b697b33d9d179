#!/bin/sh
# Runs the clients against a real service while the database changes, kills them in between, and compares their copies
# with the tables at the end.
#
#     live.sh URL KEY CONNINFO
#
# CONNINFO (psql) names a scratch database made from Tests/Fixtures/odoo.sql that URL serves, and a role that may write to
# res_partner and sale_order. Needs psql and python3; node 20 is used where it is installed. CLIENTS="python" narrows it.
# PARTNERS (5000) is how many partners there are for the first copies at the end, whose time is printed.
[ $# -eq 3 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
cd "$(dirname "$0")" || exit 1
url=$1 key=$2 conninfo=$3
for tool in psql python3; do
    command -v $tool >/dev/null || { echo "$tool is missing: nothing was checked"; exit 1; }
done
folder=$(mktemp -d) || exit 1
client=
trap '[ -n "$client" ] && kill -9 "$client" 2>/dev/null; rm -rf "$folder"' EXIT
now="write_date = clock_timestamp() AT TIME ZONE 'utc'"

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$conninfo" -c "$1"; }

# Runs a client on its copy.
client() { $command "$url" --key "$key" --device "$device" --app sales --copy "$folder/$device" "$@"; }

# Once; what it prints goes to a file.
once() { client --limit 7 --once "$@" >"$folder/printed"; }

# In the background, as a separate process that can be killed.
startClient() {
    $command "$url" --key "$key" --device "$device" --app sales --copy "$folder/$device" "$@" &
    client=$!
}

# Ends the client that runs in the background, at once.
killClient() {
    kill -9 "$client" 2>/dev/null
    wait "$client" 2>/dev/null
    client=
}

fail() {
    echo "    FAILED  $1"
    failures=$((failures + 1))
}

# The tables' names and times by id, and the names of the orders' partners, as the copy would have them.
compare() {
    client --show >"$folder/copy.json" || return 1
    for model in res.partner sale.order; do
        table=$(echo "$model" | tr . _)
        partner=NULL
        [ "$model" = res.partner ] || partner="(SELECT p.name FROM res_partner p WHERE p.id = t.partner_id)"
        sql "SELECT coalesce(json_object_agg(id, json_build_array(name, to_char(write_date, 'YYYY-MM-DD HH24:MI:SS'), $partner)), '{}')
             FROM $table t" >"$folder/table"
        python3 - "$folder" "$model" <<'PYTHON' || return 1
import json, sys
folder, model = sys.argv[1:]
table = json.load(open(f"{folder}/table"))
copy = json.load(open(f"{folder}/copy.json"))["records"].get(model, {})
copy = {key: [data["name"], data["write_date"] or None, data.get("partner_id", (0, None))[1]] for key, data in copy.items()}
differing = sorted((key for key in {*table, *copy} if table.get(key) != copy.get(key)), key=int)
for key in differing[:5]:
    print(f"            {model} {key}: table {table.get(key)}, copy {copy.get(key)}")
sys.exit(1 if differing else 0)
PYTHON
    done
}

settled() {
    if once && compare; then echo "    ok      $1"; else fail "$1"; fi
}

# How many ranges differed; nothing where the copy is not right after that.
mended() {
    once --check "$1" && tail -n 1 "$folder/printed" | sed -n 's/.*"differed": *\([0-9]*\).*/\1/p'
}

checkDigest() {
    for model in res.partner sale.order; do
        differed=$(mended "$model")
        [ "$differed" = 0 ] || { fail "the digest of $model: $(tail -n 1 "$folder/printed")"; return; }
    done
    echo "    ok      the digests are equal"
}

# Orders show the names of partners. No event tells of it; the digest does.
renamed() {
    sql "UPDATE res_partner SET name = 'Renamed for $name $$' WHERE id IN (SELECT partner_id FROM sale_order WHERE id IN (2, 4))"
    once
    if compare >"$folder/compared"; then fail "the copy has new names before it was checked: this step shows nothing"; return; fi
    first=$(mended sale.order)
    again=$(mended sale.order)
    if [ "${first:-0}" -gt 0 ] && [ "$again" = 0 ] && compare; then
        echo "    ok      partners were renamed: $first ranges of orders differed, and are right again"
    else
        fail "partners were renamed: '$first' ranges of orders differed, then '$again'"
    fi
}

# Killed with its events applied and not acknowledged, the client gets the same again.
killed() {
    sql "UPDATE sale_order SET state = 'sent', $now WHERE id <= 3"
    once --die 2>/dev/null
    first=$(grep -c '"write"' "$folder/printed")
    sql "DELETE FROM res_partner WHERE name = '$name a'; UPDATE sale_order SET state = 'sale', $now WHERE id = 2"
    once || { fail "the client that was killed begins again"; return; }
    again=$(grep -c '"write"' "$folder/printed")
    if [ "$first" -ge 3 ] && [ "$again" -ge "$first" ] && compare; then
        echo "    ok      killed before it acknowledged: $first events, and again"
    else
        fail "killed before it acknowledged: $first events, then $again"
    fi
}

# Follows while others write, and is killed at any moment.
following() {
    for round in 1 2 3 4 5 6; do
        startClient --limit 7 >>"$folder/followed" 2>&1
        for step in 1 2 3 4 5 6 7 8; do
            sql "INSERT INTO res_partner (name, write_date) VALUES ('$name $round $step', clock_timestamp() AT TIME ZONE 'utc');
                 UPDATE res_partner SET phone = '$round $step', $now WHERE id % 5 = $step % 5;
                 UPDATE sale_order SET amount_total = amount_total + 1, $now WHERE id = 1 + $step % 5;
                 DELETE FROM res_partner WHERE name = '$name $round ' || ($step - 2)"
            sleep 0.1
        done
        killClient
    done
    settled "killed six times while it followed"
}

# While a client follows, a change must reach its copy without its asking.
pushed() {
    startClient "$@" >"$folder/followed" 2>&1
    sleep 2
    sql "UPDATE res_partner SET phone = 'pushed$#', $now WHERE id = 1"
    tries=0
    until grep -q "\"pushed$#\"" "$folder/followed" || [ $tries -ge 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    killClient
    if grep -q "\"pushed$#\"" "$folder/followed"; then echo "    ok      a change is pushed"; else fail "no change was pushed"; fi
}

# A file that ends with half a line, as a crash of the machine leaves it.
torn() {
    printf '{"put":[["res.partner",1,{"id":1,"name":"Half' >>"$folder/$device"
    settled "half a line at the end of the file is cut off"
}

# How many partners a copy holds, and whether it is whole.
held() {
    client --show | python3 -c 'import json, sys
copy = json.load(sys.stdin)
print(len(copy["records"].get("res.partner", {})), "whole" if copy["state"]["is_whole"] else "part")'
}

# A first copy that is killed at any time, while others write, continues to a copy that equals the tables.
killedFirstCopy() {
    device="live-killed-$name-$$"
    between=0 round=0 within=${KILL_WITHIN:-1.5}
    while [ $round -lt 8 ] || [ $between -eq 0 ] && [ $round -lt 40 ]; do
        round=$((round + 1))
        startClient --once >/dev/null 2>&1
        sleep "$(python3 -c "import random; print(random.uniform(0.2, $within))")"
        killClient
        sql "UPDATE res_partner SET phone = 'first $round', $now WHERE id % 400 = $round;
             DELETE FROM res_partner WHERE id = (SELECT max(id) FROM res_partner WHERE name LIKE 'Many %')"
        # Machines differ: too early, and it lives longer next time; too late, and another copy begins and dies sooner.
        case $(held) in
            "0 part") within=$(python3 -c "print($within * 1.3)") ;;
            *part) between=$((between + 1)) ;;
            *whole)
                device="live-killed-$name-$$-$round"
                within=$(python3 -c "print(max(0.25, $within * 0.7))")
                ;;
            *) fail "the copy of a client that was killed is not readable"; return ;;
        esac
    done
    if [ $between -eq 0 ]; then fail "no first copy was killed in the middle: this step shows nothing"; return; fi
    client --once >/dev/null
    if compare; then echo "    ok      a first copy was killed $round times, $between times in the middle"; else fail "killed in its first copy"; fi
    checkDigest
}

# A first copy in one go, with its time; the status must have shown its progress.
timedFirstCopy() {
    device="live-first-$name-$$"
    begin=$(date +%s.%N)
    client --once --status >"$folder/printed" || { fail "a first copy"; return; }
    end=$(date +%s.%N)
    if compare && python3 - "$folder/printed" <<'PYTHON'; then
import json, sys
told = [json.loads(line)["status"] for line in open(sys.argv[1])]
so_far = [status["progress"]["records"] for status in told if status["progress"]]
assert so_far and so_far == sorted(so_far) and not any(status["has_everything"] for status in told if status["progress"]), so_far
last = told[-1]
assert last["connected"] and last["has_everything"] and last["last_sync"] and not last["last_error"] and not last["progress"], last
PYTHON
        echo "    ok      a first copy of $partners partners took $(python3 -c "print(f'{$end - $begin:.1f}')") seconds"
    else
        fail "a first copy in one go"
    fi
}

isWanted() { case " ${CLIENTS:-python javascript} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

run() {
    name=$1 command=$2
    isWanted "$name" || return
    device="live-$name-$$"
    echo "$name"
    settled "a new copy has what was there before"
    sql "INSERT INTO res_partner (name, write_date) SELECT '$name ' || c, now() AT TIME ZONE 'utc' FROM unnest('{a,b,c}'::text[]) c;
         UPDATE res_partner SET phone = '1', $now WHERE id <= 9; DELETE FROM res_partner WHERE name = '$name c'"
    settled "and follows inserts, updates and deletions"
    killed
    following
    pushed
    # A long poll does the same as a stream.
    pushed --wait 20
    settled "at the end the copy equals the tables"
    checkDigest
    renamed
    [ "$name" = python ] || torn
    sql "INSERT INTO res_partner (name, email, company_id, write_date)
         SELECT 'Many ' || n, 'many' || n || '@example.com', 1, now() AT TIME ZONE 'utc' FROM generate_series(1, ${PARTNERS:-5000}) n;
         ANALYZE res_partner"
    partners=$(sql "SELECT count(*) FROM res_partner")
    timedFirstCopy
    killedFirstCopy
    sql "DELETE FROM res_partner WHERE name LIKE 'Many %'; ANALYZE res_partner"
}

failures=0
run python "python3 python/changefeed_client.py"
if command -v node >/dev/null; then
    run javascript "node javascript/changefeed-client.mjs"
elif isWanted javascript; then
    echo "javascript is skipped: node is not installed"
fi
[ "$failures" -eq 0 ]
