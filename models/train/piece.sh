#!/usr/bin/env bash
# One piece of a run on a machine that is at hand for some minutes: unpacks what the piece before left, goes on, packs the result.
#
#   piece.sh RUN CONFIG MINUTES CARRIED OUT [STAGE]
#
# RUN      folder of the run on this machine
# CARRIED  folder with the part-* files of the piece before (may be empty or absent)
# OUT      folder that takes this piece's part-* files (at most 15 MB each) and, once they exist, the pictures and tables
#
# Only what can't be made again in a minute travels: finished networks, the state of the one in training, configuration and logs.
# Codes and noise-to-code pairs follow from (seed, index) and the teacher, and are made again where they are missing.
set -euo pipefail

run=$1 config=$2 minutes=$3 carried=$4 out=$5 stage=${6:-all}
here="$(cd "$(dirname "$0")" && pwd)"
python="${PYTHON:-python3}"
mkdir -p "$run" "$out"

if [ ! -f "$run/config.json" ] && compgen -G "$carried/part-*" > /dev/null; then
  cat "$carried"/part-* | tar -x -C "$run"
fi

status=0
PYTHONPATH="$here" PYTHONUNBUFFERED=1 "$python" -m twostep_train "$stage" --run "$run" --config "$config" --minutes "$minutes" || status=$?
[ "$status" = 0 ] || [ "$status" = 75 ] || echo "piece.sh: the run ended with status $status; packing what is there" >&2

cd "$run"
find . -type f -not -path '*/codes/*' -not -path '*/pairs/*' -not -path './export/*' -not -name '*.new' -print0 | sort -z |
  tar -c --null -T - | split -b 15000000 -d - "$out/part-"
du -ch "$out"/part-* | tail -n 1
exit "$status"
