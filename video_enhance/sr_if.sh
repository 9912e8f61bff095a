#!/usr/bin/env bash
# Starts the enhancement service: FlashVSR (larger pictures) and RIFE (more pictures a second), one process, one port.
#   video_enhance/sr_if.sh                     listens on 127.0.0.1:6006
#   PORT=6010 PUBLIC_BASE=https://host video_enhance/sr_if.sh --host 0.0.0.0
# The interpreter is $PYTHON, else that of ./deploy.sh (.venv-video-enhance, then .venv), else python3.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"
python="${PYTHON:-}"
for found in "$root/.venv-video-enhance/bin/python" "$root/.venv/bin/python" python3; do
  if [ -z "$python" ] && command -v "$found" >/dev/null; then python="$found"; fi
done
export PYTHONPATH="$root:$here${PYTHONPATH:+:$PYTHONPATH}"
cd "$root"
exec "$python" -m video_api "$@"
