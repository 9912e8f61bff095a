"""What a person is told about the photo that they sent, in English, simplified and traditional Chinese.

Nothing heavy is imported here, so that the gateway may word the reasons that a child process found.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh-Hans", "zh-Hant"]


class Reason(StrEnum):
    """Why a photo cannot be used; stable codes. The first four hold for any photo, the others for portraits."""

    UNREADABLE = "unreadable"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_TOO_SMALL = "face_too_small"


_WORDS: dict[Reason | None, dict[Language, str]] = {
    None: {
        "en": "The photo can be used",
        "zh-Hans": "照片可以使用",
        "zh-Hant": "照片可以使用",
    },
    Reason.UNREADABLE: {
        "en": "The photo cannot be read; the file is damaged or incomplete",
        "zh-Hans": "无法读取照片,文件已损坏或不完整",
        "zh-Hant": "無法讀取照片,檔案已損壞或不完整",
    },
    Reason.TOO_SMALL: {
        "en": "The photo is too small; each side must have at least 256 pixels",
        "zh-Hans": "照片尺寸过小,宽和高均不得小于256像素",
        "zh-Hant": "照片尺寸過小,寬和高均不得小於256像素",
    },
    Reason.TOO_LARGE: {
        "en": "The photo is too large; please use a smaller one",
        "zh-Hans": "照片过大,请使用较小的照片",
        "zh-Hant": "照片過大,請使用較小的照片",
    },
    Reason.UNSUPPORTED: {
        "en": "This kind of file is not supported; please use a JPEG or PNG photo",
        "zh-Hans": "不支持此文件格式,请使用JPEG或PNG照片",
        "zh-Hant": "不支援此檔案格式,請使用JPEG或PNG照片",
    },
    Reason.NO_FACE: {
        "en": "No face was found; please use a clear photo of a face seen from the front",
        "zh-Hans": "未检测到人脸,请使用清晰的正面人脸照片",
        "zh-Hant": "未檢測到人臉,請使用清晰的正面人臉照片",
    },
    Reason.SEVERAL_FACES: {
        "en": "More than one face was found; please use a photo of one person",
        "zh-Hans": "检测到多张人脸,请使用只有一个人的照片",
        "zh-Hant": "檢測到多張人臉,請使用只有一個人的照片",
    },
    Reason.FACE_TOO_SMALL: {
        "en": "The face is too small; it must fill at least 5 % of the photo",
        "zh-Hans": "人脸过小,至少应占照片面积的5%",
        "zh-Hant": "人臉過小,至少應佔照片面積的5%",
    },
}

_TRADITIONAL = {"hant", "tw", "hk", "mo"}
_SIMPLIFIED = {"hans", "cn", "sg", "my"}


def message(reason: Reason | str | None, accept_language: str = "") -> str:
    """The sentence for a reason (None: the photo is good) in the best language of an Accept-Language header.

    A ``reason`` that is no code of ours raises ValueError.
    """
    return _WORDS[None if reason is None else Reason(reason)][language(accept_language)]


def language(accept_language: str) -> Language:
    """The language of ours that an Accept-Language header (RFC 9110, 12.5.4) likes best; English if it names none.

    Weights are from 0 to 1, 0 refuses a language; of equal weights the first named wins. A malformed part is passed
    over. Plain ``zh`` is traditional: the clients that ask for it this way are used to traditional messages.
    """
    liked: dict[Language, float] = {}
    anything = 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if weight is None:
            continue
        if tag.strip() == "*":
            anything = weight
        elif (known := _known(tag.strip())) is not None:
            liked[known] = max(weight, liked.get(known, 0.0))
    best = max(liked, key=lambda one: liked[one], default=None)
    if best is None or liked[best] <= 0:
        return "en" if liked.get("en") != 0 or not anything else "zh-Hans"
    if anything > liked[best] and "en" not in liked:
        return "en"
    return best


def _weight(parameters: str) -> float | None:
    """The weight, 1 if none is given, None if it is malformed."""
    for parameter in filter(None, (one.strip().lower() for one in parameters.split(";"))):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            digits = value.strip()
            if not digits.replace(".", "", 1).isdecimal() or not digits.isascii() or not 0 <= float(digits) <= 1:
                return None
            return float(digits)
    return 1.0


def _known(tag: str) -> Language | None:
    """Which of our languages a language tag (RFC 5646) means."""
    first, *others = tag.lower().replace("_", "-").split("-")
    if first == "en":
        return "en"
    if first not in ("zh", "yue", "cmn"):
        return None
    if _SIMPLIFIED & set(others) and not {"hant"} & set(others):
        return "zh-Hans"
    return "zh-Hant"
