#!/usr/bin/env bash
# One piece of a run on a machine that is at hand for some minutes: unpacks what the piece before left, goes on, packs the result.
#
#   piece.sh RUN CONFIG MINUTES CARRIED OUT [STAGE]
#
# RUN      folder of the run on this machine
# CARRIED  folder with the part-* and state-* files of the piece before (may be empty or absent)
# OUT      folder that takes this piece's files, at most 15 MB each: part-* (finished networks, logs, pictures, tables) and state-* (the
#          network in training, some six bytes a parameter; leave it behind if it is too much, and the stage begins anew)
#
# Codes and noise-to-code pairs follow from (seed, index) and the teacher, and are made again where they are missing.
set -euo pipefail

run=$1 config=$2 minutes=$3 carried=$4 out=$5 stage=${6:-all}
here="$(cd "$(dirname "$0")" && pwd)"
python="${PYTHON:-python3}"
mkdir -p "$run" "$out"

if [ ! -f "$run/config.json" ] && compgen -G "$carried/part-*" > /dev/null; then
  cat "$carried"/part-* | tar -x -C "$run"
  if compgen -G "$carried/state-*" > /dev/null; then cat "$carried"/state-* | tar -x -C "$run"; fi
fi

status=0
PYTHONPATH="$here" PYTHONUNBUFFERED=1 "$python" -m twostep_train "$stage" --run "$run" --config "$config" --minutes "$minutes" || status=$?
[ "$status" = 0 ] || [ "$status" = 75 ] || echo "piece.sh: the run ended with status $status; packing what is there" >&2

pack() { # PREFIX, then what find should look for
  local prefix=$1
  shift
  find . -type f -not -path '*/codes/*' -not -path '*/pairs/*' -not -path './export/*' -not -path '*.new*' "$@" -print0 | sort -z > "$out/.list"
  if [ -s "$out/.list" ]; then tar -c --null -T "$out/.list" | split -b 15000000 -d - "$out/$prefix-"; fi
  rm "$out/.list"
}

out="$(cd "$out" && pwd)"
cd "$run"
pack part -not -path '*/state/*'
pack state -path '*/state/*'
du -ch "$out" | tail -n 1
exit "$status"
