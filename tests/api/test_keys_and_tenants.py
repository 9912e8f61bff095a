"""Keys and tenants: who is let in, and that nobody sees what another tenant has."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import httpx2
import pytest

from app.api.keys import Keys
from app.core.config import SettingsError

CREATE = "/api/v1/storyboard/create"


@pytest.fixture
def alpha(keyed):
    with keyed.client("key-a") as client:
        yield client


@pytest.fixture
def beta(keyed):
    with keyed.client("key-b") as client:
        yield client


@pytest.fixture
def stranger(keyed):
    with keyed.client() as client:
        yield client


def test_every_route_of_the_document_needs_a_key_but_health(stranger, keyed):
    document = stranger.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            answer = stranger.request(method.upper(), path.replace("{", "").replace("}", ""))
            if path == "/health":
                assert answer.status_code == 200
            elif path == "/files/{key}":
                assert answer.status_code in (401, 422)
            else:
                assert answer.status_code == 401 and answer.json()["code"] == "UNAUTHENTICATED", path
    assert stranger.get("/").status_code == 200 and stranger.get("/docs").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "key-a"},
        {"Authorization": "Bearer key-a"},
        {"Authorization": "bearer  key-a"},
        {"X-API-Key": "plain-key"},
    ],
)
def test_a_key_is_taken_in_either_header(stranger, headers):
    assert stranger.get("/api/v1/jobs", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "wrong"},
        {"X-API-Key": "alpha:key-a"},
        {"Authorization": "Basic key-a"},
        {"Authorization": "Bearer"},
        {"X-API-Key": ""},
        {"X-API-Key": b"k\xe9y"},
    ],
)
def test_another_key_is_not(stranger, headers):
    assert stranger.get("/api/v1/jobs", headers=headers).status_code == 401


def test_a_refused_body_is_not_even_parsed(stranger):
    answer = stranger.post(CREATE, content=b"{broken", headers={"content-type": "application/json"})
    assert answer.status_code == 401


def test_a_tenant_never_sees_anothers_stories_jobs_or_files(keyed, alpha, beta, ids, tmp_path):
    story = keyed.put_story(ids["story_id"], ids["user_id"], tenant="alpha")
    key = keyed.put_take(story, "shot_01", b"secret", tmp_path, tenant="alpha")
    body = {**ids, "script_content": "故事"}
    job_id = alpha.post(CREATE, json=body).json()["operation"]["job_id"]
    story_address, user = f"/api/v1/stories/{ids['story_id']}", {"user_id": ids["user_id"]}
    addresses = [story_address, f"{story_address}/shots", f"{story_address}/shots/shot_01/versions"]
    addresses += [f"/api/v1/jobs/{job_id}", f"/api/v1/jobs/{job_id}/events", f"/api/v1/jobs/{job_id}/deliveries"]
    addresses += [f"/api/v1/operations/{ids['operation_id']}?user_id={ids['user_id']}", f"/files/{key}"]
    for address in addresses:
        if not address.endswith("/events"):
            assert alpha.get(address).status_code == 200, address
        assert beta.get(address).status_code == 404, address
    assert beta.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 404
    assert beta.delete(story_address).status_code == 404
    assert beta.get("/api/v1/jobs", params=user).json()["jobs"] == []
    assert beta.get("/api/v1/stories", params=user).json()["stories"] == []
    other = beta.post(CREATE, json={**body, "style": "别的"})
    assert other.status_code == 202 and other.json()["operation"]["job_id"] != job_id


def test_a_signed_link_opens_without_a_key_and_only_that_file(keyed, alpha, stranger, ids, tmp_path):
    story = keyed.put_story(ids["story_id"], ids["user_id"], tenant="alpha")
    keyed.put_take(story, "shot_01", b"picture", tmp_path, tenant="alpha")
    keyed.put_take(story, "shot_02", b"other", tmp_path, tenant="alpha")
    first, second = (
        shot["image_url"] for shot in alpha.get(f"/api/v1/stories/{ids['story_id']}/shots").json()["shots"]
    )
    answer = httpx2.get(first)
    assert answer.content == b"picture" and answer.headers["cache-control"].startswith("private")
    parts = urlsplit(first)
    assert stranger.get(parts.path).status_code == 401
    assert stranger.get(f"{parts.path}?{parts.query[:-2]}xx").status_code == 401
    assert stranger.get(f"{urlsplit(second).path}?{parts.query}").status_code == 401
    later = parts.query.replace("expires=", "expires=9")
    assert stranger.get(f"{parts.path}?{later}").status_code == 401
    assert stranger.get(f"{parts.path}?expires={int(time.time()) - 5}&signature=x").status_code == 401
    assert stranger.get(f"{parts.path}?expires=0&signature=").status_code == 401


@pytest.mark.parametrize("entry", ["ten ant:key", "tenant:", ":key", "../x:key", "open:key", "outbox:key"])
def test_a_key_that_cannot_be_used_stops_the_start(entry):
    with pytest.raises(SettingsError, match="API_KEYS"):
        Keys([entry])
