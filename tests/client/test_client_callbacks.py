"""The receiver's side: what the service signs is taken, and nothing else."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from app.client import BadSignature, verify_callback
from app.services.callbacks import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"type": "video.succeeded", "timestamp": "t", "data": {"operation": {"job_id": "j"}, "名": "片"}})


def signed(body: str = BODY, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    stamp = str(int(at.timestamp()))
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": sign(secret, "msg_1", at, body)}


@pytest.mark.parametrize("secret", [SECRET, "plain text", "密钥"])
def test_what_the_service_signs_is_taken_as_text_or_bytes_and_with_headers_in_any_case(secret: str) -> None:
    secret = secret.replace(" ", "-")
    headers = {name.title(): value for name, value in signed(secret=secret).items()}
    for body in (BODY, BODY.encode()):
        got = verify_callback(headers, body, secret)
        assert (got.id, got.type, got.operation.job_id) == ("msg_1", "video.succeeded", "j")


def test_the_vector_of_the_specification_is_taken() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    got = verify_callback(headers, '{"test": 2432232314}', SECRET, tolerance_s=time.time())
    assert got.model_extra == {"test": 2432232314}


def test_both_keys_are_good_while_one_is_rotated() -> None:
    assert verify_callback(signed(secret=f"old-key {SECRET}"), BODY, SECRET).id == "msg_1"
    assert verify_callback(signed(secret="old-key"), BODY, f"{SECRET} old-key").id == "msg_1"


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({}, BODY.replace("succeeded", "failed")),
        ({"webhook-id": "msg_2"}, BODY),
        ({"webhook-signature": "v1,AAAA"}, BODY),
        ({"webhook-signature": "v1"}, BODY),
        ({"webhook-signature": "v1,\udcff密"}, BODY),
        ({"webhook-signature": ""}, BODY),
        ({"webhook-timestamp": "soon"}, BODY),
        ({"webhook-timestamp": "9" * 400}, BODY),
        ({"webhook-timestamp": str(int(time.time()) + 1)}, BODY),
    ],
)
def test_what_was_changed_on_the_way_is_refused(change: dict[str, str], body: str) -> None:
    with pytest.raises(BadSignature):
        verify_callback(signed() | change, body, SECRET)


def test_another_secret_and_another_version_are_refused() -> None:
    with pytest.raises(BadSignature, match="wrong"):
        verify_callback(signed(secret="another"), BODY, SECRET)
    headers = signed()
    with pytest.raises(BadSignature, match="wrong"):
        verify_callback(
            headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}, BODY, SECRET
        )
    with pytest.raises(BadSignature, match="not signed"):
        verify_callback({}, BODY, SECRET)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_callback_of_more_than_five_minutes_ago_or_ahead_is_refused(minutes: int) -> None:
    with pytest.raises(BadSignature, match="timestamp"):
        verify_callback(signed(at=datetime.now(UTC) + timedelta(minutes=minutes)), BODY, SECRET)


@pytest.mark.parametrize("body", ["[1]", "not json"])
def test_a_signed_body_that_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(BadSignature):
        verify_callback(signed(body), body, SECRET)


@pytest.mark.parametrize("secret", ["", " ", "whsec_", "whsec_a"])
def test_a_secret_that_is_none_is_the_receivers_own_mistake(secret: str) -> None:
    with pytest.raises(ValueError):
        verify_callback(signed(), BODY, secret)
