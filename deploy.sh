#!/usr/bin/env bash
# Sets the service up and starts it. Needs Python 3.11 or later, nothing else.
#   ./deploy.sh           set up and start the service in the foreground
#   ./deploy.sh setup     only set up .venv
#   ./deploy.sh demo      set up, start, make a film from example/story.json over HTTP, receive the signed callback
#   ./deploy.sh test      set up, check the style and types, run all tests (further words go to pytest)
#   ./deploy.sh cleanup   remove what no story and no job refers to (further words go to the command)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
VENV="${VENV:-.venv}"

fail() { echo "deploy.sh: $*" >&2; exit 1; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$name"; return; }
    done
    fail "Python 3.11 or later is needed (set PYTHON=/path/to/python)"
}

# Installs the given requirements file unless exactly this content was installed before.
setup() {
    local wanted="$1" stamp="$VENV/.installed-${1%.txt}"
    [ -x "$VENV/bin/python" ] || "$(find_python)" -m venv "$VENV"
    if ! cat requirements*.txt | cmp -s - "$stamp"; then
        echo "Installing $wanted into $VENV ..."
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
        cat requirements*.txt > "$stamp"
    fi
}

case "${1:-start}" in
    start)   setup requirements.txt; exec "$VENV/bin/python" -m app.main ;;
    setup)   setup requirements.txt ;;
    demo)    setup requirements.txt; shift; exec "$VENV/bin/python" example/demo.py "$@" ;;
    cleanup) setup requirements.txt; shift; exec "$VENV/bin/python" -m app.cleanup "$@" ;;
    test)
        shift
        setup requirements-test.txt
        "$VENV/bin/ruff" check .
        "$VENV/bin/ruff" format --check .
        "$VENV/bin/mypy"
        exec "$VENV/bin/python" -m pytest "$@" ;;
    *) fail "unknown command '$1' (start, setup, demo, test, cleanup)" ;;
esac
