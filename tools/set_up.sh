#!/bin/sh
# Set up .venv from nothing but Python, with the locked packages and forewarn itself.
# The Makefile runs this when requirements.lock or pyproject.toml has changed. pip comes from
# tools/vendor, because Debian's python3.11 has none; every other package is checked by its hash.
#   PYTHON=python3.12   which Python to use; else the first of python3.11 to python3.14
#   WHEELS=folder       install from this folder of wheels only, without a network
set -eu
cd "$(dirname "$0")/.."

stop() {
    printf '\nforewarn set-up: %s\n' "$1" >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
            2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

python=$(find_python)
[ -n "$python" ] || stop "${PYTHON:-no Python here} is not Python 3.11, 3.12, 3.13 or 3.14.
  On Debian or Ubuntu:  apt-get install python3.11
  Elsewhere installed:  make demo PYTHON=/path/to/python3.12"
"$python" -c 'import venv, ssl, sqlite3, ctypes' 2>/dev/null ||
    stop "$python lacks a part of the standard library (venv, ssl, sqlite3 or ctypes).
  Debian's python3.11-minimal is not enough:  apt-get install python3.11"

set --
if [ -n "${WHEELS:-}" ]; then
    [ -d "$WHEELS" ] || stop "WHEELS=$WHEELS is not a folder. docs/how-to/offline.md tells how to fill one."
    set -- --no-index --find-links "$WHEELS"
fi

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input --quiet "$@"
}

echo "forewarn: [1/3] virtual environment in .venv ($("$python" --version))"
"$python" -m venv --clear --without-pip .venv
pip_wheel=$(echo tools/vendor/pip-*.whl)
.venv/bin/python "$pip_wheel/pip" --disable-pip-version-check --quiet install --no-index "$pip_wheel"

packages=$(grep -c '^[a-z]' requirements.lock)
echo "forewarn: [2/3] $packages locked packages (the first time this takes some minutes)"
pip install --require-hashes --only-binary :all: --progress-bar off "$@" -r requirements.lock ||
    stop "the packages could not be installed; the lines above say why.
  Without a network, fill a folder of wheels elsewhere: docs/how-to/offline.md"

echo "forewarn: [3/3] forewarn itself"
pip install --no-deps --no-build-isolation --no-index -e .
