#!/bin/sh
# The simulated router as curl sees it: TLS with the authority or the pinned key, ids unencoded, statuses.
set -eu

program=$1
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
dir=$(mktemp -d)
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT

printf 'writer:w-secret\n' >"$dir/passwords"
"$program" --quiet --listen 127.0.0.1:0 --tls 127.0.0.1:0 --tls-name router.test \
    --port-file "$dir/ports.json" --control "$dir/control" --password-file "$dir/passwords" \
    --user writer:read,write,api,rest-api --queue WAN-Download:100M \
    --latency-median-ms 0 --login-ms 0 &
pid=$!
tries=0
until [ -e "$dir/ports.json" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 2000 ] || { echo "the simulator does not listen"; exit 1; }
    sleep 0.01
done

field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$dir/ports.json"; }
port=$(field https_port)
base="https://127.0.0.1:$port/rest"
queue="$base/queue/tree/*1000000"

failures=0
# expect STATUS TEXT CURL-ARGUMENTS...: the reply has this status and holds this text.
expect() {
    status=$1
    text=$2
    shift 2
    got=$(curl --silent --max-time 20 --noproxy '*' --cacert "$dir/ca.pem" --user writer:w-secret \
        --globoff --write-out ' %{http_code}' "$@") || got="curl failed: $?"
    case $got in
    *"$text"*" $status") ;;
    *)
        echo "curl $*: expected $status and '$text', got: $got"
        failures=$((failures + 1))
        ;;
    esac
}
json='Content-Type: application/json'

expect 200 '"name":"WAN-Download"' "$queue"
expect 200 '"max-limit":"85000000"' -X PATCH -H "$json" -d '{"max-limit":"85M"}' "$queue"
expect 200 '[{".id":"*1000000","max-limit":"85000000"}]' "$base/queue/tree?.proplist=max-limit"
expect 200 '[]' -X POST -H "$json" -d '{".id":"*1000000"}' "$base/queue/tree/reset-counters"
expect 201 '"name":"new"' -X PUT -H "$json" -d '{"name":"new","parent":"global"}' "$base/queue/tree"
expect 204 '' -X DELETE "$base/queue/tree/*1000001"
expect 400 'missing or invalid resource identifier' -X PATCH -H "$json" -d '{}' "$base/queue/tree/%2A1000000"
expect 400 'Failed to parse json' -X PATCH -H "$json" -d '{"max-limit":8e7}' "$queue"
expect 415 'Unsupported Media Type' -X PATCH -d '{"max-limit":"1M"}' "$queue"
expect 401 'Unauthorized' --user writer:wrong "$queue"
expect 400 'no such command or directory (nonexistent)' "$base/nonexistent"
expect 503 'Service Unavailable' -X OPTIONS "$queue"
expect 501 '' --head "$queue"
expect 200 '"version":"7.' "$base/system/resource"
expect 200 '"name"' --resolve "router.test:$port:127.0.0.1" "https://router.test:$port/rest/queue/tree/*1000000"
expect 200 '"name"' --pinnedpubkey "$(field pin)" "$queue"
expect 200 '"name"' --tls-max 1.2 "$queue"
expect 200 '"name"' "http://127.0.0.1:$(field http_port)/rest/queue/tree/*1000000"

refused() {
    if curl --silent --max-time 20 --noproxy '*' --user writer:w-secret --globoff "$@" >/dev/null; then
        echo "curl $*: should not have been trusted"
        failures=$((failures + 1))
    fi
}
refused "$queue"
refused --cacert "$dir/ca.pem" --tlsv1.3 "$queue"
refused --cacert "$dir/ca.pem" --pinnedpubkey "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" "$queue"
refused --cacert "$dir/ca.pem" --resolve "other.test:$port:127.0.0.1" "https://other.test:$port/rest/queue/tree"

# SIGTERM ends it at once, cleanly and with nothing left of its own.
kill "$pid"
if ! wait "$pid"; then
    echo "SIGTERM: not a clean end"
    failures=$((failures + 1))
fi
pid=
[ ! -e "$dir/control" ] || { echo "the control socket was left behind"; failures=$((failures + 1)); }
exit "$failures"
