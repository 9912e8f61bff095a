"""Colours of the sky and of its light, hour by hour: data only, several for every hour so that stories differ."""

from __future__ import annotations

WITHIN: dict[str, tuple[str, ...]] = {
    "dawn": ("dawn",),
    "day": ("morning", "noon", "afternoon"),
    "dusk": ("sunset", "sunset", "dusk"),
    "night": ("night", "night", "night", "midnight"),
}
"""The hours that a time of day may mean when no finer word was said, the likely ones more than once."""
DARK = {
    "dawn": 0.15,
    "morning": 0.0,
    "noon": 0.0,
    "afternoon": 0.0,
    "sunset": 0.42,
    "dusk": 0.68,
    "night": 1.0,
    "midnight": 1.0,
}
"""How much lamps count by hour, 0 to 1."""

HOURS: dict[str, tuple[str, ...]] = {
    # zenith, middle, horizon | sun | clouds' light and shadow side | what white becomes | rim of figures
    "dawn": (
        "6f8fc9 e9b3c0 ffe0bd fff1cf fff0e4 d0a6c4 ffeadf ffe2b4",
        "79aecd c6dfd8 fdebc8 fff6da ffffff b4c9d6 f9f2e4 fff0c8",
        "7a7fc0 c7a6d3 ffcfc0 fff0d8 ffe9e4 b090c6 f8e2ea ffd9c0",
        "86b2dc f8cdb6 ffe9c4 fff2c8 fff4e6 dcaab0 fff0de ffe3a8",
        "8fa6c6 d5d3dc f8e3d2 fff7e6 fdf6f0 aeb2ca f2eef0 ffeccb",
    ),
    "morning": (
        "69b3ea b3ddf2 fdf3d8 fffbe0 ffffff b4d2ea fffaee fff4d0",
        "57add6 b6e1e0 fff2cf fffadc fffef6 aacfda fffaea fff1c8",
        "7ebbf0 c7e5f4 ffeede fffae6 fffaf6 c0cfec fff7f0 fff0d6",
    ),
    "noon": (
        "3d90dc 84c6f0 dff3f6 fffdf0 ffffff a9cdec fffdf8 fffae6",
        "369cd6 88d1ea eaf8ec fffdec ffffff a6d3e2 fdfef6 fffbe2",
        "4885d8 90bef0 e6eefb fffcf0 ffffff b0c4ec fdfcff fffaee",
        "2c98cc 7ccedf f2f7e4 fffce6 fffffa a2d2d6 fffef2 fff8da",
    ),
    "afternoon": (
        "569fda a6d1ea fdeccb fff6d2 fff8ea b4c6de fff6e2 fff0c0",
        "66a3cd b6d5da ffe8c2 fff4cc fff6e4 b9c4cc fff4de ffecb8",
        "4c97ce a3cee6 fbe6c8 fff5d0 fffaf0 a9c2da fff5e6 ffefc4",
    ),
    "sunset": (
        "3f4390 d66b8c ffb765 ffedb4 ffc79c 9c5c8c f6c4ac ffd08a",
        "35548f e08468 ffd372 fff0b0 ffcf9a a0667a f8cca6 ffd88a",
        "5b4494 e2657e ffa862 ffe7ac ffbe98 94508a f4bcb0 ffc488",
        "3f70a2 f0a878 ffe292 fff4c0 ffd9a4 a67a8a fbd6ae ffe298",
        "6e4080 ef645f ffc468 ffecb0 ffc08a 9c4c74 f6bea2 ffca80",
        "2f4876 cc705c f8b862 ffe8ae f8be8e 86566e f0c0a4 ffcc84",
    ),
    "dusk": (
        "252f6c 5d5ea2 eaa08e ffe8c4 c795b0 4d4a86 b7a2cc ffc89a",
        "213e70 587ba8 f0b890 ffecc8 bfa6b4 46628c acaccc ffd0a0",
        "363472 7d609e eaa6a4 ffe6d0 cf9cb4 584a86 bca2c8 ffc4a8",
        "273662 527392 dbb89e fff0d4 b3a8ae 49607e a8acc4 f6cea8",
    ),
    "night": (
        "0a1540 1c3872 456ba8 fff8de 5f78b6 20386e 6279c0 b4ccff",
        "11123c 2a3076 6864ae fdf2de 6a6cb4 2c2e6c 6e74c0 c4c4ff",
        "07203e 16466c 3a7e94 f8fae0 4f88a2 1a4664 5a86b4 b0e6f4",
        "0a1030 202e68 54589e fbf4e0 5e66a8 242c62 666ebc b8c0ff",
        "0f1f3a 28476a 5f86a0 fff8e6 6484a0 284460 6684b0 c4dcf4",
    ),
    "midnight": (
        "050a24 0e1c4a 243e7c f4f6e4 40568e 14244e 4a5fa8 a4bcf4",
        "07091f 171a4c 38397c f4f0ea 48488e 1a1b4c 5258a4 b0b0f4",
        "041424 0b2c4a 1d5270 f2f8ea 38667e 103248 44709c a0dcec",
    ),
}  # fmt: skip

WEATHERS: dict[str, tuple[str, str, float, float, float]] = {
    # sky by day (3) and clouds (2) and light; the same by night; how far towards them; saturation; haze
    "rain": (
        "8798ae a0b0c2 bcc8d2 c4ced8 77889e c3cfe2",
        "101a34 22345a 46618a 47608a 1a2846 4a62a4",
        0.86,
        0.7,
        1.45,
    ),
    "storm": (
        "343d54 566478 a3ada8 76849a 2c3448 8f9cba",
        "080c1c 161f3c 354a72 34456c 0c1226 3c4e88",
        0.9,
        0.7,
        1.3,
    ),
    "cloudy": (
        "93a6b8 b0bec8 d0d6d6 e0e5e8 8c9cac dde3e6",
        "161f3a 2a3a5c 4a6084 4c6288 202e4e 546aa4",
        0.74,
        0.84,
        1.2,
    ),
    "fog": (
        "c3cdd2 d3dadb e2e4e0 eceeea c2cace e6eaea",
        "1e2a40 36465e 5a6c84 60728a 2c3a50 627498",
        0.82,
        0.66,
        2.2,
    ),
    "snow": (
        "a9bcd4 c6d4e4 e6ecf2 f6f9fc b4c4d8 ecf1fb",
        "18264a 34497a 6c84b0 7288b4 2c4070 7288c4",
        0.66,
        0.9,
        1.2,
    ),
}  # fmt: skip

LOW_WEATHERS: dict[tuple[str, str], str] = {
    # sky, clouds and light of a weather at an hour with a light of its own: rose mist, violet rain
    ("fog", "dawn"): "b4cbe8 e4d8e2 ffe6d8 fff4ec cdc6da fcf2f6",
    ("fog", "sunset"): "a9a8cc e0bfc8 fbd9b8 ffe6d0 b4a2bc f4e2e2",
    ("fog", "dusk"): "7f88b8 b0a8c8 dcc4cc d8ccd8 8a88b0 c4c4e4",
    ("rain", "dawn"): "8a9cc4 b0b4cc d8ccd4 d4d0dc 8488a8 ccd2ec",
    ("rain", "sunset"): "5a679e 9094c8 d2c6e6 bcb8de 5c6294 aeb8f4",
    ("rain", "dusk"): "5a679e 9094c8 d2c6e6 bcb8de 5c6294 aeb8f4",
    ("storm", "sunset"): "343a66 646798 a89cc0 8d8ab4 3a3d66 949ccc",
    ("storm", "dusk"): "343a66 646798 a89cc0 8d8ab4 3a3d66 949ccc",
    ("cloudy", "sunset"): "7c8ab4 b4a9c6 e6c6c4 e2d2da 8a86ac d6d2ea",
    ("cloudy", "dusk"): "7c8ab4 b4a9c6 e6c6c4 e2d2da 8a86ac d6d2ea",
}

MOODS: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    # towards which colour, how far, light, saturation
    "sad": (("7488ac", 0.28, 0.92, 0.74), ("8e86a6", 0.26, 0.93, 0.74), ("7d9a98", 0.27, 0.92, 0.72)),
    "tense": (("54486e", 0.3, 0.86, 0.9), ("3f6264", 0.3, 0.86, 0.84), ("6e5048", 0.27, 0.87, 0.88)),
    "angry": (("7e3c44", 0.28, 0.88, 1.06), ("80522e", 0.26, 0.9, 1.06)),
    "happy": (("ffe0a4", 0.16, 1.03, 1.12), ("a8e8dc", 0.15, 1.03, 1.14), ("ffc8b4", 0.15, 1.02, 1.12)),
    "warm": (("ffcf96", 0.22, 1.0, 1.06), ("ffc0b0", 0.2, 1.0, 1.02), ("f6dca0", 0.2, 1.0, 1.04)),
    "surprised": (("b4ecf4", 0.14, 1.03, 1.1), ("fff0a8", 0.14, 1.03, 1.1)),
    "magic": (("c084ea", 0.26, 0.98, 1.12), ("74d0d8", 0.24, 0.98, 1.1), ("f49ac8", 0.24, 0.98, 1.1)),
    "calm": (("b4dcd6", 0.18, 1.0, 0.92), ("ccc4e6", 0.18, 1.0, 0.9), ("f4e6cc", 0.18, 1.0, 0.92)),
    "sleepy": (("6a6cae", 0.24, 0.9, 0.86), ("86689e", 0.23, 0.9, 0.86), ("5e86a0", 0.23, 0.9, 0.86)),
    "epic": (("ffbe6a", 0.15, 0.99, 1.14), ("5eb0c8", 0.15, 0.98, 1.14), ("e88a74", 0.15, 0.98, 1.14)),
}  # fmt: skip
