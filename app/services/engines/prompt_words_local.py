"""What the film wants, in the words of a prompt for open models, which know one language best."""

from __future__ import annotations

from collections.abc import Sequence

from app.models.engine import AnimateRequest, DrawRequest, Reference
from app.models.story import Character
from app.services.engines.prompt_words import CAMERA_WORDS, is_chinese


def picture_prompt(request: DrawRequest, english: bool, references: Sequence[Reference] = ()) -> str:
    """Words for a picture; with ``references`` they say which picture shows whom."""
    words = (request.prompt_en or request.prompt) if english else request.prompt
    chinese = is_chinese(words)
    cast = [
        f"{one.name}{'：' if chinese else ': '}{one.description}" for one in request.characters if _told(one, words)
    ]
    shown = [_shown(number, one, chinese, len(references)) for number, one in enumerate(references, 1)]
    style = [request.style] if request.style and request.style not in words else []
    mood = [("氛围：" if chinese else "mood: ") + request.tone] if request.tone else []
    return _joined([*shown, words, *(cast if not english or _ascii(cast) else []), *style, *mood], chinese)


def motion_prompt(request: AnimateRequest, english: bool) -> str:
    """Words for what moves in a clip, the camera among it."""
    words = (request.prompt_en or request.prompt) if english else request.prompt
    chinese = not english and (is_chinese(words) or not words)
    move = CAMERA_WORDS.get(request.camera, CAMERA_WORDS["static"])[chinese]
    mood = [("氛围：" if chinese else "mood: ") + request.tone] if request.tone else []
    return _joined([words, move, *mood], chinese)


def _told(one: Character, words: str) -> bool:
    return bool(one.name and one.description) and one.name in words and one.description not in words


def _shown(number: int, reference: Reference, chinese: bool, of: int) -> str:
    if chinese:
        place = f"图{number}" if of > 1 else "参考图"
        return f"{place}中的人物是{reference.name}，保持其面容、发型和服装不变"
    place = f"picture {number}" if of > 1 else "the reference picture"
    who = f"is {reference.name}" if reference.name.isascii() and reference.name else "is the figure in the new picture"
    return f"The figure in {place} {who}, with the same face, hair and clothes"


def _joined(parts: Sequence[str], chinese: bool) -> str:
    ends = " \t\n。.，,;；"
    return ("。" if chinese else ". ").join(part.strip(ends) for part in parts if part.strip(ends))


def _ascii(texts: Sequence[str]) -> bool:
    return all(text.isascii() for text in texts)
