"""Cloud clips and cloud speech in the contract that every engine keeps."""

from __future__ import annotations

from pathlib import Path

from contract import Case, a_picture
from fakes.base import Fake
from fakes.edge import PATH, Edge
from fakes.openai_speech import OpenAISpeech
from fakes.pixverse import Pixverse
from fakes.qianfan import Qianfan

from app.models.engine import AnimateRequest, SpeakRequest


def a_shot(folder: Path, **changes: object) -> AnimateRequest:
    """Three seconds of a small film."""
    values: dict[str, object] = {
        "key_frame": a_picture(folder / "key_frame.png"),
        "camera": "push_in",
        "prompt": "灯塔看守人先点亮灯,然后望着大海",
        "tone": "温柔",
        "width": 640,
        "height": 360,
        "fps": 24,
        "frames": 72,
        "seed": 7,
    }
    return AnimateRequest(**{**values, **changes})  # type: ignore[arg-type]


def _pixverse_settings(url: str) -> dict[str, str]:
    prefix = "ENGINE_VIDEO_PIXVERSE_"
    return {
        "PIXVERSE_API_KEY": "pixverse-secret-key",
        f"{prefix}BASE_URL": url,
        f"{prefix}POLL_S": "0.02",
        f"{prefix}TIMEOUT_S": "0.5",
        f"{prefix}DOWNLOAD_TIMEOUT_S": "5",
    }


def _qianfan_settings(url: str) -> dict[str, str]:
    prefix = "ENGINE_VIDEO_QIANFAN_"
    return {
        "QIANFAN_API_KEY": "bce-v3/ALTAK-qianfan/secret",
        f"{prefix}BASE_URL": url,
        f"{prefix}POLL_S": "0.02",
        f"{prefix}TIMEOUT_S": "0.5",
        f"{prefix}DOWNLOAD_TIMEOUT_S": "5",
    }


def _openai_settings(url: str) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "sk-openai-secret",
        "ENGINE_SPEECH_OPENAI_BASE_URL": f"{url}/v1",
        "ENGINE_SPEECH_OPENAI_TIMEOUT_S": "2",
    }


def _edge_settings(url: str) -> dict[str, str]:
    """The fake sees to it that the package's own address leads to it."""
    return {"ENGINE_SPEECH_EDGE_TIMEOUT_S": "2"}


def _a_narration(folder: Path) -> SpeakRequest:
    return SpeakRequest(text="年老的灯塔看守人望着大海。清晨，一切都静了。", tone="温柔")


def _never_ready(fake: Fake) -> None:
    assert isinstance(fake, Pixverse | Qianfan)
    fake.delay_s = 3600


CASES: list[Case] = [
    Case(
        name="video/pixverse",
        fake=Pixverse,
        settings=_pixverse_settings,
        request=a_shot,
        needed=("PIXVERSE_API_KEY",),
        first="POST /openapi/v2/image/upload",
        slow=_never_ready,
    ),
    Case(
        name="video/qianfan",
        fake=Qianfan,
        settings=_qianfan_settings,
        request=a_shot,
        needed=("QIANFAN_API_KEY",),
        first="POST /video/generations",
        slow=_never_ready,
    ),
    Case(
        name="speech/openai",
        fake=OpenAISpeech,
        settings=_openai_settings,
        request=_a_narration,
        needed=("OPENAI_API_KEY",),
        first="POST /v1/audio/speech",
    ),
    Case(
        name="speech/edge",
        fake=Edge,
        settings=_edge_settings,
        request=_a_narration,
        first=f"GET {PATH}",
        # A websocket's answer has no length to fall short of; what ends in the middle is tried in its own tests.
        faults=("refused", "hang", "drop", "401", "429", "500", "garbage"),
    ),
]
