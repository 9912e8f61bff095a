"""Language models in the contract that every engine keeps."""

from __future__ import annotations

from pathlib import Path

from contract import Case
from fakes.dashscope_text import DashScopeText
from fakes.ollama import Ollama
from fakes.openai_chat import OpenAIChat

from app.models.engine import WriteRequest, WriteResult
from app.models.story import CAMERAS

STORY = "清晨，小兔子小白走进森林。她迷了路，天黑了，她很害怕。萤火虫来了，给她照亮回家的路。"


def a_story(folder: Path) -> WriteRequest:
    return WriteRequest(text=STORY, display_name="小白回家", shots_min=6, shots_max=8, seed=7)


def _a_storyboard(result: WriteResult) -> None:
    assert 6 <= len(result.shots) <= 8
    assert result.language == "zh"
    assert result.characters[0].description
    for shot in result.shots:
        assert shot.camera in CAMERAS
        assert shot.narration or shot.duration
        assert all((shot.subject, shot.detail, shot.image_detail, shot.tone, shot.sound, shot.style))


def ollama_settings(url: str) -> dict[str, str]:
    return {"OLLAMA_HOST": url, "ENGINE_SCRIPT_OLLAMA_TIMEOUT_S": "3"}


def openai_settings(url: str) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "sk-openai-secret-key",
        "OPENAI_BASE_URL": f"{url}/v1",
        "ENGINE_SCRIPT_OPENAI_TIMEOUT_S": "3",
    }


def dashscope_settings(url: str) -> dict[str, str]:
    return {
        "DASHSCOPE_API_KEY": "sk-dashscope-secret-key",
        "ENGINE_SCRIPT_DASHSCOPE_BASE_URL": f"{url}/api/v1",
        "ENGINE_SCRIPT_DASHSCOPE_TIMEOUT_S": "3",
    }


CASES: list[Case] = [
    Case(
        name="script/ollama",
        fake=Ollama,
        settings=ollama_settings,
        request=a_story,
        first="POST /api/chat",
        check=_a_storyboard,
    ),
    Case(
        name="script/openai",
        fake=OpenAIChat,
        settings=openai_settings,
        request=a_story,
        needed=("OPENAI_API_KEY",),
        first="POST /v1/chat/completions",
        check=_a_storyboard,
    ),
    Case(
        name="script/dashscope",
        fake=DashScopeText,
        settings=dashscope_settings,
        request=a_story,
        needed=("DASHSCOPE_API_KEY",),
        first="POST /api/v1/services/aigc/text-generation/generation",
        check=_a_storyboard,
    ),
]
