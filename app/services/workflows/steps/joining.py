"""Chooses how one shot gives way to the next by what happens there.

A cut goes on within a moment: action, somebody answering. A dissolve says that time has passed or that we are
elsewhere. A fade through black closes a chapter. It is told from the shots' own words, whoever wrote them.
"""

from __future__ import annotations

import re

from app.models.story import Shot
from app.models.timeline import Transition

_HOURS = {
    "dawn": r"清晨|黎明|拂晓|拂曉|日出|破晓|\b(dawn|sunrise|daybreak)\b",
    "morning": r"早晨|早上|上午|\bmorning\b",
    "noon": r"中午|正午|\b(noon|midday)\b",
    "afternoon": r"下午|午后|午後|\bafternoon\b",
    "dusk": r"黄昏|黃昏|傍晚|日落|夕阳|夕陽|\b(dusk|evening|sunset|twilight)\b",
    "night": r"夜|星空|月光|\b(night|midnight|moonlight|moonlit)\b",
}
_CHAPTER = re.compile(
    r"多年以?[后後]|[一二三四五六七八九十百几幾数數]+年[后後過过]|第二年|来年|來年|"
    r"\b(years|a year|many months) (later|after|passed|went by)\b",
    re.IGNORECASE,
)
_SUDDEN = re.compile(
    r"突然|忽然|猛地|一下子|就在这时|就在這時|说时迟|說時遲|\b(suddenly|all at once|just then|at that moment)\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"追|逃|冲|衝|扑|撲|奔|跑|跳|摔|撞|\b(chas|rac|run|ran|rush|dash|leap|leapt|jump|fight|fought|escap|flee|fled)\w*",
    re.IGNORECASE,
)
_TENSE = re.compile(
    r"紧张|緊張|惊险|驚險|激烈|危险|危險|恐惧|恐懼|\b(tense|danger|fear|thrill|urgent|dramatic)", re.IGNORECASE
)
_SAID = re.compile(r"[“\"「『].+[”\"」』]", re.DOTALL)
_PASSED = re.compile(
    r"第二天|次日|后来|後來|不久|过了|過了|终于|終於|从此|從此|"
    r"\b(later|next (day|morning)|the following|at last|after that|from then|by the time|meanwhile)\b",
    re.IGNORECASE,
)


def transition_between(before: Shot, after: Shot) -> Transition:
    """The transition from one shot of a story to the next."""
    told = f"{after.narration} {after.detail}"
    if _CHAPTER.search(told):
        return "fade"
    if _hour(before) != _hour(after) or _PASSED.search(after.narration):
        return "dissolve"
    if _SUDDEN.search(told) or (_busy(before) and _busy(after)):
        return "cut"
    return "cut" if _SAID.search(before.narration) and _SAID.search(after.narration) else "dissolve"


def _hour(shot: Shot) -> str:
    """The hour that the picture's words name first; empty if they name none."""
    found = [(match.start(), hour) for hour, words in _HOURS.items() if (match := _search(words, shot.image_detail))]
    return min(found)[1] if found else ""


def _search(words: str, text: str) -> re.Match[str] | None:
    return re.search(words, text, re.IGNORECASE)


def _busy(shot: Shot) -> bool:
    return bool(_TENSE.search(shot.tone) or _ACTION.search(shot.narration or shot.detail))
