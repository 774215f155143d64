#!/usr/bin/env bash
# Has systemd check the unit, with a stand-in for the program where it is not installed.
set -euo pipefail
cd "$(dirname "$0")"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
printf '#!/bin/sh\n' >"$place/voucher"
chmod +x "$place/voucher"
sed "s|/usr/local/bin/voucher|$place/voucher|; /^Documentation=/d" voucher.service >"$place/voucher.service"
systemd-analyze verify --man=no "$place/voucher.service"
echo "voucher.service is well formed"
