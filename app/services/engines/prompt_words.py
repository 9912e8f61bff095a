"""What the film wants, in the words of a prompt: for models that read Chinese as well as English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.models.engine import AnimateRequest, DrawRequest, Reference
from app.models.story import camera_name

CAMERA_WORDS = {
    "crane": ("the camera rises slowly on a crane", "镜头缓缓垂直升起"),
    "truck": ("the camera trucks sideways", "镜头水平横移"),
    "push_in": ("the camera slowly pushes in", "镜头缓缓向前推进"),
    "pull_back": ("the camera slowly pulls back", "镜头缓缓向后拉远"),
    "tilt": ("the camera slowly tilts up", "镜头缓缓上仰"),
    "roll_left": ("the camera slowly rolls to the left", "镜头绕轴向左缓缓旋转"),
    "roll_right": ("the camera slowly rolls to the right", "镜头绕轴向右缓缓旋转"),
    "orbit": ("the camera orbits around the subject", "镜头围绕主体移动"),
    "full_orbit": ("the camera circles all the way around the subject", "镜头环绕主体一周"),
    "follow": ("the camera follows the subject", "镜头跟随主体移动"),
    "static": ("the camera stands still", "固定机位，镜头不动"),
}
"""Each move in English and in Chinese."""
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_PART_END = re.compile(r"[，、,：:]|\s")
_JOINER = "\u200d"
_MARKS = re.compile(r"[\u0300-\u036f\u200d\ufe00-\ufe0f\u20d0-\u20ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""What belongs to the character before it."""


class Prompt(NamedTuple):
    words: str
    dropped: str = ""
    """The tail that had no room."""


def picture_prompt(request: DrawRequest, references: Sequence[Reference], longest: int) -> Prompt:
    """``image_detail`` with the looks of the cast in it, the style and the tone, so far as it does not say them itself.

    Whom the reference pictures show stands before it.
    """
    said = _tidy(request.prompt or request.subject)
    chinese = is_chinese(said)
    shown = [_shown(number, one, chinese) for number, one in enumerate(references, 1)]
    known = {one.name for one in references}
    cast = [
        f"{one.name}{'：' if chinese else ': '}{one.description.rstrip('。. ')}"
        for one in request.characters
        if one.name in said and one.description and one.description not in said and one.name not in known
    ]
    style = [request.style] if request.style and request.style not in said else []
    tone = [_mood(request.tone, chinese)] if request.tone and request.tone not in said else []
    return _fitted(shown, said, [*cast, *style, *tone], chinese, longest)


def motion_prompt(request: AnimateRequest, longest: int) -> Prompt:
    """What happens, how the camera moves and in what tone."""
    said = _tidy(request.prompt)
    chinese = is_chinese(said)
    move = camera_name(request.camera) or "static"
    tone = [_mood(request.tone, chinese)] if request.tone else []
    return _fitted([], said, [CAMERA_WORDS[move][chinese], *tone], chinese, longest)


def is_chinese(text: str) -> bool:
    return re.search(r"[\u3400-\u9fff]", text) is not None


def cut(text: str, longest: int) -> Prompt:
    """At most ``longest`` characters, ended at a sentence, else a phrase or word, and never inside a character."""
    if len(text) <= longest:
        return Prompt(text)
    end = _cut_at(text, longest)
    return Prompt(text[:end].rstrip(" ，、,：:；;"), text[end:].strip())


def portions(text: str, longest: int) -> list[str]:
    """The whole text in pieces of at most ``longest`` characters, cut where :func:`cut` would.

    Marks that would stand alone, and sound like nothing, stay with the piece before them.
    """
    pieces: list[str] = []
    while text:
        end = _cut_at(text, longest) if len(text) > longest else len(text)
        if pieces and not any(one.isalnum() for one in text[:end]):
            pieces[-1] += text[:end]
        else:
            pieces.append(text[:end])
        text = text[end:]
    return pieces


def _cut_at(text: str, longest: int) -> int:
    least = max(1, longest // 2)
    end = next((at for mark in (_SENTENCE_END, _PART_END) if (at := _last_end(mark, text, longest)) >= least), 0)
    if not end:
        end = longest
        while end > 1 and (_MARKS.match(text, end) or text[end - 1] == _JOINER):
            end -= 1
    return end


def _last_end(pattern: re.Pattern[str], text: str, longest: int) -> int:
    return max((found.end() for found in pattern.finditer(text, 0, longest)), default=0)


def _fitted(before: list[str], said: str, after: list[str], chinese: bool, longest: int) -> Prompt:
    """What the shot says is cut before what the film says of all its shots."""
    between, stop = ("。", "。 ，") if chinese else (". ", ". ,")
    room = longest - sum(len(part) + len(between) for part in [*before, *after])
    if room < longest // 4:  # the frame is all but everything: then it is cut with the rest
        return cut(between.join(part.rstrip(stop) for part in [*before, said, *after] if part), longest)
    body = cut(said.rstrip(stop), room)
    return Prompt(between.join(part.rstrip(stop) for part in [*before, body.words, *after] if part), body.dropped)


def _shown(number: int, one: Reference, chinese: bool) -> str:
    """Whom a reference picture shows; the model must draw a new picture and not change that one."""
    if chinese:
        return f"图{number}中的是{one.name or '主角'}，在新画面中保持其面容、发型和服装不变"
    who = f"is {one.name}" if one.name else "is the main character"
    return f"The figure in image {number} {who}: keep the same face, hair and clothes in a new picture"


def _mood(tone: str, chinese: bool) -> str:
    return f"氛围：{tone}" if chinese else f"mood: {tone}"


def _tidy(text: str) -> str:
    return " ".join(text.split())
