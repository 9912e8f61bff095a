"""Places of the builtin illustrator: found by their words, painted in every hour, season and weather, never alike."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest

from app.models.engine import DrawRequest
from app.services.engines.builtin.picture import compose
from app.services.engines.builtin.picture.buildings import BUILDINGS
from app.services.engines.builtin.picture.canvas import figure_canvas
from app.services.engines.builtin.picture.covers import Screened, Tucked
from app.services.engines.builtin.picture.extras import put_building, set_extras
from app.services.engines.builtin.picture.nooks import nooks
from app.services.engines.builtin.picture.places import INDOORS, PLACES
from app.services.engines.builtin.picture.plants import PLANTS
from app.services.engines.builtin.picture.stage import Stage
from app.services.engines.builtin.picture.task import draw
from app.services.engines.builtin.picture.things import THINGS
from app.services.engines.builtin.picture.vehicles import VEHICLES
from app.services.engines.builtin.picture.words import lexicon, read_scene

NAMES: dict[str, tuple[str, str, str]] = {
    "forest": ("森林", "樹林", "forest"), "jungle": ("丛林", "叢林", "jungle"),
    "bamboo": ("竹林", "竹海", "bamboo grove"), "beach": ("沙滩", "沙灘", "beach"), "sea": ("大海", "海洋", "sea"),
    "underwater": ("水下", "海底", "underwater"), "desert": ("沙漠", "綠洲", "desert"),
    "mountains": ("山顶", "山頂", "mountains"), "cliff": ("悬崖", "懸崖", "cliff"),
    "volcano": ("火山", "岩漿", "volcano"), "meadow": ("草原", "牧場", "meadow"),
    "village": ("村庄", "村莊", "village"), "city": ("城市", "大廈", "city"), "rooftop": ("屋顶", "屋頂", "rooftop"),
    "station": ("火车站", "火車站", "station"), "playground": ("游乐场", "遊樂場", "playground"),
    "street": ("街道", "街頭", "street"), "castle": ("王国", "王國", "kingdom"),
    "hall": ("宫殿里", "宮殿裡", "throne room"), "cave": ("山洞", "礦洞", "cave"), "space": ("太空", "銀河", "space"),
    "room": ("卧室", "臥室", "bedroom"), "living": ("客厅", "客廳", "living room"),
    "study": ("书房", "書房", "the study"), "kitchen": ("厨房", "廚房", "kitchen"),
    "school": ("教室", "學校", "classroom"), "library": ("图书馆", "圖書館", "library"),
    "studio": ("画室", "畫室", "studio"), "hospital": ("医院", "醫院", "hospital"),
    "stage": ("舞台", "劇院", "theatre"), "corridor": ("走廊", "長廊", "corridor"),
    "stairwell": ("楼梯", "樓梯", "staircase"), "market": ("市场", "市場", "market"),
    "road": ("小路", "小徑", "road"), "garden": ("花园", "花園", "garden"),
    "snowfield": ("雪地", "南極", "snowfield"), "river": ("河边", "河邊", "river"),
    "waterfall": ("瀑布", "瀑布", "waterfall"), "swamp": ("沼泽", "沼澤", "swamp"), "lake": ("湖边", "湖邊", "lake"),
    "harbour": ("港口", "碼頭", "harbour"), "island": ("小岛", "小島", "island"),
    "sky": ("云端", "雲端", "cloud sea"), "farm": ("农场", "農場", "farm"), "temple": ("寺庙", "寺廟", "temple"),
    "oldtown": ("古镇", "古鎮", "water town"),
}  # fmt: skip
"""One word for every place in simplified and traditional Chinese and in English."""
HOURS = (
    ("dawn", "rain", "spring", 200, 112),
    ("noon", "snow", "winter", 90, 160),
    ("sunset", "fog", "autumn", 110, 110),
    ("night", "thunderstorm", "summer", 160, 90),
    ("night", "starry", "winter", 160, 90),
)


def build(text: str, width: int, height: int, seed: int = 1) -> Stage:
    """The painted stage of a prompt."""
    return compose.build(DrawRequest(prompt=text, width=width, height=height, seed=seed), lambda: None).stage


@cache
def picture(name: str, seed: int) -> np.ndarray:
    """The finished still of a place by day."""
    with TemporaryDirectory() as folder:
        words = f"{NAMES[name][2]}, noon, wide shot"
        request = DrawRequest(prompt=words, width=192, height=108, seed=seed)
        draw(request.model_dump(mode="json"), Path(folder), lambda: None)
        return np.asarray(cv2.imread(f"{folder}/key_frame.png"))


def test_every_place_has_a_painter_and_words_in_three_writings() -> None:
    assert set(NAMES) == set(PLACES) == set(lexicon()["place"])
    for name, words in NAMES.items():
        for word in words:
            assert read_scene(DrawRequest(prompt=word, width=64, height=64)).place == name, (name, word)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_place_is_painted_in_every_hour_season_and_weather(name: str) -> None:
    for time, weather, season, width, height in HOURS:
        stage = build(f"{NAMES[name][2]}, {time}, {weather}, {season}", width, height)
        assert stage.scene.place == name
        assert (stage["sky"].pixels[:, :, 3] >= 250).all()
        under = stage["subject"].pixels[-1, int(width * (stage.hero_x - 0.05)) : int(width * (stage.hero_x + 0.05)), 3]
        assert (under == 255).all()  # the ground under the hero reaches the lower edge


@pytest.mark.parametrize("name", sorted(NAMES))
def test_two_seeds_of_a_place_differ_visibly(name: str) -> None:
    pictures = [picture(name, seed).astype(int) for seed in (1, 2, 3)]
    gaps = [np.abs(a - b).mean() for a, b in itertools.combinations(pictures, 2)]
    assert min(gaps) > 3
    assert max(gaps) > 8


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_lowest_fifth_of_a_place_is_calm(name: str) -> None:
    grey = cv2.cvtColor(picture(name, 1), cv2.COLOR_BGR2GRAY).astype(np.float32)
    low = grey[int(len(grey) * 0.82) :, int(grey.shape[1] * 0.15) : int(grey.shape[1] * 0.85)]  # where words stand
    fine = low - cv2.blur(low, (31, 9))
    assert fine.std() < 12
    assert np.abs(np.diff(low, axis=1)).mean() < 5


@pytest.mark.parametrize("framing", ["wide shot", "medium shot", "close-up"])
def test_places_are_painted_for_every_framing_and_shape(framing: str) -> None:
    for k, name in enumerate(sorted(NAMES)):
        width, height = ((128, 72), (72, 128), (96, 96))[k % 3]
        stage = build(f"a girl, {NAMES[name][2]}, {framing}", width, height, seed=k)
        assert stage.scene.place == name
        assert stage["sky"].pixels[:, :, :3].std() + stage["far"].pixels.std() > 4, name


def test_the_hour_changes_the_place_itself() -> None:
    for name in ("city", "village", "street", "oldtown", "market"):
        assert len(build(f"{NAMES[name][2]}, night", 160, 90).lamps) > len(build(NAMES[name][2], 160, 90).lamps) + 5


def test_what_belongs_to_a_room_is_not_set_there_twice() -> None:
    assert "bed" not in build("a bed in the bedroom", 96, 54).scene.props
    assert "bed" in build("a bed in the meadow", 96, 54).scene.props


def test_everything_that_can_be_set_is_drawn_and_no_two_look_alike() -> None:
    drawn: dict[bytes, str] = {}
    for name, (paint, height) in THINGS.items():
        canvas = figure_canvas(64, wide=1.3, tall=1.2)
        paint(canvas, Random(1))
        alpha = canvas.pixels[:, :, 3]
        assert (alpha > 0).mean() > 0.02, name
        assert not alpha[:, [0, -1]].any(), f"{name} is cut off"
        assert 0.02 < height < 1, name
        look = cv2.resize(canvas.pixels, (24, 24)).tobytes()
        assert look not in drawn, f"{name} looks like {drawn.get(look)}"
        drawn[look] = name
    assert set(lexicon()["building"]) <= set(BUILDINGS)
    assert set(lexicon()["vehicle"]) <= set(VEHICLES)
    assert set(lexicon()["plant"]) - set(PLANTS) <= {"flowers", "grass", "pumpkin"}
    assert set(PLACES) >= INDOORS


def shot(text: str, seed: int, width: int = 192, height: int = 108) -> compose.Picture:
    """A composed picture before its style."""
    return compose.build(DrawRequest(prompt=text, width=width, height=height, seed=seed), lambda: None)


def test_who_sleeps_at_home_lies_in_the_bed_under_its_blanket() -> None:
    for seed in range(3):
        picture = shot("medium shot, a boy sleeps in the bedroom", seed)
        bed = next(nook for nook in nooks(picture.stage) if nook.kind == "bed")
        boy = picture.placed[0]
        assert isinstance(boy, Tucked)
        assert abs(boy.x - bed.x) < 0.06 * 192 and abs(boy.y - bed.y) < 2
        assert boy.flip == (bed.way > 0), "the head is where the pillow is"


def test_of_a_sleeping_company_the_child_gets_the_bed() -> None:
    picture = shot("wide shot, a mother and a boy sleep in the bedroom", 2)
    assert len(picture.placed) == 2
    high = min(picture.placed, key=lambda item: item.y)
    assert high.being.kind == "boy"
    assert all(isinstance(item, Tucked) for item in picture.placed)


def test_work_is_done_where_the_room_has_the_thing_for_it() -> None:
    for words, kind in (
        ("an old man writes in the study", "desk"), ("a girl paints in the studio", "easel"),
        ("a mother cooks in the kitchen", "stove"), ("a girl climbs in the stairwell", "stairs"),
    ):  # fmt: skip
        picture = shot(f"medium shot, {words}", 4)
        hero = picture.placed[0]
        near = [n for n in nooks(picture.stage) if n.kind == kind and abs(n.x - hero.x) < 0.05 * 192]
        assert near, words
        assert hero.flip == (near[0].way < 0) or not near[0].way, words
        assert isinstance(hero, Screened) == (kind == "desk"), words


def test_who_sits_out_of_doors_sits_on_something() -> None:
    for k, place in enumerate(("forest", "lake", "garden", "mountains", "harbour", "snowfield")):
        sitting, standing = (shot(f"medium shot, a boy {deed}, {place}", k) for deed in ("sits", "stands"))
        boy = sitting.placed[0]
        assert boy.pose.seat > 0, place
        left, _, right, _ = boy.visible()
        rows = slice(int(boy.y - 0.2 * boy.size), int(boy.y))
        beside = sitting.stage["subject"].pixels[rows, int(left) : int(right) + 1].astype(int)
        plain = standing.stage["subject"].pixels[rows, int(left) : int(right) + 1]
        assert (np.abs(beside - plain).max(2) > 30).sum() > 10, place


def test_in_a_wide_shot_a_walker_is_on_the_path() -> None:
    on_it = 0
    for seed in range(8):
        picture = shot("wide shot, a boy walks, road", seed)
        paths = [nook for nook in nooks(picture.stage) if nook.kind == "path"]
        assert paths
        hero = picture.placed[0]
        on_it += any(abs(nook.x - hero.x) < 0.06 * 192 and abs(nook.y - hero.y) < 2 for nook in paths)
    assert on_it >= 6


@pytest.mark.parametrize(("width", "height"), [(192, 108), (108, 192), (144, 144)])
def test_no_river_runs_under_the_feet_of_who_stands_there(width: int, height: int) -> None:
    for seed in range(6):
        stage = shot("medium shot, a girl stands, river", seed, width, height).stage
        x, y = int(stage.hero_x * stage.width), int(stage.feet)
        b, _, r, _ = (int(v) for v in stage["subject"].pixels[min(y, height - 1), x])
        assert b < r + 30, seed


def test_every_roof_is_white_in_winter() -> None:
    white = []
    for season in ("winter", "summer"):
        stage = build(f"{season}, noon, wide shot, desert", 160, 90)
        before = stage["mid"].pixels.copy()
        put_building(stage, "mid", "house", 0.5, 60.0, 40.0)
        drawn = stage["mid"].pixels[(stage["mid"].pixels != before).any(2)]
        white.append((drawn[:, :3].min(axis=1) > 215).mean())
    assert white[0] > 2 * white[1] + 0.03


def test_no_lamp_shines_through_the_house_before_it() -> None:
    stage = build("night, wide shot, village", 160, 90)
    stage.lamps.clear()
    put_building(stage, "mid", "house", 0.5, 60.0, 30.0)
    assert stage.lamps
    put_building(stage, "mid", "castle", 0.5, 75.0, 70.0)
    mask = [lamp for lamp in stage.lamps if abs(lamp.x - 80) < 4 and 45 < lamp.y < 60]
    assert len(mask) <= 1


def test_a_building_that_nobody_can_draw_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = build("wide shot, meadow", 96, 54)
    scene = stage.scene
    monkeypatch.setattr(
        stage, "scene", type(scene)(**{**vars(scene), "buildings": ("zeppelin",), "vehicles": ("ark",)})
    )
    set_extras(stage)
