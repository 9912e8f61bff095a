"""The node classes that the fake ComfyUI knows, and the check of a graph against them with the real error bodies.

Types, ranges and names are those that a real server tells at ``/object_info``; the order of the checks and the errors'
forms are those of its ``execution.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAMPLERS = ["euler", "euler_ancestral", "dpmpp_2m", "uni_pc", "lcm"]
SCHEDULERS = ["simple", "normal", "karras", "beta"]
DTYPES = ["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"]
CLIP_TYPES = ["stable_diffusion", "sd3", "wan", "qwen_image", "ltxv"]
DUAL_CLIP_TYPES = ["sdxl", "flux", "hunyuan_video", "hunyuan_video_15"]
MODELS: dict[str, list[str]] = {
    "diffusion_models": [
        "qwen_image_fp8_e4m3fn.safetensors",
        "qwen_image_edit_2509_fp8_e4m3fn.safetensors",
        "flux1-dev.safetensors",
        "flux1-dev-kontext_fp8_scaled.safetensors",
        "hunyuanvideo1.5_480p_i2v_step_distilled_fp16.safetensors",
        "wan2.1_i2v_480p_14B_fp8_scaled.safetensors",
        "wan2.2_ti2v_5B_fp16.safetensors",
        "another.safetensors",
    ],
    "text_encoders": [
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "clip_l.safetensors",
        "t5xxl_fp16.safetensors",
        "byt5_small_glyphxl_fp16.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    ],
    "vae": [
        "qwen_image_vae.safetensors",
        "ae.safetensors",
        "hunyuanvideo15_vae_fp16.safetensors",
        "wan_2.1_vae.safetensors",
        "wan2.2_vae.safetensors",
    ],
    "clip_vision": ["sigclip_vision_patch14_384.safetensors", "clip_vision_h.safetensors"],
    "checkpoints": ["sd_xl_base_1.0.safetensors", "svd_xt.safetensors", "ltx-video-2b-v0.9.5.safetensors"],
}
Spec = list[Any]


def one_of(choices: list[str]) -> Spec:
    return [choices]


def combo(choices: list[str]) -> Spec:
    """As nodes of the newer kind tell it."""
    return ["COMBO", {"options": choices}]


def whole(low: int, high: int = 16384) -> Spec:
    return ["INT", {"min": low, "max": high}]


def real(low: float, high: float) -> Spec:
    return ["FLOAT", {"min": low, "max": high}]


def link(kind: str) -> Spec:
    return [kind]


TEXT: Spec = ["STRING", {"multiline": True}]
FLAG: Spec = ["BOOLEAN", {}]
SEED = whole(0, 2**64 - 1)


def node(
    outputs: str, required: Mapping[str, Spec], optional: Mapping[str, Spec] | None = None, *, end: bool = False
) -> Any:
    return {
        "input": {"required": dict(required), "optional": dict(optional or {})},
        "output": outputs.split(),
        "output_node": end,
    }


def sized(step: int, **more: Spec) -> dict[str, Spec]:
    return {"width": whole(step), "height": whole(step), **more, "batch_size": whole(1, 4096)}


SAMPLE = {
    "steps": whole(1, 10000),
    "cfg": real(0.0, 100.0),
    "sampler_name": one_of(SAMPLERS),
    "scheduler": one_of(SCHEDULERS),
    "denoise": real(0.0, 1.0),
}
PAIR = {"positive": link("CONDITIONING"), "negative": link("CONDITIONING")}
PICTURES = {"image1": link("IMAGE"), "image2": link("IMAGE"), "image3": link("IMAGE")}
NODES: dict[str, Any] = {
    "UNETLoader": node("MODEL", {"unet_name": one_of(MODELS["diffusion_models"]), "weight_dtype": one_of(DTYPES)}),
    "CLIPLoader": node("CLIP", {"clip_name": one_of(MODELS["text_encoders"]), "type": one_of(CLIP_TYPES)}),
    "DualCLIPLoader": node(
        "CLIP",
        {
            "clip_name1": one_of(MODELS["text_encoders"]),
            "clip_name2": one_of(MODELS["text_encoders"]),
            "type": one_of(DUAL_CLIP_TYPES),
        },
    ),
    "VAELoader": node("VAE", {"vae_name": one_of(MODELS["vae"])}),
    "CLIPVisionLoader": node("CLIP_VISION", {"clip_name": one_of(MODELS["clip_vision"])}),
    "CheckpointLoaderSimple": node("MODEL CLIP VAE", {"ckpt_name": one_of(MODELS["checkpoints"])}),
    "ImageOnlyCheckpointLoader": node("MODEL CLIP_VISION VAE", {"ckpt_name": one_of(MODELS["checkpoints"])}),
    "LoadImage": node("IMAGE MASK", {"image": one_of([])}),
    "CLIPTextEncode": node("CONDITIONING", {"text": TEXT, "clip": link("CLIP")}),
    "TextEncodeQwenImageEditPlus": node(
        "CONDITIONING", {"clip": link("CLIP"), "prompt": TEXT}, {"vae": link("VAE"), **PICTURES}
    ),
    "FluxGuidance": node("CONDITIONING", {"conditioning": link("CONDITIONING"), "guidance": real(0.0, 100.0)}),
    "ConditioningZeroOut": node("CONDITIONING", {"conditioning": link("CONDITIONING")}),
    "FluxKontextImageScale": node("IMAGE", {"image": link("IMAGE")}),
    "VAEEncode": node("LATENT", {"pixels": link("IMAGE"), "vae": link("VAE")}),
    "ReferenceLatent": node("CONDITIONING", {"conditioning": link("CONDITIONING")}, {"latent": link("LATENT")}),
    "ModelSamplingAuraFlow": node("MODEL", {"model": link("MODEL"), "shift": real(0.0, 100.0)}),
    "ModelSamplingSD3": node("MODEL", {"model": link("MODEL"), "shift": real(0.0, 100.0)}),
    "CFGNorm": node("MODEL", {"model": link("MODEL"), "strength": real(0.0, 100.0)}),
    "EmptyLatentImage": node("LATENT", sized(16)),
    "EmptySD3LatentImage": node("LATENT", sized(16)),
    "KSampler": node(
        "LATENT", {"model": link("MODEL"), "seed": SEED, **SAMPLE, **PAIR, "latent_image": link("LATENT")}
    ),
    "VAEDecode": node("IMAGE", {"samples": link("LATENT"), "vae": link("VAE")}),
    "VAEDecodeTiled": node(
        "IMAGE",
        {
            "samples": link("LATENT"),
            "vae": link("VAE"),
            "tile_size": whole(64, 4096),
            "overlap": whole(0, 4096),
            "temporal_size": whole(8, 4096),
            "temporal_overlap": whole(4, 4096),
        },
    ),
    "CLIPVisionEncode": node(
        "CLIP_VISION_OUTPUT",
        {"clip_vision": link("CLIP_VISION"), "image": link("IMAGE"), "crop": one_of(["center", "none"])},
    ),
    "HunyuanVideo15ImageToVideo": node(
        "CONDITIONING CONDITIONING LATENT",
        {**PAIR, "vae": link("VAE"), **sized(16, length=whole(1))},
        {"start_image": link("IMAGE"), "clip_vision_output": link("CLIP_VISION_OUTPUT")},
    ),
    "WanImageToVideo": node(
        "CONDITIONING CONDITIONING LATENT",
        {**PAIR, "vae": link("VAE"), **sized(16, length=whole(1))},
        {"clip_vision_output": link("CLIP_VISION_OUTPUT"), "start_image": link("IMAGE")},
    ),
    "Wan22ImageToVideoLatent": node(
        "LATENT", {"vae": link("VAE"), **sized(32, length=whole(1))}, {"start_image": link("IMAGE")}
    ),
    "CFGGuider": node("GUIDER", {"model": link("MODEL"), **PAIR, "cfg": real(0.0, 100.0)}),
    "BasicScheduler": node(
        "SIGMAS",
        {
            "model": link("MODEL"),
            "scheduler": one_of(SCHEDULERS),
            "steps": whole(1, 10000),
            "denoise": real(0.0, 1.0),
        },
    ),
    "RandomNoise": node("NOISE", {"noise_seed": SEED}),
    "KSamplerSelect": node("SAMPLER", {"sampler_name": one_of(SAMPLERS)}),
    "SamplerCustomAdvanced": node(
        "LATENT LATENT",
        {
            "noise": link("NOISE"),
            "guider": link("GUIDER"),
            "sampler": link("SAMPLER"),
            "sigmas": link("SIGMAS"),
            "latent_image": link("LATENT"),
        },
    ),
    "SVD_img2vid_Conditioning": node(
        "CONDITIONING CONDITIONING LATENT",
        {
            "clip_vision": link("CLIP_VISION"),
            "init_image": link("IMAGE"),
            "vae": link("VAE"),
            "width": whole(16),
            "height": whole(16),
            "video_frames": whole(1, 4096),
            "motion_bucket_id": whole(1, 1023),
            "fps": whole(1, 1024),
            "augmentation_level": real(0.0, 10.0),
        },
    ),
    "VideoLinearCFGGuidance": node("MODEL", {"model": link("MODEL"), "min_cfg": real(0.0, 100.0)}),
    "LTXVImgToVideo": node(
        "CONDITIONING CONDITIONING LATENT",
        {
            **PAIR,
            "vae": link("VAE"),
            "image": link("IMAGE"),
            **sized(64, length=whole(9)),
            "strength": real(0.0, 1.0),
        },
    ),
    "LTXVConditioning": node("CONDITIONING CONDITIONING", {**PAIR, "frame_rate": real(0.0, 1000.0)}),
    "LTXVScheduler": node(
        "SIGMAS",
        {
            "steps": whole(1, 10000),
            "max_shift": real(0.0, 100.0),
            "base_shift": real(0.0, 100.0),
            "stretch": FLAG,
            "terminal": real(0.0, 0.99),
        },
        {"latent": link("LATENT")},
    ),
    "SamplerCustom": node(
        "LATENT LATENT",
        {
            "model": link("MODEL"),
            "add_noise": FLAG,
            "noise_seed": SEED,
            "cfg": real(0.0, 100.0),
            **PAIR,
            "sampler": link("SAMPLER"),
            "sigmas": link("SIGMAS"),
            "latent_image": link("LATENT"),
        },
    ),
    "CreateVideo": node("VIDEO", {"images": link("IMAGE"), "fps": real(1.0, 120.0)}, {"audio": link("AUDIO")}),
    "SaveVideo": node(
        "",
        {
            "video": link("VIDEO"),
            "filename_prefix": TEXT,
            "format": combo(["auto", "mp4"]),
            "codec": combo(["auto", "h264"]),
        },
        end=True,
    ),
    "SaveWEBM": node(
        "",
        {
            "images": link("IMAGE"),
            "filename_prefix": TEXT,
            "codec": one_of(["vp9", "av1"]),
            "fps": real(0.01, 1000.0),
            "crf": real(0.0, 63.0),
        },
        end=True,
    ),
    "VHS_VideoCombine": node(
        "",
        {
            "images": link("IMAGE"),
            "frame_rate": real(1.0, 120.0),
            "loop_count": whole(0, 100),
            "filename_prefix": TEXT,
            "format": one_of(["video/h264-mp4", "image/gif"]),
            "pingpong": FLAG,
            "save_output": FLAG,
        },
        end=True,
    ),
    "SaveImage": node("", {"images": link("IMAGE"), "filename_prefix": TEXT}, end=True),
    "PreviewImage": node("", {"images": link("IMAGE")}, end=True),
}


class Refused(Exception):
    """The graph is not run at all: the body of a 400."""

    def __init__(self, error: dict[str, Any], node_errors: dict[str, Any]) -> None:
        super().__init__(error["type"])
        self.body = {"error": error, "node_errors": node_errors}


def _error(kind: str, message: str, details: str = "", **extra: Any) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


class Check:
    """One graph against the nodes and the uploaded files. ``outputs`` are those that will be made."""

    def __init__(self, graph: dict[str, Any], uploaded: set[str]) -> None:
        self._graph = graph
        self._uploaded = uploaded
        self._valid: dict[str, bool] = {}
        self.node_errors: dict[str, Any] = {}
        self.outputs: list[str] = []
        for name, one in graph.items():
            if "class_type" not in one:
                text = "Cannot execute because a node is missing the class_type property."
                raise Refused(_error("invalid_prompt", text, f"Node ID '#{name}'"), {})
            if one["class_type"] not in NODES:
                text = f"Cannot execute because node {one['class_type']} does not exist."
                raise Refused(_error("invalid_prompt", text, f"Node ID '#{name}'"), {})
        ends = [name for name, one in graph.items() if NODES[one["class_type"]]["output_node"]]
        if not ends:
            raise Refused(_error("prompt_no_outputs", "Prompt has no outputs"), {})
        for end in ends:
            before = set(self.node_errors)
            if self._fine(end):
                self.outputs.append(end)
                continue
            for name in set(self.node_errors) - before or set(self.node_errors):
                self.node_errors[name]["dependent_outputs"].append(end)
        if not self.outputs:
            text = "Prompt outputs failed validation"
            raise Refused(_error("prompt_outputs_failed_validation", text), self.node_errors)

    def _fine(self, name: str) -> bool:
        if name not in self._valid:
            reasons: list[dict[str, Any]] = []
            inner = True
            one = self._graph[name]
            groups = NODES[one["class_type"]]["input"]
            for field, spec in {**groups["required"], **groups["optional"]}.items():
                inner = self._input(one, field, spec, field in groups["required"], reasons) and inner
            self._valid[name] = inner and not reasons
            if reasons:
                self.node_errors[name] = {
                    "errors": reasons,
                    "dependent_outputs": [],
                    "class_type": one["class_type"],
                }
        return self._valid[name]

    def _input(self, one: Any, field: str, spec: Spec, required: bool, reasons: list[dict[str, Any]]) -> bool:
        """Whether what is linked there is fine; what is wrong here goes to ``reasons``."""
        if field not in one["inputs"]:
            if required:
                reasons.append(_error("required_input_missing", "Required input is missing", field, input_name=field))
            return True
        value = one["inputs"][field]
        if isinstance(value, list):
            return self._link(field, spec, value, reasons)
        if problem := self._value(one, field, spec, value):
            reasons.append(problem)
        return True

    def _link(self, field: str, spec: Spec, value: list[Any], reasons: list[dict[str, Any]]) -> bool:
        if len(value) != 2:
            text = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            reasons.append(_error("bad_linked_input", text, field, input_name=field, received_value=value))
            return True
        if value[0] not in self._graph:
            text = "Exception when validating node"
            reasons.append(_error("exception_during_validation", text, f"'{value[0]}'", exception_type="KeyError"))
            return True
        given = NODES[self._graph[value[0]]["class_type"]]["output"][value[1]]
        if given != spec[0]:
            text = "Return type mismatch between linked nodes"
            details = f"{field}, received_type({given}) mismatch input_type({spec[0]})"
            reasons.append(_error("return_type_mismatch", text, details, input_name=field, linked_node=value))
            return True
        return self._fine(value[0])

    def _value(self, one: Any, field: str, spec: Spec, value: Any) -> dict[str, Any] | None:
        about = {"input_name": field, "input_config": spec, "received_value": value}
        if one["class_type"] == "LoadImage":
            if value in self._uploaded:
                return None
            text = "Custom validation failed for node"
            return _error("custom_validation_failed", text, f"{field} - Invalid image file: {value}", **about)
        choices = spec[0] if isinstance(spec[0], list) else spec[1]["options"] if spec[0] == "COMBO" else None
        if choices is not None:
            if value in choices:
                return None
            return _error("value_not_in_list", "Value not in list", f"{field}: '{value}' not in {choices}", **about)
        if spec[0] not in ("INT", "FLOAT"):
            return None
        try:
            number = int(value) if spec[0] == "INT" else float(value)
        except (TypeError, ValueError) as error:
            text = f"Failed to convert an input value to a {spec[0]} value"
            return _error("invalid_input_type", text, f"{field}, {value}, {error}", **about)
        if number < spec[1]["min"]:
            text = f"Value {number} smaller than min of {spec[1]['min']}"
            return _error("value_smaller_than_min", text, field, **about)
        if number > spec[1]["max"]:
            text = f"Value {number} bigger than max of {spec[1]['max']}"
            return _error("value_bigger_than_max", text, field, **about)
        return None
