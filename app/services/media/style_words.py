"""Which of a dozen looks the words of a story's style mean, so that what is written on the screen fits the picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS: Sequence[tuple[str, str]] = (
    (
        "ink",
        "水墨|国画|國畫|国风|國風|中国画|中國畫|山水画|山水畫|写意|寫意|古风|古風"
        "|ink wash|sumi|chinese painting|ink(?![a-z])",
    ),
    ("papercut", "剪纸|剪紙|纸艺|紙藝|纸雕|紙雕|折纸|摺紙|paper[ -]?cut|cut[ -]paper|paper (?:craft|art)"),
    ("neon", "霓虹|赛博|賽博|neon|cyberpunk|synthwave|vaporwave"),
    ("noir", "黑白|黑色电影|黑色電影|侦探|偵探|noir|black and white|monochrome|detective"),
    ("watercolor", "水彩|watercolou?r|aquarelle"),
    ("crayon", "蜡笔|蠟筆|儿童画|兒童畫|彩铅|彩鉛|铅笔|鉛筆|粉笔|粉筆|手绘|手繪|crayon|child'?s drawing|chalk|pencil"),
    ("pastel", "粉彩|马卡龙|馬卡龍|柔和|淡雅|清新|pastel|macaron|soft colou?rs"),
    ("retro", "复古|復古|海报|海報|怀旧|懷舊|老电影|老電影|retro|poster|vintage|art deco|mid-century"),
    ("anime", "动漫|動漫|日漫|动画|動畫|宫崎骏|宮崎駿|二次元|吉卜力|新海诚|新海誠|anime|manga|ghibli|cel[ -]shad"),
    ("oil", "油画|油畫|印象派|厚涂|厚塗|梵高|oil(?![a-z])|impressionis|van gogh|painterly"),
    ("storybook", "绘本|繪本|童书|童書|插画|插畫|卡通|story ?book|picture[ -]book|children'?s book|cartoon"),
    ("warm", "可爱|可愛|温馨|溫馨|治愈|治癒|cute|kawaii|adorable|heartwarming|warm(?!ing)|co[sz]y"),
    ("night", "夜晚|星空|月光|night|starry|moonlit"),
    ("real", "写实|寫實|电影感|電影感|真实|真實|照片|real(?!ly)|cinematic|photo"),
)
"""From what decides most to what is said in passing."""
_PATTERNS = tuple(
    (kind, re.compile("|".join(rf"\b{word}" if word[0].isascii() else word for word in words.split("|"))))
    for kind, words in _WORDS
)
KINDS = tuple(kind for kind, _ in _WORDS)
"""Every look, ``storybook`` being the one for words that say nothing."""


def kind_of(words: str) -> str:
    """The look that the words of a style ask for, in Chinese or English: one of ``KINDS``."""
    lowered = words.lower()
    return next((kind for kind, pattern in _PATTERNS if pattern.search(lowered)), "storybook")
