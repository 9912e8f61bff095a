"""DashScope's pictures, clips and speech in the contract that every engine keeps."""

from __future__ import annotations

from pathlib import Path

from contract import Case, a_picture
from fakes.base import Fake
from fakes.dashscope import KEY, MULTIMODAL, WEBSOCKET, DashScope

from app.models.engine import AnimateRequest, DrawRequest, SpeakRequest


def a_drawing(folder: Path, **changes: object) -> DrawRequest:
    values: dict[str, object] = {
        "prompt": "灯塔看守人站在窗前，窗外是夜里的大海",
        "style": "水彩",
        "tone": "温柔",
        "width": 320,
        "height": 180,
        "seed": 7,
    }
    return DrawRequest(**{**values, **changes})  # type: ignore[arg-type]


def a_shot(folder: Path, **changes: object) -> AnimateRequest:
    """Three seconds of a small film."""
    values: dict[str, object] = {
        "key_frame": a_picture(folder / "key_frame.png"),
        "camera": "push_in",
        "prompt": "灯塔看守人先点亮灯，然后望着大海",
        "tone": "温柔",
        "width": 854,
        "height": 480,
        "fps": 24,
        "frames": 72,
        "seed": 7,
    }
    return AnimateRequest(**{**values, **changes})  # type: ignore[arg-type]


def a_line(folder: Path, **changes: object) -> SpeakRequest:
    values: dict[str, object] = {"text": "夜里，灯亮了。海很静。", "language": "zh"}
    return SpeakRequest(**{**values, **changes})  # type: ignore[arg-type]


def settings(url: str, kind: str, timeout_s: str = "10") -> dict[str, str]:
    prefix = f"ENGINE_{kind.upper()}_DASHSCOPE_"
    return {
        "DASHSCOPE_API_KEY": KEY,
        "DASHSCOPE_BASE_URL": url,
        f"{prefix}POLL_S": "0.02",
        f"{prefix}TIMEOUT_S": timeout_s,
        f"{prefix}DOWNLOAD_TIMEOUT_S": "10",
        **({f"{prefix}DRAW_TIMEOUT_S": timeout_s} if kind == "image" else {}),
    }


def never_done(fake: Fake) -> None:
    assert isinstance(fake, DashScope)
    fake.never_done = True


CASES: list[Case] = [
    Case(
        name="image/dashscope",
        fake=DashScope,
        settings=lambda url: settings(url, "image", "1.5"),
        request=a_drawing,
        needed=("DASHSCOPE_API_KEY",),
        first=f"POST {MULTIMODAL}",
    ),
    Case(
        name="video/dashscope",
        fake=DashScope,
        settings=lambda url: settings(url, "video", "1.5"),
        request=a_shot,
        needed=("DASHSCOPE_API_KEY",),
        first="GET /api/v1/uploads",
        stopped="POST /api/v1/tasks/.*/cancel",
        slow=never_done,
    ),
    Case(
        name="speech/dashscope",
        fake=DashScope,
        settings=lambda url: settings(url, "speech", "1.5"),
        request=a_line,
        needed=("DASHSCOPE_API_KEY",),
        first=f"GET {WEBSOCKET}",
        # A websocket has no body that could end early or be no JSON: its own tests break it off.
        faults=("refused", "hang", "drop", "401", "429", "500"),
    ),
]
