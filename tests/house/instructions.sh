#!/usr/bin/env bash
# Instructions of bench/fixed_workload under callgrind, against the record in instructions.txt: a count more than 3 %
# above its record is an error, one more than 3 % below asks for a new record.
#   tests/house/instructions.sh PROGRAM COMPILER
# To record on purpose, with the reason in the commit:
#   QUERN_RECORD_INSTRUCTIONS=1 ctest --test-dir build/release -R house.instructions
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program=$1 compiler=$2
record=tests/house/instructions.txt

# What ctest counts as skipped, and continuous integration as an error.
skip() {
  echo "instructions are not counted: $1" >&2
  [ "${CI:-}" = true ] && exit 1
  exit 77
}
recorded() { sed -n "s/^$1 //p" "$record"; }

valgrind=$(command -v valgrind) || skip "valgrind is not installed; tools/bootstrap --test installs it"
# Valgrind 3.19 knows no AVX-512 and shows one and the same processor to programs wherever there is AVX2.
grep -qw avx2 /proc/cpuinfo || skip "this processor has no AVX2, which the record is made with"
recording=${QUERN_RECORD_INSTRUCTIONS:-}
[ -n "$recording" ] || [ "$(recorded compiler)" = "$compiler" ] ||
  skip "the record is of $(recorded compiler), this build of $compiler"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYTHONPATH=tests/parity PYTHONDONTWRITEBYTECODE=1 python3 - "$folder" <<'PYTHON'
import sys
from pathlib import Path
from programs import make_program

for seed in range(6):
    Path(sys.argv[1], f"{seed}.bin").write_bytes(make_program(seed)[1])
PYTHON

# An empty environment: its size would move the stack. Code made at run time needs --smc-check.
count() {
  local log=$folder/$1.log
  env -i "$valgrind" --tool=callgrind --callgrind-out-file=/dev/null --smc-check=all-non-file \
    "$program" "$1" "$folder"/*.bin 2>"$log" || { cat "$log" >&2; return 1; }
  sed -n 's/.*Collected : //p' "$log"
}
setup=$(count setup)
declare -A counts
for mode in undrawn drawn step; do
  all=$(count $mode)
  counts[$mode]=$((all - setup))
done

if [ -n "$recording" ]; then
  {
    sed -n '/^#/p' "$record"
    echo "compiler $compiler"
    for mode in undrawn drawn step; do echo "$mode ${counts[$mode]}"; done
  } >"$folder/record"
  cp "$folder/record" "$record"
  cat "$record"
  exit 0
fi

failed=false
for mode in undrawn drawn step; do
  before=$(recorded $mode) now=${counts[$mode]}
  change=$(((now - before) * 1000 / before)) # tenths of a per cent
  echo "$mode: $now instructions, $before recorded, $((change / 10)) %"
  if [ $change -gt 30 ]; then
    echo "error: $mode takes more than 3 % more instructions than recorded" >&2
    failed=true
  elif [ $change -lt -30 ]; then
    echo "note: $mode takes more than 3 % fewer instructions than recorded; record it, or the gain can be lost unseen"
  fi
done
$failed || exit 0
echo "hint: valgrind --tool=callgrind $program undrawn shows where; if it must be, record it and say why in the commit:" >&2
echo "  QUERN_RECORD_INSTRUCTIONS=1 ctest --test-dir build/release -R house.instructions" >&2
exit 1
