"""The client against the real gateway without a worker: jobs stay queued, and a test carries them on."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from api.conftest import House, _served

from app.client import (
    AsyncClient,
    Canceled,
    Client,
    EngineFailed,
    Event,
    NotFound,
    OperationIdReused,
    StoryboardAnswer,
    TookTooLong,
    Unauthenticated,
    ValidationFailed,
)
from app.core.config import Settings


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    keys = ["alpha:key-a", "beta:key-b"]
    yield from _served(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("house"), api_keys=keys))


@pytest.fixture
def films(house: House) -> Iterator[Client]:
    with Client(house.url, "key-a", timeout_s=20) as films:
        yield films


@pytest.fixture
def board(films: Client) -> StoryboardAnswer:
    return films.create_storyboard("小狗找妈妈的故事", style="温馨可爱")


def test_both_faces_have_the_same_methods_with_the_same_words() -> None:
    def methods(kind: type) -> dict[str, object]:
        return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}

    waiting, looping = methods(Client), methods(AsyncClient)
    assert set(waiting) == set(looping) and len(waiting) > 30
    assert all(waiting[name].__doc__ == one.__doc__ for name, one in looping.items())
    assert inspect.signature(Client("http://localhost").render) == inspect.signature(AsyncClient.render)


def test_a_story_that_is_sent_twice_is_one_job(films: Client) -> None:
    first = films.create_storyboard("小狗", story_id="twice", operation_id="op-twice", user_id="u")
    again = films.create_storyboard("小狗", story_id="twice", operation_id="op-twice", user_id="u")
    assert first.job_id == again.job_id and first.operation.status == "Queued" and not first.operation.ended
    with pytest.raises(OperationIdReused) as caught:
        films.create_storyboard("小猫", story_id="twice", operation_id="op-twice", user_id="u")
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (422, "OPERATION_ID_REUSED", False)


def test_ids_that_are_not_given_are_made(films: Client, board: StoryboardAnswer) -> None:
    other = films.create_storyboard("小狗找妈妈的故事", style="温馨可爱")
    assert board.story_id and other.job_id != board.job_id and other.story_id != board.story_id
    job = films.job(board)
    assert (job.kind, job.status, job.user_id, job.story_id) == ("storyboard", "queued", "client", board.story_id)


def test_a_wrong_field_is_named(films: Client) -> None:
    with pytest.raises(ValidationFailed) as caught:
        films.create_storyboard("小狗", resolution="9000p")
    assert caught.value.errors[0]["loc"][-1] == "resolution" and caught.value.request_id
    assert "resolution" in caught.value.detail


def test_what_is_not_there_is_not_found(films: Client) -> None:
    for ask in (films.job, films.story, films.shots, films.render):
        with pytest.raises(NotFound):
            ask("nobody-knows-it")
    with pytest.raises(NotFound):
        films.job("../../etc/passwd")


def test_a_stranger_is_not_let_in_and_the_key_is_in_no_message(house: House) -> None:
    for key in ("", "key-of-nobody"):
        with Client(house.url, key) as films, pytest.raises(Unauthenticated) as caught:
            films.stories()
        assert "key-of-nobody" not in str(caught.value)


def test_a_story_s_shots_are_changed_inserted_ordered_deleted_and_pinned(
    house: House, films: Client, tmp_path: Path
) -> None:
    story = house.put_story("edited", "u-7", tenant="alpha")
    key = house.put_take(story, "shot_01", b"picture", tmp_path, tenant="alpha")
    house.put_take(story, "shot_01", b"another", tmp_path, tenant="alpha")
    assert [shot.id for shot in films.shots("edited")] == ["shot_01", "shot_02"]
    assert films.patch_shot("edited", "shot_01", narration="新的旁白", duration=4).narration == "新的旁白"
    assert films.patch_shot("edited", "shot_01", duration=None).duration is None
    new = films.insert_shot("edited", position=2, narration="夜深了。")
    assert [shot.id for shot in films.shots("edited")] == ["shot_01", new.id, "shot_02"]
    films.order("edited", ["shot_02", "shot_01", new.id])
    films.delete_shot("edited", new.id)
    assert [shot.id for shot in films.story("edited").shots] == ["shot_02", "shot_01"]
    assert [one.current for one in films.versions("edited", "shot_01").image] == [False, True]
    pinned = films.pin("edited", "shot_01", image=1).image[0]
    assert pinned.pinned and key in pinned.url
    assert films.download(pinned.url, tmp_path / "new folder" / "one.jpg").read_bytes() == b"picture"
    assert [one.story_id for one in films.stories(user_id="u-7").items] == ["edited"]
    assert films.regenerate_shot("edited", "shot_01", seed=5).operation.job_id
    films.delete_story("edited")
    with pytest.raises(NotFound):
        films.story("edited")


def test_a_user_s_client_sees_only_his_stories(house: House) -> None:
    house.put_story("of-u-8", "u-8", tenant="alpha")
    with Client(house.url, "key-a", user_id="u-8") as his, Client(house.url, "key-a", user_id="u-9") as another:
        assert [one.story_id for one in his.stories().items] == ["of-u-8"]
        assert another.stories().items == ()
        with pytest.raises(NotFound):
            another.story("of-u-8")


def test_lists_come_in_pages(films: Client) -> None:
    for number in range(3):
        films.create_storyboard("小狗", story_id=f"page-{number}", user_id="u-paged")
    first = films.jobs(user_id="u-paged", limit=2)
    rest = films.jobs(user_id="u-paged", limit=2, cursor=first.next_cursor)
    assert [len(first.items), len(rest.items), rest.next_cursor] == [2, 1, ""]


def test_a_job_is_followed_to_its_end_and_again_from_its_middle(
    house: House, films: Client, board: StoryboardAnswer
) -> None:
    def carried_on() -> None:
        house.change_job(board.job_id, "alpha", status="running", progress=40.0, message="Drawing.")
        house.end_job(board.job_id, "succeeded", "alpha", progress=100.0, result={"shots": []})

    threading.Timer(0.3, carried_on).start()
    seen = list(films.follow(board))
    assert [(event.status, event.progress) for event in seen] == [("queued", 0), ("running", 40), ("succeeded", 100)]
    assert [event.id for event in films.follow(board, last_event_id=seen[0].id)] == [seen[1].id, seen[2].id]
    heard: list[Event] = []
    assert films.wait(board, on_event=heard.append).status == "succeeded"
    assert [event.id for event in heard] == [event.id for event in seen]


def test_a_job_that_failed_raises_the_exception_of_its_code(
    house: House, films: Client, board: StoryboardAnswer
) -> None:
    error = {"code": "ENGINE_FAILED", "detail": "The engine said no.", "retryable": False}
    house.end_job(board.job_id, "failed", "alpha", error=error)
    with pytest.raises(EngineFailed, match=r"The engine said no\.") as caught:
        films.wait(board)
    assert caught.value.job.job_id == board.job_id
    assert films.wait(board, check=False).status == "failed"
    again = films.retry(board)
    assert again.retry_of == board.job_id and films.retry(board).job_id == again.job_id


def test_a_canceled_job_says_so_and_has_no_callbacks(films: Client, board: StoryboardAnswer) -> None:
    assert films.cancel(board.job_id).status == "canceled"
    with pytest.raises(Canceled):
        films.wait(board.operation)
    assert films.deliveries(board) == ()


def test_a_wait_that_takes_too_long_leaves_the_job_alone(films: Client, board: StoryboardAnswer) -> None:
    with pytest.raises(TookTooLong, match="goes on"):
        films.wait(board, timeout_s=0.2)
    assert films.job(board).status == "queued"


def test_an_answer_that_is_held_for_some_seconds_comes_unfinished(films: Client) -> None:
    assert films.create_storyboard("小狗", wait_s=1).operation.status == "Queued"


async def test_an_event_loop_follows_many_jobs_at_once(house: House) -> None:
    async with AsyncClient(house.url, "key-a", timeout_s=20) as films:
        boards = await asyncio.gather(*(films.create_storyboard(f"故事{number}") for number in range(5)))
        waits = [asyncio.create_task(films.wait(board)) for board in boards]
        await asyncio.sleep(0.2)
        for board in boards:
            await asyncio.to_thread(house.end_job, board.job_id, "succeeded", "alpha", result={"shots": []})
        assert [job.status for job in await asyncio.gather(*waits)] == ["succeeded"] * 5
        async for event in films.follow(boards[0]):
            assert event.status == "queued"
            break


def test_engines_are_told(films: Client) -> None:
    assert any(one.name == "music/builtin" and one.ready for one in films.engines("music"))
