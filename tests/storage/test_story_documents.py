"""Stories: what a change may do, what it must keep, and that two changes never lose each other."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import AppError, CorruptDocument, NotFound, ValidationFailed
from app.models.story import Film, Medium, Shot, Story, Storyboard, Take, now
from app.services.shot_fields import MAX_CHARS
from app.services.stories import KEPT_STORYBOARDS, Stories
from app.storage.documents_json import JsonDocuments

T, S, U = "default", "story-001", "u-001"


@pytest.fixture
def documents(tmp_path: Path) -> JsonDocuments:
    return JsonDocuments(tmp_path)


@pytest.fixture
def stories(documents: JsonDocuments) -> Stories:
    return Stories(documents)


def story(job: str = "job-1", shots: int = 3, story_id: str = S, user_id: str = U, **fields: Any) -> Story:
    board = Storyboard(version=9, job_id=job, created_at=now(), shots=[
        Shot(id=f"shot_{n:02d}", sequence=n * 7, detail=f"先{n}", image_detail=f"画{n}") for n in range(1, shots + 1)
    ])  # fmt: skip
    return Story(story_id=story_id, user_id=user_id, storyboard=board, **fields)


def take(artifact: str = "a", made_from: str = "f", **fields: Any) -> Take:
    return Take(
        number=0, artifact=artifact * 8, object_key=f"o/{artifact}", made_from=made_from, engine="e", job_id="j",
        created_at=now(), **fields,
    )  # fmt: skip


def ids(story: Story) -> list[str]:
    assert story.storyboard is not None
    assert [shot.sequence for shot in story.storyboard.shots] == list(range(1, len(story.storyboard.shots) + 1))
    return [shot.id for shot in story.storyboard.shots]


def shot_of(stories: Stories, shot_id: str) -> Shot:
    board = stories.find(T, S, U).storyboard
    assert board is not None
    return next(shot for shot in board.shots if shot.id == shot_id)


# Finding and listing


def test_a_stored_story_is_found_with_and_without_its_user(stories: Stories) -> None:
    stored = stories.put_storyboard(T, story(display_name="温馨短片"))
    assert stories.find(T, S, U) == stories.find(T, S) == stored
    assert stored.storyboard is not None
    assert stored.storyboard.version == 1
    stories.put_storyboard(T, story(user_id="u-002"))
    with pytest.raises(ValidationFailed, match="user_id"):
        stories.find(T, S)
    for tenant, story_id, user_id in (("other", S, U), (T, "other", U), (T, S, "other"), (T, "other", "")):
        with pytest.raises(NotFound):
            stories.find(tenant, story_id, user_id)


@pytest.mark.parametrize("bad", ["..", "../x", "a/b", ".x", "a\x00", "x" * 129, "a b"])
def test_bad_ids_are_refused_everywhere(stories: Stories, bad: str) -> None:
    stories.put_storyboard(T, story())
    for tenant, story_id, user_id in ((bad, S, U), (T, bad, U), (T, S, bad), (T, bad, "")):
        for call in (
            lambda *key: stories.find(*key),
            lambda *key: stories.delete(*key),
            lambda *key: stories.patch_shot(*key, "shot_01", {}),
            lambda *key: stories.reorder(*key, []),
        ):
            with pytest.raises(ValidationFailed):
                call(tenant, story_id, user_id)
    with pytest.raises(ValidationFailed):
        stories.patch_shot(T, S, U, bad, {})
    with pytest.raises(ValidationFailed):
        stories.list(T, user_id=bad)
    with pytest.raises(ValidationFailed):
        stories.put_storyboard(T, story(story_id=bad))


def test_stories_are_listed_last_changed_first_page_by_page(stories: Stories) -> None:
    for number in range(7):
        stories.put_storyboard(T, story(story_id=f"s{number}", user_id=f"u{number % 2}", shots=1))
    stories.put_storyboard("other", story())
    stories.patch_shot(T, "s2", "u0", "shot_01", {"tone": "宁静"})
    pages, cursor = [], ""
    while True:
        page, cursor = stories.list(T, limit=3, cursor=cursor)
        pages.append([one.story_id for one in page])
        if not cursor:
            break
    assert pages == [["s2", "s6", "s5"], ["s4", "s3", "s1"], ["s0"]]
    assert [one.story_id for one in stories.list(T, user_id="u1")[0]] == ["s5", "s3", "s1"]
    assert stories.list("nobody") == ([], "")


@pytest.mark.parametrize("cursor", ["x", "!!!", "MTIz", "é", "=" * 50])
def test_a_cursor_that_is_not_ours_is_refused(stories: Stories, cursor: str) -> None:
    with pytest.raises(ValidationFailed, match="cursor"):
        stories.list(T, cursor=cursor)


@pytest.mark.parametrize("content", ["{", '{"story_id": 1}'])
def test_a_corrupt_story_does_not_stop_the_others(stories: Stories, documents: JsonDocuments, content: str) -> None:
    stories.put_storyboard(T, story(story_id="good"))
    stories.put_storyboard(T, story())
    documents.path(f"{T}/stories/{S}/{U}").write_text(content)
    assert [one.story_id for one in stories.list(T)[0]] == ["good"]
    documents.path(f"{T}/stories/{S}/{U}").write_text(content)
    with pytest.raises(CorruptDocument, match=f"{T}/stories/{S}/{U}"):
        stories.find(T, S, U)
    documents.path(f"{T}/stories/{S}/{U}").write_text(content)
    stories.delete(T, S, U)
    with pytest.raises(NotFound):
        stories.find(T, S, U)


def test_a_new_storyboard_takes_the_place_of_a_corrupt_story(stories: Stories, documents: JsonDocuments) -> None:
    stories.put_storyboard(T, story())
    documents.path(f"{T}/stories/{S}/{U}").write_text("{")
    assert ids(stories.put_storyboard(T, story("job-2", shots=2))) == ["shot_01", "shot_02"]
    assert len(list(documents.damaged())) == 1
    documents.path(f"{T}/stories/{S}/{U}").write_text('{"story_id": 1}')
    with pytest.raises(CorruptDocument):
        stories.put_storyboard(T, story("job-3"))


# Storyboards


def test_a_new_storyboard_keeps_the_old_ones_readable(stories: Stories) -> None:
    first = stories.put_storyboard(T, story("job-0"))
    film = Film(artifact="a", object_key="o", job_id="j", created_at=now(), duration_s=30)
    stories.change(T, S, U, lambda one: one.model_copy(update={"film": film}))
    for number in range(1, KEPT_STORYBOARDS + 3):
        last = stories.put_storyboard(T, story(f"job-{number}", text=f"text {number}"))
    assert last.storyboard is not None
    assert last.storyboard.version == KEPT_STORYBOARDS + 3
    assert [board.version for board in last.history] == list(range(3, KEPT_STORYBOARDS + 3))
    assert (last.created_at, last.film, last.text) == (first.created_at, film, f"text {KEPT_STORYBOARDS + 2}")
    assert last.updated_at > first.updated_at


def test_the_same_job_puts_its_storyboard_once(stories: Stories) -> None:
    stories.put_storyboard(T, story("job-1"))
    stories.put_storyboard(T, story("job-2"))
    again = stories.put_storyboard(T, story("job-2", shots=4))
    assert again.storyboard is not None
    assert (again.storyboard.version, len(again.history), len(ids(again))) == (2, 1, 4)


def test_a_storyboard_is_checked_and_cleaned(stories: Stories) -> None:
    bad = story()
    assert bad.storyboard is not None
    bad.storyboard.shots[1].id = "shot_01"
    with pytest.raises(ValidationFailed, match="shot_01 twice"):
        stories.put_storyboard(T, bad)
    bad.storyboard.shots[1].id = "../x"
    with pytest.raises(ValidationFailed, match="shot id"):
        stories.put_storyboard(T, bad)
    good = story(text="a\x00b\ud800🐶 שלום")
    assert good.storyboard is not None
    good.storyboard.shots[0].camera = "镜头推进"
    good.storyboard.shots[0].narration = "行\x00一\r\n行二\x1b"
    stored = stories.put_storyboard(T, good)
    assert stored.text == "ab🐶 שלום"
    assert shot_of(stories, "shot_01").camera == "push_in"
    assert shot_of(stories, "shot_01").narration == "行一\n行二"
    with pytest.raises(ValidationFailed):
        stories.put_storyboard(T, Story(story_id=S, user_id=U))
    with pytest.raises(NotFound, match="storyboard"):
        stories.change(T, S, U, lambda one: one.model_copy(update={"storyboard": None}))
        stories.reorder(T, S, U, [])


# Shots


def test_a_patch_writes_only_what_it_names(stories: Stories) -> None:
    before = stories.put_storyboard(T, story())
    time.sleep(0.002)
    shot = stories.patch_shot(T, S, U, "shot_02", {"camera": "固定机位", "tone": "温馨", "duration": 4, "seed": 7})
    assert (shot.camera, shot.tone, shot.duration, shot.seed) == ("static", "温馨", 4.0, 7)
    assert (shot.detail, shot.image_detail) == ("先2", "画2")
    assert stories.patch_shot(T, S, U, "shot_02", {"duration": None, "tone": None}).duration is None
    assert shot_of(stories, "shot_02").tone == "温馨"
    assert stories.find(T, S, U).updated_at > before.updated_at
    assert shot_of(stories, "shot_01").tone == ""


def test_the_picture_follows_the_words_unless_told_otherwise(stories: Stories) -> None:
    stories.put_storyboard(T, story())
    assert stories.patch_shot(T, S, U, "shot_01", {"detail": "新"}).image_detail == "新"
    assert stories.patch_shot(T, S, U, "shot_01", {"image_detail": "画"}).detail == "新"
    assert stories.patch_shot(T, S, U, "shot_01", {"detail": "新"}).image_detail == "画"
    assert stories.patch_shot(T, S, U, "shot_01", {"detail": "又", "image_detail": "景"}).image_detail == "景"
    assert stories.patch_shot(T, S, U, "shot_01", {"detail": "终", "image_detail": None}).image_detail == "终"


@pytest.mark.parametrize(
    "fields",
    [{"id": "x"}, {"sequence": 1}, {"takes": {}}, {"nonsense": 1}, {"camera": "zoom"}, {"camera": ""}, {"detail": 5},
     {"detail": "x" * (MAX_CHARS + 1)}, {"seed": -1}, {"seed": 2**63}, {"seed": True}, {"seed": 1.5}, {"duration": 0},
     {"duration": -1}, {"duration": float("nan")}, {"duration": float("inf")}, {"duration": "5"}, {"duration": 1e9},
     {"duration": True}],
)  # fmt: skip
def test_a_bad_field_is_refused_and_named_and_nothing_changes(stories: Stories, fields: dict[str, Any]) -> None:
    before = stories.put_storyboard(T, story())
    for call in (
        lambda: stories.patch_shot(T, S, U, "shot_01", {"tone": "x", **fields}),
        lambda: stories.insert_shot(T, S, U, {"tone": "x", **fields}, 1),
    ):
        with pytest.raises(ValidationFailed) as caught:
            call()
        assert caught.value.errors
        assert caught.value.errors[0]["loc"] == list(fields)
    assert stories.find(T, S, U) == before


def test_shots_are_inserted_where_asked_with_new_ids(stories: Stories) -> None:
    stories.put_storyboard(T, story(seed=5))
    shot = stories.insert_shot(T, S, U, {"detail": "新"}, 2)
    assert (shot.id, shot.sequence, shot.image_detail, shot.seed) == ("shot_04", 2, "新", 5)
    assert stories.insert_shot(T, S, U, {}).sequence == 5
    assert ids(stories.find(T, S)) == ["shot_01", "shot_04", "shot_02", "shot_03", "shot_05"]
    stories.delete_shot(T, S, U, "shot_05")
    assert stories.insert_shot(T, S, U, {}, 5).id == "shot_06"
    for position in (-1, 7):
        with pytest.raises(ValidationFailed, match="position"):
            stories.insert_shot(T, S, U, {}, position)


def test_the_last_shot_stays(stories: Stories) -> None:
    stories.put_storyboard(T, story(shots=2))
    assert ids(stories.delete_shot(T, S, U, "shot_01")) == ["shot_02"]
    with pytest.raises(ValidationFailed, match="only shot"):
        stories.delete_shot(T, S, U, "shot_02")
    with pytest.raises(NotFound, match="shot_01"):
        stories.delete_shot(T, S, U, "shot_01")


def test_an_order_names_every_shot_once(stories: Stories) -> None:
    stories.put_storyboard(T, story())
    assert ids(stories.reorder(T, S, U, ["shot_03", "shot_01", "shot_02"])) == ["shot_03", "shot_01", "shot_02"]
    for bad in (
        [],
        ["shot_01"],
        ["shot_01"] * 3,
        ["shot_01", "shot_02", "shot_04"],
        ["shot_03"] + [f"shot_0{n}" for n in (1, 2, 3)],
    ):
        with pytest.raises(ValidationFailed, match="shot_ids"):
            stories.reorder(T, S, U, bad)


# Takes


def test_takes_are_numbered_and_the_newest_is_current_until_one_is_pinned(stories: Stories) -> None:
    stories.put_storyboard(T, story())
    stories.add_take(T, S, U, "shot_01", "image", take("a"))
    shot = stories.add_take(T, S, U, "shot_01", "image", take("b"))
    assert ([one.number for one in shot.takes["image"]], shot.current, shot.pinned) == ([1, 2], {"image": 2}, [])
    shot = stories.pin(T, S, U, "shot_01", "image", 1)
    assert (shot.current["image"], shot.pinned) == (1, ["image"])
    assert stories.pin(T, S, U, "shot_01", "image", 0).pinned == []
    stories.pin(T, S, U, "shot_01", "image", 2)
    shot = stories.add_take(T, S, U, "shot_01", "image", take("c"))
    assert (shot.current["image"], shot.pinned) == (3, [])
    with pytest.raises(NotFound, match="version 4"):
        stories.pin(T, S, U, "shot_01", "image", 4)
    with pytest.raises(NotFound, match="version 1"):
        stories.pin(T, S, U, "shot_01", "video", 1)
    bad: Any = "smell"
    with pytest.raises(ValidationFailed, match="medium"):
        stories.pin(T, S, U, "shot_01", bad, 1)


def test_the_same_take_twice_is_one_take(stories: Stories) -> None:
    stories.put_storyboard(T, story())
    stories.add_take(T, S, U, "shot_01", "image", take("a", "then"))
    stories.add_take(T, S, U, "shot_01", "image", take("b"))
    shot = stories.add_take(T, S, U, "shot_01", "image", take("a", "now"))
    assert [one.artifact[0] for one in shot.takes["image"]] == ["a", "b"]
    current = shot.take("image")
    assert current is not None
    assert (current.number, current.made_from) == (1, "now")


def test_an_unknown_shot_is_not_found(stories: Stories) -> None:
    stories.put_storyboard(T, story())
    for call in (
        lambda: stories.patch_shot(T, S, U, "shot_99", {}),
        lambda: stories.delete_shot(T, S, U, "shot_99"),
        lambda: stories.add_take(T, S, U, "shot_99", "image", take()),
        lambda: stories.pin(T, S, U, "shot_99", "image", 1),
    ):
        with pytest.raises(NotFound, match="shot_99"):
            call()


# Many at once


def test_two_who_change_one_story_never_lose_each_others_change(stories: Stories) -> None:
    stories.put_storyboard(T, story(shots=1))
    media: list[Medium] = ["image", "audio", "video"]

    def work(number: int) -> None:
        for turn in range(10):
            name = f"{number}-{turn}"
            stories.insert_shot(T, S, U, {"detail": name})
            stories.add_take(T, S, U, "shot_01", media[number], take(name))
            stories.change(T, S, U, lambda one: one.model_copy(update={"text": one.text + "x"}))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = stories.find(T, S, U)
    assert len(set(ids(last))) == 31
    assert last.text == "x" * 30
    assert {medium: len(takes) for medium, takes in shot_of(stories, "shot_01").takes.items()} == dict.fromkeys(
        media, 10
    )


def test_two_first_storyboards_at_once_become_two_versions(stories: Stories) -> None:
    threads = [threading.Thread(target=stories.put_storyboard, args=(T, story(f"job-{n}"))) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = stories.find(T, S, U)
    assert last.storyboard is not None
    assert [board.version for board in last.history] + [last.storyboard.version] == [1, 2, 3, 4, 5, 6]


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(-1, 9), st.text(max_size=5)),
        st.tuples(st.just("delete"), st.integers(0, 9), st.none()),
        st.tuples(st.just("reorder"), st.integers(0, 99), st.none()),
        st.tuples(st.just("patch"), st.integers(0, 9), st.text(max_size=9)),
        st.tuples(st.just("board"), st.integers(0, 4), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_whatever_is_done_ids_stay_unique_and_are_never_given_twice(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, str | None]]
) -> None:
    stories = Stories(JsonDocuments(tmp_path_factory.mktemp("story")))
    stories.put_storyboard(T, story())
    given_ids = set(ids(stories.find(T, S, U)))
    for what, number, text in changes:
        now_there = ids(stories.find(T, S, U))
        chosen = now_there[number % len(now_there)]
        try:
            if what == "insert":
                shot = stories.insert_shot(T, S, U, {"detail": text}, number)
                assert shot.id not in given_ids
                given_ids.add(shot.id)
            elif what == "delete":
                stories.delete_shot(T, S, U, chosen)
            elif what == "reorder":
                stories.reorder(T, S, U, random.Random(number).sample(now_there, len(now_there)))
            elif what == "patch":
                assert "\x00" not in stories.patch_shot(T, S, U, chosen, {"narration": text}).narration
            else:
                given_ids = set(ids(stories.put_storyboard(T, story(f"job-{number}-{len(given_ids)}"))))
        except AppError as error:
            assert isinstance(error, ValidationFailed)
        assert len(set(ids(stories.find(T, S, U)))) == len(ids(stories.find(T, S, U)))
