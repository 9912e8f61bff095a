"""Stories and shots over HTTP: read, change, order, versions, history."""

from __future__ import annotations

import pytest


@pytest.fixture
def story(house, ids):
    return house.put_story(ids["story_id"], ids["user_id"], shots=3)


@pytest.fixture
def address(ids):
    return f"/api/v1/stories/{ids['story_id']}"


def test_a_story_is_read_with_its_shots(client, story, address):
    body = client.get(address).json()
    assert body["display_name"] == "片名" and body["script_content"] == "故事" and body["storyboard_version"] == 1
    assert [shot["id"] for shot in body["shots"]] == ["shot_01", "shot_02", "shot_03"]
    assert body["shots"][0]["camera"] == "镜头推进" and body["shots"][0]["stale"] == []
    assert body["shots"][0]["versions"] == {"image": 0, "video": 0, "audio": 0} and body["video_url"] == ""


def test_stories_are_listed_last_changed_first_in_pages(client, house, ids):
    for number in range(3):
        house.put_story(f"{ids['story_id']}-{number}", ids["user_id"])
    params = {"user_id": ids["user_id"], "limit": 2}
    first = client.get("/api/v1/stories", params=params).json()
    rest = client.get("/api/v1/stories", params={**params, "cursor": first["next_cursor"]}).json()
    seen = [story["story_id"] for story in first["stories"] + rest["stories"]]
    assert seen == [f"{ids['story_id']}-{number}" for number in (2, 1, 0)] and rest["next_cursor"] == ""
    assert first["stories"][0]["shot_count"] == 2 and "script_content" not in first["stories"][0]
    assert client.get("/api/v1/stories", params={"cursor": "nonsense!"}).status_code == 422


def test_a_story_id_of_two_users_needs_the_user(client, house, story, ids, address):
    house.put_story(ids["story_id"], "another-user")
    assert client.get(address).status_code == 422
    assert client.get(address, params={"user_id": ids["user_id"]}).json()["user_id"] == ids["user_id"]
    assert client.get(address, params={"user_id": "nobody"}).status_code == 404


def test_older_storyboards_stay_readable(client, house, story, ids, address):
    house.put_story(ids["story_id"], ids["user_id"], shots=1)
    boards = client.get(f"{address}/storyboards").json()["storyboards"]
    assert [(board["version"], board["shot_count"], board["current"]) for board in boards] == [
        (2, 1, True),
        (1, 3, False),
    ]
    assert len(client.get(address).json()["shots"]) == 1
    assert len(client.get(address, params={"version": 1}).json()["shots"]) == 3
    assert client.get(address, params={"version": 9}).status_code == 404


def test_a_deleted_story_is_gone(client, story, address):
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404 and client.delete(address).status_code == 404


def test_the_words_of_a_shot_are_patched(client, story, address):
    shot = f"{address}/shots/shot_02"
    body = client.patch(
        shot, json={"narration": "新旁白", "camera": "static", "duration": 7.5, "prompt": "新情节", "bogus": 1}
    ).json()
    assert (body["narration"], body["camera"], body["duration"]) == ("新旁白", "固定机位", 7.5)
    assert body["detail"] == "新情节" and body["subject"] == "小狗"
    body = client.patch(shot, json={"duration": None, "narration": "", "subject": None}).json()
    assert (body["duration"], body["narration"], body["subject"]) == (None, "", "小狗")
    assert client.get(shot).json() == body
    assert client.patch(shot, json={"camera": "zoom"}).status_code == 422
    assert client.patch(shot, json={}).status_code == 200
    assert client.patch(f"{address}/shots/shot_99", json={"tone": "x"}).status_code == 404


def test_a_patch_makes_the_picture_stale(client, house, story, address, tmp_path):
    house.put_take(story, "shot_01", b"picture", tmp_path)
    body = client.patch(f"{address}/shots/shot_01", json={"image_detail": "别的画面"}).json()
    assert body["stale"] == ["image"] and body["versions"]["image"] == 1


def test_a_shot_is_inserted_and_deleted(client, story, address):
    answer = client.post(f"{address}/shots", json={"position": 2, "image_detail": "月光", "camera": "环绕"})
    assert answer.status_code == 422
    answer = client.post(f"{address}/shots", json={"position": 2, "image_detail": "月光", "camera": "全方位环绕"})
    assert answer.status_code == 201 and answer.json()["id"] == "shot_04" and answer.json()["sequence"] == 2
    assert client.get(answer.headers["location"]).json() == answer.json()
    assert client.post(f"{address}/shots", json={}).json()["sequence"] == 5
    assert client.delete(f"{address}/shots/shot_01").status_code == 204
    shots = client.get(f"{address}/shots").json()["shots"]
    assert [(shot["id"], shot["sequence"]) for shot in shots] == [
        ("shot_04", 1),
        ("shot_02", 2),
        ("shot_03", 3),
        ("shot_05", 4),
    ]
    assert client.post(f"{address}/shots", json={"position": 99}).status_code == 422


def test_shots_are_put_in_order(client, story, address):
    order = ["shot_03", "shot_01", "shot_02"]
    shots = client.put(f"{address}/order", json={"shot_ids": order}).json()["shots"]
    assert [shot["id"] for shot in shots] == order and [shot["sequence"] for shot in shots] == [1, 2, 3]
    for wrong in (["shot_01"], [*order, "shot_01"], ["shot_03", "shot_01", "nothing"]):
        assert client.put(f"{address}/order", json={"shot_ids": wrong}).status_code == 422


def test_versions_are_listed_and_one_is_pinned(client, house, story, address, tmp_path):
    for content in (b"first", b"second"):
        house.put_take(story, "shot_01", content, tmp_path)
    versions = f"{address}/shots/shot_01/versions"
    first, second = client.get(versions).json()["image"]
    assert (first["number"], first["current"], second["current"], second["pinned"]) == (1, False, True, False)
    assert first["engine"] == "image/builtin" and client.get(first["url"]).content == b"first"
    first, second = client.put(versions, json={"image": 1}).json()["image"]
    assert first["current"] and first["pinned"] and not second["current"]
    shot = client.get(f"{address}/shots/shot_01").json()
    assert shot["image_url"] == first["url"] and shot["stale"] == []
    assert client.put(versions, json={"image": 0}).json()["image"][0]["pinned"] is False
    assert client.put(versions, json={"image": 9}).status_code == 404
    assert client.put(versions, json={}).status_code == 422
