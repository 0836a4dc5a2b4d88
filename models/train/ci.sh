#!/usr/bin/env bash
# Runs the trainer's tests on a machine without a GPU. Python packages are installed once and found again afterwards.
set -euo pipefail
cd "$(dirname "$0")"

venv="${XDG_CACHE_HOME:-$HOME/.cache}/twostep/train-venv"
stamp="$venv/.twostep-requirements"

if [ ! -x "$venv/bin/python" ]; then
  python=""
  for candidate in python3.13 python3.12 python3.11 python3.10 python3; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then python="$candidate"; break; fi
  done
  [ -n "$python" ] || { echo "models/train/ci.sh: the trainer's tests need Python 3.10 or later with venv" >&2; exit 1; }
  mkdir -p "$(dirname "$venv")"
  "$python" -m venv "$venv"
fi
if ! cmp -s requirements.txt "$stamp"; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$stamp"
fi

# One thread: the networks are tiny, and threads that wait for each other on busy cores made these tests ten times slower.
export OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false MPLBACKEND=Agg PYTHONDONTWRITEBYTECODE=1
report=$(mktemp)
trap 'rm -f "$report"' EXIT
code=0
"$venv/bin/python" -m pytest -q -p no:cacheprovider --junitxml="$report" "$@" || code=$?
# The last line is the one that .ci/run reads.
"$venv/bin/python" - "$report" <<'PYTHON'
import sys
from xml.etree import ElementTree

suite = ElementTree.parse(sys.argv[1]).getroot().find("testsuite")
wrong = int(suite.get("failures")) + int(suite.get("errors"))
print(f"{int(suite.get('tests')) - wrong - int(suite.get('skipped'))} passed, {wrong} failed")
PYTHON
exit "$code"
