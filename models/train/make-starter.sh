#!/usr/bin/env bash
# Makes the embedded starter pack again, from nothing: some eleven hours on two cores. Run it again to go on after an interruption.
# usage: models/train/make-starter.sh [RUN_FOLDER]
set -euo pipefail
cd "$(dirname "$0")"
run=${1:-$HOME/.cache/twostep/runs/starter}
venv="${XDG_CACHE_HOME:-$HOME/.cache}/twostep/train-venv"
[ -x "$venv/bin/python" ] || { python3 -m venv "$venv"; "$venv/bin/pip" install --quiet -r requirements.txt; }

[ -f "$run/world/index.json" ] || "$venv/bin/python" -m twostep_train.world.gather --out "$run/world"
"$venv/bin/python" -m twostep_train all --run "$run" --config starter-cpu
cd ../..
rm -rf models/packs/starter
npx twostep import "$run/export/recipe.json" --vq "$run/export/vq.pt" --student "$run/export/student.pt" --text "$run/export/text" \
  --storage small --out models/packs/starter
cp "$run/concepts/"*.webp models/train/
