"""The last frame of a shot as a picture: where the next shot goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.models.timeline import Source
from app.services.media.planes import blank, to_bgr
from app.services.media.sources import open_source


def task(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """``{source, width, height, fps}``: the shot's last frame at the film's size as ``last.png``.

    Returns ``{"image": "last.png"}``. Raises EngineFailed for a clip that cannot be decoded.
    """
    source = Source.model_validate(request["source"])
    width, height, last = int(request["width"]), int(request["height"]), source.frames - 1
    check()
    planes = blank(width, height)
    with open_source(source, width, height, int(request["fps"]), first=last) as frames:
        frames.draw(last, planes)
    done, data = cv2.imencode(".png", to_bgr(planes), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    (folder / "last.png").write_bytes(np.asarray(data).tobytes())
    return {"image": "last.png"}
