"""Chooses each shot's camera move for a reason, and never lets two neighbours move alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.models.story import CAMERAS

BY_TONE = {
    "calm": ("static", "truck", "crane"),
    "happy": ("follow", "truck", "orbit"),
    "warm": ("static", "push_in", "pull_back"),
    "curious": ("push_in", "truck", "orbit"),
    "lonely": ("static", "pull_back", "crane"),
    "sad": ("static", "push_in", "tilt"),
    "afraid": ("roll_left", "tilt", "push_in"),
    "tense": ("roll_right", "roll_left", "follow"),
    "brave": ("follow", "tilt", "push_in"),
    "funny": ("truck", "roll_right", "static"),
    "hopeful": ("tilt", "crane", "push_in"),
    "wonder": ("orbit", "tilt", "full_orbit"),
}
"""What suits a feeling when nothing in the action asks for more."""

BY_WORDS = (
    (
        ("follow", "truck"),
        "走 跑 追 飞过 赶 穿过 前进 出发 walk walked ran run running followed chased hurried rode went",
    ),
    (("push_in", "orbit"), "看见 发现 原来 竟然 遇见 saw found discovered noticed appeared met"),
    (("tilt", "crane"), "抬头 仰望 天空 星空 山顶 高高 sky above stars tower climbed looked up"),
    (("roll_left", "roll_right"), "暴风 摇晃 旋转 跌 摔 掉 发抖 storm shook fell spun trembled crashed"),
)
"""What an action asks for: moves, and words that tell it."""


def by_words(text: str) -> tuple[str, ...]:
    """Moves that the deeds in ``text`` ask for, most pressing first."""
    low = f" {text.lower()} "
    scores = [sum(word in low for word in words.split()) for _, words in BY_WORDS]
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    return tuple(move for i in order if scores[i] for move in BY_WORDS[i][0])


def choose(wishes: Sequence[Sequence[str]]) -> list[str]:
    """One move a shot from its wishes, best first; no two in a row alike, none worn out.

    A wish is left aside for the next best when the move was just used or has had more than its share.
    """
    share = max(2, -(-len(wishes) // 4))
    used: Counter[str] = Counter()
    moves: list[str] = []
    for wish in wishes:
        free = [move for move in (*wish, *CAMERAS) if not moves or move != moves[-1]]
        move = next((move for move in free if used[move] < share), free[0])
        used[move] += 1
        moves.append(move)
    return moves
