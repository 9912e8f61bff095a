"""Finds the JSON in what a model wrote, and the camera move in the word that it used: the forgiving part.

Models wrap their answers in fences, think aloud first, give a bare list, spell keys in their own way. All that is
read; whether it then holds what was asked for is judged in ``script_answer``.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from itertools import islice
from typing import Any

from app.models.story import CAMERAS

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)```", re.DOTALL)
_LOOSE_COMMA = re.compile(r",(\s*[}\]])")
_MOST_STARTS = 400
_DEPTH = 8
"""Deeper than any answer that was asked for."""
_DECODER = json.JSONDecoder(strict=False)

_NEAR = {
    "crane": "crane_up crane_down crane_shot pedestal boom jib rise lift vertical aerial drone "
    "升降 垂直升降 上升 下降 升 降",
    "truck": "pan pan_left pan_right truck_left truck_right trucking slide slider sideways lateral horizontal "
    "横移 水平横移 平移 左移 右移 横摇 摇镜头 移镜头",
    "push_in": "push dolly_in dolly zoom_in zoom move_in forward push_forward track_in "
    "推 推进 推近 推镜头 推镜 前推 拉近 放大",
    "pull_back": "pull pull_out dolly_out zoom_out move_out backward back retreat track_out "
    "拉 后退 拉远 拉镜头 后拉 缩小",
    "tilt": "tilt_up tilt_down tilting look_up look_down low_angle high_angle "
    "仰视 俯视 仰拍 俯拍 仰视调整 俯视调整 上摇 下摇",
    "roll_left": "roll rotate_left spin_left roll_counterclockwise 左旋 左旋转 向左旋转 横向左旋转",
    "roll_right": "rotate_right spin_right roll_clockwise 右旋 右旋转 向右旋转 横向右旋转",
    "orbit": "arc arc_shot half_orbit orbiting circle around 环绕 围绕 围绕主体 环绕拍摄 半环绕 弧形",
    "full_orbit": "360 360_orbit orbit_360 full_circle 全环绕 全方位 360度环绕 全景环绕 环绕一周",
    "follow": "tracking track following tracking_shot pursue handheld 跟随 跟拍 跟踪 跟镜头 锁定主体 锁定跟随 移动跟拍",
    "static": "fixed still locked locked_off stationary tripod none no_movement hold 固定 静止 定机位 固定镜头 不动",
}
"""Words that models use for the eleven moves, by the move's name."""
_MOVES = {word: name for name, words in _NEAR.items() for word in words.split()}
_MOVES |= {name: name for name in CAMERAS} | {chinese: name for name, chinese in CAMERAS.items()}


def camera_move(word: str) -> str | None:
    """The English name of a camera move from whatever a model called it; None if nobody could tell."""
    plain = re.sub(r"[\s\-_/]+", "_", re.sub(r"[（(].*?[)）]", "", word).strip(" \t\"'.。").lower()).strip("_")
    bare = re.sub(r"^(?:(?:slow|gentle|smooth|slight|the|camera)(?:ly)?_)+|^(?:缓慢|缓缓|轻轻|镜头)+(?=.)", "", plain)
    bare = re.sub(r"_(?:shot|camera|move|movement|motion)$|(?:拍摄|运镜|机位)$", "", bare)
    for tried in (plain, bare):
        if tried in _MOVES:
            return _MOVES[tried]
    near = get_close_matches(bare, _MOVES, 1, 0.8) if len(bare) >= 4 else []
    return _MOVES[near[0]] if near else None


def found_json(text: str, *names: str) -> Any:
    """The JSON value in an answer: the whole, what is in a fence, or the largest in the text that holds one of
    ``names``. Raises ValueError when there is none.
    """
    text = _THOUGHT.sub("", text).rpartition("</think>")[2].replace("\ufeff", "").strip()
    for candidate in (text, *(match.group(1).strip() for match in _FENCE.finditer(text))):
        for form in (candidate, _LOOSE_COMMA.sub(r"\1", candidate)):
            try:
                value = _DECODER.decode(form)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, (dict, list)):
                return value
    largest = _largest(text, names)
    if largest is None:
        raise ValueError("its JSON is broken" if "{" in text else "it holds no JSON")
    return largest


def _largest(text: str, names: tuple[str, ...]) -> Any:
    """A list counts only where no brace stands before it: else it is a piece of an object that is broken."""
    best, size, end = None, 0, 0
    for match in islice(re.finditer(r"[{\[]", text), _MOST_STARTS):
        if match.start() < end:
            continue
        try:
            value, end = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        whole = "{" not in text[: match.start()] if isinstance(value, list) else _holds(named(value), names)
        if whole and end - match.start() > size:
            best, size = value, end - match.start()
    return best


def _holds(value: dict[str, Any], names: tuple[str, ...]) -> bool:
    inner = [one for one in value.values() if isinstance(one, dict)]
    return any(set(names) & set(one) for one in (value, *inner))


def named(value: Any, depth: int = _DEPTH) -> Any:
    """The same value with all keys in lower case with underscores: ``imageDetail`` and ``Image Detail`` alike."""
    if isinstance(value, list) and depth:
        return [named(one, depth - 1) for one in value]
    if not isinstance(value, dict) or not depth:
        return value
    return {_key(str(key)): named(one, depth - 1) for key, one in value.items()}


def unwrapped(value: Any, *names: str) -> dict[str, Any]:
    """The object that holds one of ``names``; a bare list is the content of the first of them.

    An answer may lie inside ``{"storyboard": {...}}`` or a list of one. Raises ValueError when nothing fits.
    """
    value = named(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and set(names) & set(value[0]):
        value = value[0]
    if isinstance(value, list):
        return {names[0]: value}
    for name in names:
        if isinstance(value.get(name), dict) and (deeper := _deeper(value[name], names)) is not None:
            return deeper
        if name in value:
            return {names[0] if key == name else key: one for key, one in value.items()}
    for inner in value.values():
        if isinstance(inner, dict) and set(names) & set(inner):
            return unwrapped(inner, *names)
    raise ValueError(f"it has no {names[0]}")


def _deeper(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any] | None:
    return unwrapped(value, *names) if set(names) & set(value) else None


def _key(key: str) -> str:
    key = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.strip())
    return re.sub(r"[\s\-]+", "_", key).lower()
