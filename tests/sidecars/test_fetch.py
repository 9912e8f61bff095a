"""Fetching weights from a hub on loopback: whole or not at all, resumed, pinned, and with plain reasons."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.hub import COMMIT, FakeHub
from sidecar_serving import until

from app.sidecars.weights import ENGINES, WEIGHTS, revisions, weights_missing

pytest.importorskip("huggingface_hub", reason="requirements-diffusion.txt is not installed")
ROOT = Path(__file__).resolve().parents[2]
WAN = "Wan-AI/Wan2.1-I2V-14B-720P-Diffusers"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        hub.repos[WAN] = {
            "model_index.json": b'{"_class_name": "WanImageToVideoPipeline"}',
            "transformer/config.json": b"{}",
            "transformer/diffusion_pytorch_model.safetensors": os.urandom(300),
            "transformer/diffusion_pytorch_model.fp16.safetensors": b"not wanted",
            "single.safetensors": b"not wanted",
            "README.md": b"not wanted",
        }
        yield hub


def command(hub: FakeHub, *words: str) -> dict[str, Any]:
    """As a user gives it, in a process of its own: the hub's library reads its settings once."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    ours = {
        "PYTHONPATH": str(ROOT),
        "HF_ENDPOINT": hub.url,
        "GITHUB_ENDPOINT": hub.url,
        "HF_HOME": str(Path.cwd() / "hf"),
    }
    return {
        "args": [sys.executable, "-m", "app.sidecars.fetch", *words],
        "env": {**plain, **ours, "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def fetch(hub: FakeHub, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(**command(hub, *words), timeout=60)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_model_comes_whole_and_its_commit_is_kept(hub: FakeHub, tmp_path: Path) -> None:
    done = fetch(hub, "wan-720p")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "models" / "wan-720p"
    assert files_in(folder) == [
        ".files.json",
        ".revision",
        "model_index.json",
        "transformer/config.json",
        "transformer/diffusion_pytorch_model.safetensors",
    ]
    assert revisions(folder) == {WAN: COMMIT}
    assert weights_missing("wan-720p", folder) == ""
    asked = len(hub.sent)
    assert "complete" in fetch(hub, "wan-720p").stdout
    assert len(hub.sent) == asked


def test_what_was_broken_off_goes_on_with_the_missing_files_of_the_same_commit(hub: FakeHub, tmp_path: Path) -> None:
    large, mib = "transformer/diffusion_pytorch_model.safetensors", 1 << 20
    hub.repos[WAN][large] = os.urandom(13 * mib)
    hub.stall_after[large] = 12 * mib
    folder = tmp_path / "models" / "wan-720p"
    broken = subprocess.Popen(**command(hub, "wan-720p"))
    until(lambda: any(path.stat().st_size for path in folder.rglob("*.incomplete")))
    until(lambda: any(folder.rglob("model_index.json")) and any(folder.rglob("transformer/config.json")))
    at_once = fetch(hub, "wan-720p")
    assert at_once.returncode == 1 and "Another fetch" in at_once.stderr
    broken.kill()
    broken.communicate()
    assert not (folder / "model_index.json").exists()
    assert "not finished: ./deploy.sh fetch wan-720p" in weights_missing("wan-720p", folder)
    hub.stall_after.clear()
    hub.move()
    hub.ranges.clear()
    assert fetch(hub, "wan-720p").returncode == 0
    assert [path for path, _ in hub.ranges] == [large]
    assert (folder / large).read_bytes() == hub.repos[WAN][large]
    assert revisions(folder) == {WAN: COMMIT}
    assert files_in(folder)[:3] == [".files.json", ".revision", "model_index.json"]


def test_a_file_that_was_lost_is_fetched_again_and_no_other(hub: FakeHub, tmp_path: Path) -> None:
    fetch(hub, "wan-720p")
    folder = tmp_path / "models" / "wan-720p"
    (folder / "transformer" / "config.json").write_text("{} and more")
    (folder / "model_index.json").unlink()
    assert weights_missing("wan-720p", folder).endswith(
        "lacks model_index.json and 1 more files: ./deploy.sh fetch wan-720p"
    )
    hub.ranges.clear()
    assert fetch(hub, "wan-720p").returncode == 0
    assert sorted(path for path, _ in hub.ranges) == ["model_index.json", "transformer/config.json"]
    assert weights_missing("wan-720p", folder) == ""


def test_parts_of_several_repositories_lie_where_the_sidecar_looks(hub: FakeHub, tmp_path: Path) -> None:
    hub.repos["XLabs-AI/flux-ip-adapter"] = {"ip_adapter.safetensors": b"adapter", "flux-ip-adapter.safetensors": b"no"}
    hub.repos["openai/clip-vit-large-patch14"] = {
        "config.json": b"{}", "model.safetensors": b"vision", "preprocessor_config.json": b"{}", "tf_model.h5": b"no",
    }  # fmt: skip
    hub.repos["h94/IP-Adapter"] = {
        "sdxl_models/ip-adapter_sdxl.safetensors": b"adapter",
        "sdxl_models/image_encoder/config.json": b"{}",
        "sdxl_models/image_encoder/model.safetensors": b"vision",
        "models/image_encoder/config.json": b"{}",
    }
    done = fetch(hub, "flux-ip-adapter", "sdxl-ip-adapter", "--accept-licence")
    assert done.returncode == 0, done.stderr
    assert [name for name in files_in(tmp_path / "models" / "flux-ip-adapter") if not name.startswith(".")] == [
        "image_encoder/config.json",
        "image_encoder/model.safetensors",
        "image_encoder/preprocessor_config.json",
        "ip_adapter.safetensors",
    ]
    assert [name for name in files_in(tmp_path / "models" / "sdxl-ip-adapter") if not name.startswith(".")] == [
        "image_encoder/config.json",
        "image_encoder/model.safetensors",
        "ip-adapter_sdxl.safetensors",
    ]


def test_a_program_comes_at_its_commit_with_what_it_needs(hub: FakeHub, tmp_path: Path) -> None:
    hub.archives["FunAudioLLM/CosyVoice"] = {"cosyvoice/cli/cosyvoice.py": b"code", "../escape.txt": b"evil"}
    hub.archives["shivammehta25/Matcha-TTS"] = {"matcha/__init__.py": b""}
    hub.repos["FunAudioLLM/CosyVoice2-0.5B"] = {"cosyvoice2.yaml": b"x", "llm.pt": b"weights", "asset/x.png": b"no"}
    done = fetch(hub, "cosyvoice")
    assert done.returncode == 1, "an archive that leads out of its folder is refused"
    del hub.archives["FunAudioLLM/CosyVoice"]["../escape.txt"]
    done = fetch(hub, "cosyvoice")
    assert done.returncode == 0, done.stderr
    code = tmp_path / "models" / "cosyvoice-code"
    assert [name for name in files_in(code) if not name.startswith(".")] == [
        "cosyvoice/cli/cosyvoice.py",
        "third_party/Matcha-TTS/matcha/__init__.py",
    ]
    assert revisions(code)["FunAudioLLM/CosyVoice"] == "ace7c47f41bbd303aa6bf1ea80e6f9fbd595cd40"
    assert (tmp_path / "models" / "cosyvoice2" / "llm.pt").read_bytes() == b"weights"


def test_packed_weights_are_unpacked_into_their_folder(hub: FakeHub, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("train_log/flownet.pkl", b"weights")
        file.writestr("train_log/RIFE_HDv3.py", b"code")
        file.writestr("__MACOSX/train_log/._flownet.pkl", b"rubbish")
    hub.archives["hzwer/Practical-RIFE"] = {"inference_video.py": b"code", "model/loss.py": b"code"}
    hub.repos["hzwer/RIFE"] = {"RIFEv4.26_0921.zip": packed.getvalue()}
    done = fetch(hub, "rife")
    assert done.returncode == 0, done.stderr
    assert [name for name in files_in(tmp_path / "video_enhance" / "RIFE") if not name.startswith(".")] == [
        "inference_video.py",
        "model/loss.py",
        "train_log/RIFE_HDv3.py",
        "train_log/flownet.pkl",
    ]


def test_a_limited_licence_must_be_accepted_in_so_many_words(hub: FakeHub, tmp_path: Path) -> None:
    refused = fetch(hub, "hunyuan")
    assert refused.returncode == 2
    assert "European Union, the United Kingdom and South Korea" in refused.stdout
    assert "--accept-licence" in refused.stderr
    assert not hub.sent and not (tmp_path / "models").exists()


def test_a_page_that_must_be_agreed_to_is_named_and_a_token_opens_it(hub: FakeHub, tmp_path: Path) -> None:
    repo = "black-forest-labs/FLUX.1-dev"
    hub.repos[repo] = {"model_index.json": b"{}"}
    hub.gated.add(repo)
    refused = fetch(hub, "flux", "--accept-licence")
    assert refused.returncode == 1
    assert f"https://huggingface.co/{repo}" in refused.stderr and "HF_TOKEN" in refused.stderr
    (tmp_path / ".env").write_text("HF_TOKEN=hf_right\n")
    opened = fetch(hub, "flux", "--accept-licence")
    assert opened.returncode == 0, opened.stderr
    assert "hf_right" not in opened.stdout + opened.stderr
    assert revisions(tmp_path / "models" / "flux") == {repo: "3de623fc3c33e44ffbe2bad470d0f45bccf2eb21"}


def test_what_cannot_be_had_is_said_plainly(hub: FakeHub, tmp_path: Path) -> None:
    unknown = fetch(hub, "sdxl3")
    assert unknown.returncode == 2 and "no weights called sdxl3; known: " in unknown.stderr
    gone = fetch(hub, "wan-5b")
    assert gone.returncode == 1 and "Wan-AI/Wan2.2-TI2V-5B-Diffusers is not there" in gone.stderr
    hub.stop_listening()
    silent = fetch(hub, "wan-720p")
    assert silent.returncode == 1 and f"{WAN} could not be reached" in silent.stderr
    assert "Traceback" not in unknown.stderr + gone.stderr + silent.stderr


def test_weights_may_lie_in_a_folder_of_ones_own(hub: FakeHub, tmp_path: Path) -> None:
    assert fetch(hub, "wan-720p", "--folder", "elsewhere").returncode == 0
    assert (tmp_path / "elsewhere" / "model_index.json").is_file()
    assert fetch(hub, "cosyvoice", "--folder", "elsewhere").returncode == 2
    own = tmp_path / "own"
    assert "is not there: ./deploy.sh fetch sdxl" in weights_missing("sdxl", own)
    own.mkdir()
    assert "is empty" in weights_missing("sdxl", own)
    (own / "model_index.json").write_text("{}")
    assert weights_missing("sdxl", own) == ""


def test_the_table_is_sound(hub: FakeHub) -> None:
    listed = fetch(hub, "--list")
    assert listed.returncode == 0
    for name, weights in WEIGHTS.items():
        assert name in listed.stdout and weights.licence in listed.stdout
        for source in weights.sources:
            assert source.revision == "main" or len(source.revision) == 40
            assert source.kind == "hub" or source.revision != "main"
    assert all(name in WEIGHTS for names in ENGINES.values() for name in names)
    assert json.loads(json.dumps(list(WEIGHTS)))
