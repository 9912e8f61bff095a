"""The grammar of Chinese ideas: 小狗找妈妈的故事, 怕黑的小猫头鹰, 春天的勇气."""

from __future__ import annotations

import re

from app.services.engines.builtin.script.being import Being, Match
from app.services.engines.builtin.script.figures import kind_of

_HEAD = re.compile(
    r"^(?:(?:请|麻烦|帮我|给我|我想要?|我要)*(?:写|讲|说|生成|创作|编|拍|制作|做|画|来|听)(?:一?[个篇段部首则支]|一下|关于)+)?"
    r"(?:(?:小?故事|童话|短片|绘本|动画|视频)?[，：:]?(?:关于|有关|讲述|讲的是|主题是|主题[:：]))?(?:从前|很久以前|很久很久以前)?[，,]?(?:有(?=[一两三几]))?"
)
_TAIL = re.compile(
    r"的?(?:成长|小|睡前|童话|温馨|感人|励志)?(?:故事|童话|短片|绘本|动画片?|电影|短视频|视频|微电影)[。.!！]*$|[。.!！?？~～…\s]+$"
)
_PART = r"[^，,。！？；;：]"
_RULES = tuple(
    (plot, re.compile(pattern))
    for plot, pattern in (
        ("sleep", rf"^(?P<count>一?[只个位条头名]?)(?:失眠|睡不着|不想睡觉?)的(?P<hero>{_PART}+)"),
        ("sleep", rf"^(?P<hero>{_PART}*?)(?:睡不着|失眠|不想睡|晚安|入睡|的睡前|睡觉)"),
        ("seek", rf"^(?:想要?)?(?:寻找|找寻|追寻|寻|找)(?P<goal>{_PART}+?)的(?P<hero>{_PART}+)"),
        ("fear", rf"^(?P<count>一?[只个位条头名]?)(?:害怕|惧怕|怕|不敢)(?P<goal>{_PART}+?)的(?P<hero>{_PART}+)"),
        (
            "learn",
            rf"^(?P<count>一?[只个位条头名]?)(?:想要|想学|想|学习|学会|学不会|学|梦想)(?P<goal>{_PART}+?)的(?P<hero>{_PART}+)",
        ),
        ("home", rf"^(?P<hero>{_PART}*?)(?:迷路|迷了路|走丢|走失|找不到家|找回家|要?回家|流浪)"),
        (
            "seek",
            rf"^(?P<hero>{_PART}+?)(?:想要?|要|去|到处|出发|努力|一起|踏上|四处|正在|独自)*"
            rf"(?:寻找|找寻|寻觅|找到|找回|追寻|找|寻)(?:了|着)?(?P<goal>{_PART}+)",
        ),
        (
            "rescue",
            rf"^(?P<hero>{_PART}+?)(?:勇敢地?|去|要|一起)*(?:救出|救了|营救|拯救|解救|保护|守护(?!人|者|神)|救)(?:了|出)?(?P<goal>{_PART}+)",
        ),
        ("fear", rf"^(?P<hero>{_PART}+?)(?:害怕|惧怕|怕|不敢|战胜|克服)(?:了|对)?(?P<goal>{_PART}+?)(?:的恐惧)?$"),
        (
            "gift",
            rf"^(?P<hero>{_PART}*?)(?:给|为|送|准备)(?P<friend>{_PART}*?)(?:的|送|准备)?(?:一份|一个|生日)*(?:礼物|惊喜)",
        ),
        ("gift", rf"^(?P<hero>{_PART}*?)的?(?:生日|礼物)"),
        ("contest", rf"^(?P<hero>{_PART}*?)(?:和|与|跟)(?P<friend>{_PART}+?)的?(?:比赛|赛跑|竞赛|谁)"),
        ("contest", rf"^(?P<hero>{_PART}*?)(?:参加|去|的)?(?:[\u4e00-\u9fff]?比赛|赛跑|运动会|大赛|得冠军)"),
        (
            "learn",
            rf"^(?P<hero>{_PART}+?)(?:终于|努力|一起|也|要|在)*"
            rf"(?:学会|学习|学着|学不会|想学|学(?![校生期院堂])|练习|梦想着?|想要|渴望|想)(?:了|怎么|如何|会)?(?P<goal>{_PART}+)",
        ),
        (
            "friends",
            rf"^(?P<hero>{_PART}+?)(?:和|与|跟|遇见|遇到|碰到|认识)了?(?P<friend>{_PART}+?)(?:的友谊|的友情|成为|交|做|是|之间|一起|$)",
        ),
        (
            "make",
            rf"^(?P<hero>{_PART}+?)(?:要|想|自己|一起|亲手)*"
            rf"(?P<verb>建造|发明|修理|造|做|盖|种|修|织|搭|烤|画)(?:了|出|好)?(?P<goal>(?!梦|朋友|好事){_PART}+)",
        ),
        (
            "journey",
            rf"^(?P<hero>{_PART}+?)(?:要|想|独自|一起|第一次)*"
            rf"(?:飞向|飞往|飞到|前往|游向|登上|爬上|来到|走进|闯入|探索|穿越|环游|出发去|去)(?P<goal>{_PART}+?)(?:旅行|探险|冒险|玩|看看)?$",
        ),
        (
            "journey",
            rf"^(?P<hero>{_PART}*?)(?:的)?(?:[\u4e00-\u9fff]{{0,2}})(?:旅行|旅程|冒险|历险|奇遇|漂流|远行|旅途|探险)记?",
        ),
        ("wonder", rf"^(?P<hero>{_PART}+)"),
    )
)
_COUNT = re.compile(
    r"^(?:有)?([一两三四五六七八九十几那这]?(?:只|个|位|头|条|匹|颗|朵|棵|名|群|对|座|艘|辆|架|片|块|滴|盏|粒|尾|株)|一家)(?=.)"
)
_NAME = re.compile(r"^(?:[小阿老大][\u4e00-\u9fff]{1,2}|[\u4e00-\u9fff]{2,3})$")
_ELDER = re.compile("妈妈|爸爸|爷爷|奶奶|外婆|外公|姥姥|老师|母亲|父亲")
_SURNAME = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
_CALLED = re.compile(r"(?:名)?叫做?([\u4e00-\u9fff]{2,3}?)的")
_TRAILING = re.compile(
    r"(?:在|从|被|把|去|用|终于|正|也|很|不|独自|一起|每天|发现|看见|遇|得到|收到|来到|变成|走进|走|飞|跑|住|掉|搬家|成为|爱上|改变|有了?一).*$"
)


def core(text: str) -> tuple[int, str]:
    """Where the idea itself stands in ``text`` (start), and the idea without "write a story about"."""
    start = _HEAD.match(text)
    begin = start.end() if start else 0
    end = len(text)
    while (tail := _TAIL.search(text[begin:end])) and tail.start() > 0 and tail.group():
        end = begin + tail.start()
    return begin, text[begin:end]


def match(text: str) -> Match:
    """The first plot whose pattern fits the idea or its first clause."""
    for plot, rule in _RULES:
        found = rule.match(text)
        if not found:
            continue
        parts = {key: (value or "").strip("“”「」 ") for key, value in found.groupdict().items()}
        hero, goal = parts.get("hero", ""), re.sub(r"^(?:自己的?|它的|他的|她的|了)", "", parts.get("goal", ""))
        if plot == "home":
            return Match("seek", hero=hero, goal="家")
        if parts.get("count"):
            hero = parts["count"] + hero
        friend = parts.get("friend", "")
        if plot == "gift" and not friend and _ELDER.search(hero):
            hero, friend = "", hero
        return Match(plot, hero=hero, friend=friend, goal=goal, verb=parts.get("verb", ""))
    return Match("wonder")


def apart(text: str) -> list[str]:
    """The beings of a phrase: 小猫和小狗 is two."""
    if text == "龟兔":
        return ["乌龟", "兔子"]
    return [part for part in re.split(r"[和与跟、]", text) if part.strip()][:2]


def being(plain: str, written: str) -> Being | None:
    """A being from its phrase in simplified characters and as written; None when nothing is left."""
    # What follows a describing 的 may hold a verb of its own: 会飞的小猪.
    told = _TRAILING.search(plain, plain.rfind("的") + 1) if len(plain) > 3 else None
    cut = plain[: told.start()] if told else plain
    plain, written = (cut or plain), written[: len(cut or plain)]
    if plain.startswith("我的") and len(plain) > 3:
        plain, written = plain[2:], written[2:]
    called = _CALLED.search(plain)
    name = written[called.start(1) : called.end(1)] if called else ""
    if called:
        plain, written = (
            plain[: called.start()] + plain[called.end() :],
            written[: called.start()] + written[called.end() :],
        )
    found = _COUNT.match(plain)
    count = written[: found.end()] if found else ""
    if found:
        plain, written = plain[found.end() :], written[found.end() :]
    if not re.search(r"\w|[^\x00-\x7f]", plain):
        return None
    head = plain.rfind("的", 0, len(plain) - 1) + 1
    noun, kind = written[head:], kind_of(plain[head:]) or kind_of(plain)
    if kind:
        words = [word for word in sorted(kind.zh, key=len, reverse=True) if word in plain[head:]]
        spot = plain.find(words[0], head) if words else -1
        noun = written[spot : spot + len(words[0])] if words else noun
        if len(noun) == 1 and kind.sort in ("animal", "fantasy"):
            own = written[head:]
            noun = own if 1 < len(own) < 5 else kind.zh[0]
            written = noun if len(written) == 1 else written
    if kind is None and len(noun) > 5:
        return None
    proper = kind is None and bool(_NAME.match(plain)) and (plain[0] in "小阿老大" + _SURNAME) and not count
    plural = bool(re.match("[两三四五六七八九十几]", count)) or count.endswith(("群", "对")) or plain.endswith("们")
    return Being(written[:16], noun[:10], kind, count, proper, plural, name)
