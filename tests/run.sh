#!/usr/bin/env bash
# Runs every test on both stores. Installs PostgreSQL's server where it is missing (Debian), starts a
# throw-away one of its own, and stops it at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

binaries() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

if [ -z "$(binaries)" ]; then
    echo "installing PostgreSQL (Debian package postgresql)"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    # The package's own cluster is not needed: the tests start one of theirs.
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
fi
bin=$(binaries)
[ -n "$bin" ] || { echo "PostgreSQL's server could not be installed; please install it and run this again" >&2; exit 1; }

# The letters of the tests go to a real SMTP server, on Debian's own Python.
if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    if command -v apt-get >/dev/null; then
        echo "installing an SMTP server for the tests (Debian package python3-aiosmtpd)"
        sudo=""
        [ "$(id -u)" = 0 ] || sudo="sudo"
        $sudo apt-get update -qq
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-aiosmtpd >/dev/null
    elif ! python3 -c 'import aiosmtpd' 2>/dev/null; then
        echo "the tests of letters need Python 3 with aiosmtpd, and there is no apt-get here: pip install aiosmtpd" >&2
        exit 1
    fi
fi

# What the tests write is thrown away: memory serves where there is enough of it.
room=/dev/shm
[ -w "$room" ] && [ "$(df --output=avail -k "$room" | tail -n 1)" -gt 2000000 ] || room=${TMPDIR:-/tmp}
export TMPDIR=$room
place=$(mktemp -d)
as_postgres() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    chown postgres "$place"
    as_postgres() { runuser -u postgres -- "$@"; }
fi
chmod 755 "$place"
stop() {
    as_postgres "$bin/pg_ctl" -D "$place/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap stop EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo $((20000 + RANDOM % 10000)))
as_postgres "$bin/initdb" -D "$place/data" -U voucher --auth=trust --locale=C --encoding=UTF8 >/dev/null
# Durability is not what these tests are about: the throw-away server may forget.
as_postgres "$bin/pg_ctl" -D "$place/data" -w -l "$place/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$place -c fsync=off -c full_page_writes=off -c max_connections=300" start >/dev/null

export VOUCHER_TEST_POSTGRES="postgres://voucher@127.0.0.1:$port/postgres"
cargo test --workspace --locked "$@"
