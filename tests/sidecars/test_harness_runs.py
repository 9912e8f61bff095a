"""The life of a run, over real HTTP: taken, carried out, followed, fetched, canceled, forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from misbehaving import Crashes, EatsMemory, Polite, Stubborn, Untidy
from sidecar_serving import Serving, until

Serve = Callable[..., Serving]


def test_a_run_gets_its_files_and_leaves_its_results(serve: Serve) -> None:
    sidecar = serve(Polite())
    taken = sidecar.put("a1", {"say": "hello"}, {"image": ("Key Frame.PNG", b"png"), "audio": ("../x", b"wav")})
    assert taken.status_code == 202
    state = sidecar.ended("a1")
    assert state["state"] == "succeeded"
    assert state["progress"] == 1.0
    assert state["result"] == {"echo": {"say": "hello"}, "inputs": {"image": "image.PNG", "audio": "audio"}}
    assert state["files"] == ["copy-audio.bin", "copy-image.bin", "said.txt"]
    assert state["sizes"] == {"copy-audio.bin": 3, "copy-image.bin": 3, "said.txt": 5}
    said = sidecar.client.get("/runs/a1/files/said.txt")
    assert (said.text, said.headers["content-type"]) == ("hello", "text/plain; charset=utf-8")
    part = sidecar.client.get("/runs/a1/files/said.txt", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.text) == (206, "el")
    assert sidecar.client.get("/runs/a1/files/.hidden").status_code == 404
    assert sidecar.client.get("/runs/a1/files/..%2Frun.json").status_code == 404


def test_one_run_at_a_time_in_their_order(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model)
    for number in range(4):
        sidecar.put(f"r{number}", {"hold": number == 0})
    sidecar.until_running("r0")
    assert [sidecar.look(f"r{number}")["position"] for number in range(4)] == [0, 1, 2, 3]
    assert sidecar.health() | {"facts": None} == {
        "state": "busy",
        "detail": "",
        "name": "polite",
        "models": ["one"],
        "missing": {"two": "models/two is not there: ./deploy.sh fetch two"},
        "device": "cpu",
        "running": "r0",
        "queued": 3,
        "facts": None,
    }
    model.let_go.set()
    assert sidecar.ended("r3")["state"] == "succeeded"
    assert model.began == ["r0", "r1", "r2", "r3"]
    assert model.most_at_once == 1


def test_the_same_id_again_is_the_same_run(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model)
    assert sidecar.put("a1", {"say": "x"}, {"image": ("a.png", b"1")}).status_code == 202
    sidecar.ended("a1")
    again = sidecar.put("a1", {"say": "x"}, {"image": ("a.png", b"1")})
    assert (again.status_code, again.json()["state"]) == (200, "succeeded")
    assert model.began == ["a1"]


def test_another_request_under_a_known_id_is_refused(serve: Serve) -> None:
    sidecar = serve(Polite())
    sidecar.put("a1", {"say": "x"}, {"image": ("a.png", b"1")})
    for request, image in (({"say": "y"}, b"1"), ({"say": "x"}, b"2")):
        refused = sidecar.put("a1", request, {"image": ("a.png", image)})
        assert (refused.status_code, refused.json()["code"]) == (422, "VALIDATION_ERROR")
        assert refused.headers["content-type"] == "application/problem+json"


def test_whoever_waits_hears_of_every_change(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model)
    sidecar.put("a1", {"hold": True})
    until(lambda: sidecar.look("a1")["progress"] > 0)
    state = sidecar.look("a1")
    assert (state["state"], state["progress"], state["message"]) == ("running", 0.25, "one step")
    threading.Timer(0.1, model.let_go.set).start()
    after = sidecar.look("a1", wait_s=15, revision=state["revision"])
    assert after["revision"] > state["revision"]
    assert after["state"] == "succeeded"


def test_a_look_with_nothing_new_ends_when_its_time_is_over(serve: Serve) -> None:
    sidecar = serve(Polite())
    sidecar.put("a1", {"hold": True})
    until(lambda: sidecar.look("a1")["progress"] > 0)
    state = sidecar.look("a1")
    assert sidecar.look("a1", wait_s=0.05, revision=state["revision"]) == state


def test_a_running_run_stops_at_its_next_step(serve: Serve) -> None:
    sidecar = serve(Polite())
    sidecar.put("a1", {"hold": True})
    sidecar.put("a2", {})
    sidecar.until_running("a1")
    assert sidecar.client.post("/runs/a1/cancel").status_code == 200
    state = sidecar.ended("a1")
    assert (state["state"], state["error"]["code"]) == ("canceled", "CANCELED")
    assert sidecar.ended("a2")["state"] == "succeeded"


def test_a_waiting_run_is_canceled_without_having_begun(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model)
    sidecar.put("a1", {"hold": True})
    sidecar.put("a2", {}, {"image": ("a.png", b"1")})
    sidecar.until_running("a1")
    assert sidecar.client.post("/runs/a2/cancel").json()["state"] == "canceled"
    assert not (sidecar.settings.data_dir / "runs" / "a2" / "in").exists()  # type: ignore[operator]
    model.let_go.set()
    sidecar.ended("a1")
    assert model.began == ["a1"]


def test_a_forgotten_run_is_gone_with_its_files(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model)
    folder = sidecar.settings.data_dir / "runs"  # type: ignore[operator]
    sidecar.put("a1", {"say": "x"})
    sidecar.ended("a1")
    sidecar.put("a2", {"hold": True})
    sidecar.until_running("a2")
    for run_id in ("a1", "a2", "never"):
        assert sidecar.client.delete(f"/runs/{run_id}").status_code == 204
        assert sidecar.client.get(f"/runs/{run_id}").status_code == 404
    until(lambda: model.ended == ["a1", "a2"] and list(folder.iterdir()) == [])


def test_runs_of_the_loaded_model_come_first_but_not_for_ever(serve: Serve) -> None:
    model = Polite()
    sidecar = serve(model, in_a_row=2)
    sidecar.put("hold", {"hold": True, "model": "a"})
    sidecar.until_running("hold")
    for run_id in ("b1", "a1", "a2", "b2", "a3"):
        sidecar.put(run_id, {"model": run_id[0]})
    model.let_go.set()
    for run_id in ("b1", "a1", "a2", "b2", "a3"):
        sidecar.ended(run_id)
    assert model.began == ["hold", "a1", "b1", "b2", "a2", "a3"]


def test_out_of_memory_frees_first_and_can_be_tried_again(serve: Serve) -> None:
    model = EatsMemory()
    sidecar = serve(model)
    sidecar.put("a1")
    error = sidecar.ended("a1")["error"]
    assert (error["code"], error["retryable"]) == ("ENGINE_FAILED", True)
    assert "out of memory" in error["detail"]
    assert (model.freed, model.alive_when_freed) == (1, 0)
    sidecar.put("a2")
    assert sidecar.ended("a2")["state"] == "succeeded"


def test_a_crash_fails_its_run_and_no_other(serve: Serve) -> None:
    sidecar = serve(Crashes())
    errors = {}
    for how in ("zero", "exit", "disk", "request"):
        sidecar.put(how, {"how": how})
        state = sidecar.ended(how)
        assert (state["state"], state["files"]) == ("failed", [])
        errors[how] = (state["error"]["code"], state["error"]["detail"], state["error"]["retryable"])
    assert errors == {
        "zero": ("ENGINE_FAILED", "division by zero: ZeroDivisionError", False),
        "disk": ("INTERNAL_ERROR", "No space is left for the results of the run", True),
        "exit": ("ENGINE_FAILED", "3: SystemExit", False),
        "request": ("VALIDATION_ERROR", "width must be a multiple of 16", False),
    }
    sidecar.put("fine", {"how": "fine"})
    assert sidecar.ended("fine")["state"] == "succeeded"


def test_what_cannot_be_served_is_a_failure(serve: Serve) -> None:
    sidecar = serve(Untidy())
    said = {}
    for leave in ("name", "link", "nan", "object", "folder"):
        sidecar.put(leave, {"leave": leave})
        said[leave] = (sidecar.ended(leave)["error"] or {}).get("detail", "")
    assert "cannot be served" in said["name"] and "cannot be served" in said["link"]
    assert "no JSON" in said["nan"] and "no JSON" in said["object"]
    assert said["folder"] == "" and sidecar.look("folder")["files"] == []


def test_a_run_that_does_not_stop_is_given_up_and_nobody_is_put_behind_it(serve: Serve) -> None:
    model = Stubborn()
    sidecar = serve(model, stop_s=0.05)
    sidecar.put("a1", {"hold": True})
    sidecar.put("a2", {})
    sidecar.until_running("a1")
    sidecar.client.post("/runs/a1/cancel")
    assert sidecar.ended("a1")["state"] == "canceled"
    health = sidecar.client.get("/health")
    assert (health.status_code, health.json()["state"]) == (503, "failed")
    assert "a1 was told to stop" in health.json()["detail"]
    refused = sidecar.put("a3", {})
    assert (refused.status_code, refused.json()["code"]) == (503, "ENGINE_UNAVAILABLE")
    model.let_go.set()
    assert sidecar.ended("a2")["state"] == "succeeded"
    assert sidecar.until_health("ready")["detail"] == ""
    assert sidecar.look("a1")["state"] == "canceled"


def test_a_run_that_takes_too_long_has_failed(serve: Serve) -> None:
    sidecar = serve(Polite(), run_limit_s=0.05)
    sidecar.put("a1", {"hold": True})
    error = sidecar.ended("a1")["error"]
    assert (error["code"], error["retryable"]) == ("ENGINE_TIMEOUT", True)


def test_finished_runs_are_kept_for_their_time_and_up_to_a_size(serve: Serve, tmp_path: Path) -> None:
    sidecar = serve(Polite(), keep_bytes=250)
    for number in range(4):
        sidecar.put(f"r{number}", {"say": "x" * 100})
        sidecar.ended(f"r{number}")
    until(lambda: sidecar.client.get("/runs/r1").status_code == 404)
    assert [sidecar.client.get(f"/runs/r{number}").status_code for number in range(4)] == [404, 404, 200, 200]
    short = serve(Polite(), keep_s=0.05, data_dir=tmp_path / "short")
    short.put("r", {"say": "x"})
    until(lambda: short.client.get("/runs/r").status_code == 404)
    assert list((tmp_path / "short" / "runs").iterdir()) == []
