#!/usr/bin/env bash
# Sets the service up and starts it. Needs Python 3.11 or later, nothing else.
#   ./deploy.sh           set up and start the service in the foreground
#   ./deploy.sh setup     only set up .venv
#   ./deploy.sh demo      set up, start, make a film from example/story.json over HTTP, receive the signed callback
#   ./deploy.sh engines   show every engine of the running service, and what each one lacks
#   ./deploy.sh fetch E   bring the weights of a local engine (flux, hunyuan, cosyvoice ...; --list shows them all)
#   ./deploy.sh sidecar S set up and start a local model: diffusion, hunyuan, cosyvoice, ditto, enhance (further words go to it)
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

# Installs a requirements file into a virtual environment (default: that of the service) unless exactly this content
# was installed before.
setup() {
    local wanted="$1" venv="${2:-$VENV}"
    local stamp="$venv/.installed-$(basename "${1%.txt}")"
    [ -x "$venv/bin/python" ] || "$(find_python)" -m venv "$venv"
    if ! cat requirements*.txt "$wanted" | cmp -s - "$stamp"; then
        echo "Installing $wanted into $venv ..."
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
        cat requirements*.txt "$wanted" > "$stamp"
    fi
}

# Brings weights. It needs a few of the sidecars' packages, and none of the large ones.
fetch() {
    local venv=.venv-fetch
    [ -x "$venv/bin/python" ] || "$(find_python)" -m venv "$venv"
    grep -hE '^(huggingface_hub|pydantic|pydantic-settings)==' requirements.txt requirements-diffusion.txt > "$venv/wanted.txt"
    setup "$venv/wanted.txt" "$venv"
    exec "$venv/bin/python" -m app.sidecars.fetch "$@"
}

# Each kind of local model has an environment of its own, because their libraries do not agree.
sidecar() {
    local name="${1:-}"
    shift || true
    case "$name" in
        diffusion)
            setup requirements-diffusion.txt .venv-diffusion
            exec .venv-diffusion/bin/python -m app.sidecars.diffusion "$@" ;;
        hunyuan)
            setup HunyuanVideo-1.5/requirements.txt .venv-diffusion
            exec .venv-diffusion/bin/python HunyuanVideo-1.5/api.py "$@" ;;
        cosyvoice)
            # Its torch 2.3 has no wheels for Python 3.13.
            [ -n "${PYTHON:-}" ] || PYTHON="$(command -v python3.11 || command -v python3.12 || true)"
            setup CosyVoice/requirements.txt .venv-cosyvoice
            exec .venv-cosyvoice/bin/python CosyVoice/api.py "$@" ;;
        ditto)
            # Its PyTorch 2.5 and mediapipe have no wheels for Python 3.13.
            [ -n "${PYTHON:-}" ] || PYTHON="$(command -v python3.11 || command -v python3.12 || true)"
            setup Ditto/requirements.txt .venv-ditto
            exec .venv-ditto/bin/python Ditto/api.py "$@" ;;
        enhance)
            setup video_enhance/requirements.txt .venv-video-enhance
            exec video_enhance/sr_if.sh "$@" ;;
        *) fail "unknown sidecar '$name' (diffusion, hunyuan, cosyvoice, ditto, enhance)" ;;
    esac
}

# What GET /api/v1/engines of the running service says, as a table. A key, if the service wants one, is the first of
# API_KEYS.
engines() {
    "$VENV/bin/python" - "$@" <<'PYTHON'
import json, sys, urllib.error, urllib.request
from app.core.config import SettingsError, load_settings

try:
    settings = load_settings()
except SettingsError as error:
    sys.exit(str(error))
host = "127.0.0.1" if settings.service_host in ("0.0.0.0", "::") else settings.service_host
url = f"http://{f'[{host}]' if ':' in host else host}:{settings.service_port}/api/v1/engines"
keys = {"X-API-Key": settings.api_keys[0].rpartition(":")[2]} if settings.api_keys else {}
near = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with near.open(urllib.request.Request(url, headers=keys), timeout=30) as answer:
        found = json.load(answer)["engines"]
except urllib.error.HTTPError as error:
    sys.exit(f"{url} answered {error.code}")
except (OSError, ValueError, KeyError):
    sys.exit(f"No service answers at {url}: start it with ./deploy.sh, then ask again.")
for one in found:
    place, order = one.get("place") or "-", one.get("order") or "-"
    state = "ready" if one["ready"] else "missing: " + "; ".join(one["missing"])
    print(f"{one['name']:24}{place:10}{order!s:4}{state}")
PYTHON
}

case "${1:-start}" in
    start)   setup requirements.txt; exec "$VENV/bin/python" -m app.main ;;
    setup)   setup requirements.txt ;;
    demo)    setup requirements.txt; shift; exec "$VENV/bin/python" example/demo.py "$@" ;;
    engines) setup requirements.txt; shift; engines "$@" ;;
    fetch)   shift; fetch "$@" ;;
    sidecar) shift; sidecar "$@" ;;
    cleanup) setup requirements.txt; shift; exec "$VENV/bin/python" -m app.cleanup "$@" ;;
    test)
        shift
        setup requirements-test.txt
        "$VENV/bin/ruff" check .
        "$VENV/bin/ruff" format --check .
        "$VENV/bin/mypy"
        # Three at a time on two cores, because many tests wait; the tests of a file share what they start.
        exec "$VENV/bin/python" -m pytest -n "${TEST_PROCESSES:-3}" --dist loadfile "$@" ;;
    *) fail "unknown command '$1' (start, setup, demo, engines, fetch, sidecar, test, cleanup)" ;;
esac
