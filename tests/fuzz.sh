#!/usr/bin/env bash
# tests/fuzz.sh [SECONDS [SUBJECT…]]: builds the fuzzers in build-fuzz, runs each over its corpus and then lets it search for
# SECONDS (5). One line a subject; what made one fail is kept in build-fuzz/findings.
set -uo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --help ]; then sed -n '2,3s/^# //p' "$0"; exit 0; fi
seconds=${1:-5}; shift || true
subjects=("$@")
targets=("${subjects[@]/#/tests/fuzz/fuzz_}"); [ $# -gt 0 ] || targets=(fuzzers)
folder=build-fuzz
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=0} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0

mkdir -p $folder
exec 9>$folder/fuzz.lock
flock 9 # one build at a time
if [ ! -e $folder/build.ninja ]; then
  CC=clang meson setup $folder -Dbuildtype=debug -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false -Db_pie=false \
    -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all' >/dev/null || exit 1
fi
ninja -C $folder "${targets[@]}" >$folder/build.log 2>&1 || { tail -n 40 $folder/build.log; exit 1; }
exec 9>&-
if [ ${#subjects[@]} = 0 ]; then
  for program in $folder/tests/fuzz/fuzz_*; do [ -x "$program" ] && [ -f "$program" ] && subjects+=("${program##*/fuzz_}"); done
fi

failed=0
for subject in "${subjects[@]}"; do
  program=$folder/tests/fuzz/fuzz_$subject corpus=tests/fuzz/corpus/$subject grown=$folder/corpus/$subject log=$folder/fuzz-$subject.log
  mkdir -p "$corpus" "$grown" $folder/findings
  common=(-artifact_prefix="$folder/findings/$subject-" -timeout=20 -rss_limit_mb=3000 -max_len=16384 -print_final_stats=1)
  files=("$corpus"/*); [ -e "${files[0]}" ] || files=()
  if [ ${#files[@]} -gt 0 ] && ! "$program" "${common[@]}" "${files[@]}" >"$log" 2>&1; then
    echo "not ok fuzz $subject: $(grep -a '^Running: ' "$log" | tail -1 | sed 's/^Running: //'), see $log"; failed=1
  elif ! "$program" "${common[@]}" -max_total_time="$seconds" "$grown" "$corpus" >"$log" 2>&1; then
    echo "not ok fuzz $subject: $(grep -ao "$folder/findings/[^ ]*" "$log" | tail -1), see $log"; failed=1
  else
    echo "ok fuzz $subject: runs $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  fi
done
exit $failed
