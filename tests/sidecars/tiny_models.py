"""Real diffusers pipelines with tiny random weights: everything but the quality is as with the published ones.

Nothing is downloaded: tokenizers are made in code. ``write(folder, names)`` leaves one folder per model, as the
sidecar's MODELS_DIR wants it.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import diffusers as D
import torch
from diffusers.guiders import ClassifierFreeGuidance
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection
from diffusers.models.transformers.transformer_flux import FluxIPAdapterAttnProcessor
from safetensors.torch import save_file
from transformers import (
    ByT5Tokenizer,
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
    CLIPVisionModelWithProjection,
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    Qwen2Tokenizer,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
)


# ------------------------------------------------------------------ tokenizers (no files needed)
def _byte_alphabet() -> list[str]:
    """The 256 printable stand-ins that byte-level BPE uses for raw bytes."""
    bs = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    cs, n = bs[:], 0
    for b in range(256):
        if b not in bs:
            bs.append(b)
            cs.append(256 + n)
            n += 1
    return [chr(c) for c in cs]


def tiny_clip_tokenizer(max_length: int = 77) -> CLIPTokenizer:
    # bos must be 0 and eos 2 to agree with the tiny CLIPTextConfig (pooled output is taken at eos).
    pieces = ["<|startoftext|>", "!", "<|endoftext|>"]
    alpha = _byte_alphabet()
    pieces += [a for a in alpha if a != "!"] + [a + "</w>" for a in alpha]
    vocab = {p: i for i, p in enumerate(pieces)}
    return CLIPTokenizer(vocab=vocab, merges=[], model_max_length=max_length)


def tiny_t5_tokenizer(max_length: int = 64) -> T5Tokenizer:
    chars = [chr(c) for c in range(33, 127)]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0)] + [(c, -3.0) for c in chars]
    return T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=max_length)


QWEN_CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_qwen2_tokenizer() -> Qwen2Tokenizer:
    vocab = {p: i for i, p in enumerate(_byte_alphabet())}
    vocab["<|endoftext|>"] = len(vocab)
    tok = Qwen2Tokenizer(vocab=vocab, merges=[])
    tok.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tok.chat_template = QWEN_CHAT_TEMPLATE
    return tok


# ------------------------------------------------------------------ text encoders
def tiny_clip_text_config() -> CLIPTextConfig:
    return CLIPTextConfig(
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
        hidden_size=32,
        intermediate_size=37,
        layer_norm_eps=1e-05,
        num_attention_heads=4,
        num_hidden_layers=5,
        vocab_size=1000,
        hidden_act="gelu",
        projection_dim=32,
    )


def tiny_t5(vocab_size: int = 512, d_model: int = 32) -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=vocab_size,
            d_model=d_model,
            d_kv=8,
            d_ff=37,
            num_layers=2,
            num_heads=4,
            relative_attention_num_buckets=8,
            dropout_rate=0.0,
            pad_token_id=0,
            eos_token_id=1,
        )
    ).eval()


def tiny_umt5(vocab_size: int = 512, d_model: int = 32) -> UMT5EncoderModel:
    return UMT5EncoderModel(
        UMT5Config(
            vocab_size=vocab_size,
            d_model=d_model,
            d_kv=8,
            d_ff=37,
            num_layers=2,
            num_heads=4,
            relative_attention_num_buckets=8,
            dropout_rate=0.0,
            pad_token_id=0,
            eos_token_id=1,
        )
    ).eval()


# ------------------------------------------------------------------ pipelines
def tiny_flux(cls=None, guidance_embeds: bool = False, num_layers: int = 2, num_single_layers: int = 2):
    cls = cls or D.FluxPipeline
    torch.manual_seed(0)
    transformer = D.FluxTransformer2DModel(
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=num_layers,
        num_single_layers=num_single_layers,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
        guidance_embeds=guidance_embeds,
    )
    vae = D.AutoencoderKL(
        sample_size=32,
        in_channels=3,
        out_channels=3,
        block_out_channels=(4,),
        layers_per_block=1,
        latent_channels=1,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0609,
        scaling_factor=1.5035,
    )
    return cls(
        scheduler=D.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        transformer=transformer,
        text_encoder=CLIPTextModel(tiny_clip_text_config()).eval(),
        tokenizer=tiny_clip_tokenizer(),
        text_encoder_2=tiny_t5(),
        tokenizer_2=tiny_t5_tokenizer(),
    )


def tiny_flux_dev():
    return tiny_flux(guidance_embeds=True)  # FLUX.1-dev style: distilled guidance is a model input


def tiny_flux_kontext():
    return tiny_flux(D.FluxKontextPipeline)


def _tiny_vae():
    return D.AutoencoderKL(
        block_out_channels=(32, 64),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        sample_size=128,
    )


def tiny_sd21():
    torch.manual_seed(0)
    unet = D.UNet2DConditionModel(
        block_out_channels=(4, 8),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=2,
        cross_attention_dim=32,
        norm_num_groups=2,
    )
    return D.StableDiffusionPipeline(
        unet=unet,
        vae=_tiny_vae(),
        scheduler=D.DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False),
        text_encoder=CLIPTextModel(tiny_clip_text_config()).eval(),
        tokenizer=tiny_clip_tokenizer(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tiny_sdxl():
    torch.manual_seed(0)
    unet = D.UNet2DConditionModel(
        block_out_channels=(2, 4),
        layers_per_block=2,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=80,  # 6 time ids * 8 + pooled 32
        cross_attention_dim=64,
        norm_num_groups=1,
    )
    cfg = tiny_clip_text_config()
    return D.StableDiffusionXLPipeline(
        unet=unet,
        vae=_tiny_vae(),
        scheduler=D.EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            steps_offset=1,
            beta_schedule="scaled_linear",
            timestep_spacing="leading",
        ),
        text_encoder=CLIPTextModel(cfg).eval(),
        tokenizer=tiny_clip_tokenizer(),
        text_encoder_2=CLIPTextModelWithProjection(cfg).eval(),
        tokenizer_2=tiny_clip_tokenizer(),
    )


def tiny_cogvideox_i2v(num_layers: int = 2):  # >= 2: FirstBlockCache needs a leader and a tail block
    torch.manual_seed(0)
    transformer = D.CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        in_channels=8,
        out_channels=4,
        time_embed_dim=2,
        text_embed_dim=32,
        num_layers=num_layers,
        sample_width=2,
        sample_height=2,
        sample_frames=9,
        patch_size=2,
        temporal_compression_ratio=4,
        max_text_seq_length=16,
        use_rotary_positional_embeddings=True,
        use_learned_positional_embeddings=True,
    )
    vae = D.AutoencoderKLCogVideoX(
        in_channels=3,
        out_channels=3,
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=2,
        temporal_compression_ratio=4,
    )
    return D.CogVideoXImageToVideoPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=D.CogVideoXDPMScheduler(),
        text_encoder=tiny_t5(),
        tokenizer=tiny_t5_tokenizer(16),
    )


def tiny_svd():
    torch.manual_seed(0)
    unet = D.UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=2,
        sample_size=32,
        in_channels=8,
        out_channels=4,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=32,
        num_attention_heads=8,
        projection_class_embeddings_input_dim=96,
        addition_time_embed_dim=32,
    )
    scheduler = D.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        interpolation_type="linear",
        num_train_timesteps=1000,
        prediction_type="v_prediction",
        sigma_max=700.0,
        sigma_min=0.002,
        steps_offset=1,
        timestep_spacing="leading",
        timestep_type="continuous",
        use_karras_sigmas=True,
    )
    vae = D.AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 64),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 2,
        latent_channels=4,
    )
    # The pipeline always resizes PIL input to 224x224 before the image encoder, so image_size must be 224
    # (diffusers' own test uses 32 only because it feeds a tensor, which skips that resize).
    image_encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32,
            projection_dim=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=224,
            intermediate_size=37,
            patch_size=56,
        )
    ).eval()
    return D.StableVideoDiffusionPipeline(
        unet=unet,
        vae=vae,
        scheduler=scheduler,
        image_encoder=image_encoder,
        feature_extractor=CLIPImageProcessor(crop_size=224, size=224),
    )


def tiny_hunyuan15_i2v(guidance_scale: float = 1.0, num_layers: int = 2):
    torch.manual_seed(0)
    transformer = D.HunyuanVideo15Transformer3DModel(
        in_channels=9,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        num_layers=num_layers,
        num_refiner_layers=1,
        mlp_ratio=2.0,
        patch_size=1,
        patch_size_t=1,
        text_embed_dim=16,
        text_embed_2_dim=32,
        image_embed_dim=12,
        rope_axes_dim=(2, 2, 4),
        target_size=16,
        task_type="i2v",
    )
    vae = D.AutoencoderKLHunyuanVideo15(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        block_out_channels=(16, 16),
        layers_per_block=1,
        spatial_compression_ratio=4,
        temporal_compression_ratio=2,
        downsample_match_channel=False,
        upsample_match_channel=False,
    )
    tokenizer = tiny_qwen2_tokenizer()
    text_encoder = Qwen2_5_VLTextModel(
        Qwen2_5_VLTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=None,
            rope_parameters={"mrope_section": [1, 1, 2], "rope_type": "default", "rope_theta": 1000000.0},
        )
    ).eval()
    # SigLIP: 12-wide to agree with image_embed_dim; the real model yields 729 tokens, any count works.
    image_encoder = SiglipVisionModel(
        SiglipVisionConfig(
            hidden_size=12,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            image_size=16,
            patch_size=4,
        )
    ).eval()
    return D.HunyuanVideo15ImageToVideoPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=D.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        text_encoder_2=tiny_t5(vocab_size=384),
        tokenizer_2=ByT5Tokenizer(extra_ids=125),
        guider=ClassifierFreeGuidance(guidance_scale=guidance_scale),
        image_encoder=image_encoder,
        feature_extractor=SiglipImageProcessor(size={"height": 16, "width": 16}),
    )


def tiny_wan_i2v(num_layers: int = 2):
    torch.manual_seed(0)
    vae = D.AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    transformer = D.WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36,
        out_channels=16,
        text_dim=32,
        freq_dim=256,
        ffn_dim=32,
        num_layers=num_layers,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        image_dim=4,
    )
    image_encoder = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=4,
            projection_dim=4,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=32,
            intermediate_size=16,
            patch_size=1,
        )
    ).eval()
    return D.WanImageToVideoPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=D.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=tiny_umt5(),
        tokenizer=tiny_t5_tokenizer(16),
        image_encoder=image_encoder,
        image_processor=CLIPImageProcessor(crop_size=32, size=32),
        transformer_2=None,
    )


def tiny_ltx(num_layers: int = 2):
    torch.manual_seed(0)
    transformer = D.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        patch_size=1,
        patch_size_t=1,
        num_attention_heads=2,
        attention_head_dim=12,
        cross_attention_dim=24,
        num_layers=num_layers,
        caption_channels=32,
    )
    vae = D.AutoencoderKLLTXVideo(
        in_channels=3,
        out_channels=3,
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, True, False),
        decoder_spatio_temporal_scaling=(True, True, True, False),
        decoder_inject_noise=(False,) * 5,
        upsample_residual=(False,) * 4,
        upsample_factor=(1, 1, 1, 1),
        timestep_conditioning=False,
        patch_size=4,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
    # Published as text-to-video; the sidecar loads it to animate a picture.
    return D.LTXPipeline(
        transformer=transformer,
        vae=vae,
        scheduler=D.FlowMatchEulerDiscreteScheduler(),
        text_encoder=tiny_t5(),
        tokenizer=tiny_t5_tokenizer(16),
    )


# ------------------------------------------------------------------ IP-Adapter (identity reference) files
def _tiny_clip_vision(projection_dim: int) -> CLIPVisionModelWithProjection:
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32,
            projection_dim=projection_dim,
            num_hidden_layers=1,
            num_attention_heads=4,
            image_size=224,
            intermediate_size=37,
            patch_size=56,
        )
    ).eval()


def _image_proj_sd(cross_dim: int, embed_dim: int) -> dict:
    sd = ImageProjection(cross_attention_dim=cross_dim, image_embed_dim=embed_dim, num_image_text_embeds=4).state_dict()
    return {
        "proj.weight": sd["image_embeds.weight"],
        "proj.bias": sd["image_embeds.bias"],
        "norm.weight": sd["norm.weight"],
        "norm.bias": sd["norm.bias"],
    }


def write_tiny_flux_ip_adapter(folder: Path, transformer) -> None:
    """Writes ip_adapter.safetensors + image_encoder/ ; keys are image_proj.* and ip_adapter.<double block no>.*"""
    cfg = transformer.config
    hidden = cfg.num_attention_heads * cfg.attention_head_dim
    out = {f"image_proj.{k}": v for k, v in _image_proj_sd(cfg.joint_attention_dim, cfg.pooled_projection_dim).items()}
    for i in range(cfg.num_layers):  # double-stream blocks only
        sd = FluxIPAdapterAttnProcessor(hidden_size=hidden, cross_attention_dim=cfg.joint_attention_dim).state_dict()
        for n in ("to_k_ip", "to_v_ip"):
            out[f"ip_adapter.{i}.{n}.weight"] = sd[f"{n}.0.weight"]
            out[f"ip_adapter.{i}.{n}.bias"] = sd[f"{n}.0.bias"]
    save_file({k: v.contiguous() for k, v in out.items()}, folder / "ip_adapter.safetensors")
    _tiny_clip_vision(cfg.pooled_projection_dim).save_pretrained(folder / "image_encoder")
    CLIPImageProcessor(crop_size=224, size=224).save_pretrained(folder / "image_encoder")


def write_tiny_sdxl_ip_adapter(folder: Path, unet) -> None:
    dim, boc, key_id = unet.config.cross_attention_dim, unet.config.block_out_channels, 1
    out = {f"image_proj.{k}": v for k, v in _image_proj_sd(dim, dim).items()}
    for name in unet.attn_processors:
        if name.endswith("attn1.processor"):
            continue
        if name.startswith("mid_block"):
            hidden = boc[-1]
        elif name.startswith("up_blocks"):
            hidden = list(reversed(boc))[int(name.split(".")[1])]
        else:
            hidden = boc[int(name.split(".")[1])]
        sd = IPAdapterAttnProcessor2_0(hidden_size=hidden, cross_attention_dim=dim).state_dict()
        out[f"ip_adapter.{key_id}.to_k_ip.weight"] = sd["to_k_ip.0.weight"]
        out[f"ip_adapter.{key_id}.to_v_ip.weight"] = sd["to_v_ip.0.weight"]
        key_id += 2
    save_file({k: v.contiguous() for k, v in out.items()}, folder / "ip_adapter.safetensors")
    _tiny_clip_vision(dim).save_pretrained(folder / "image_encoder")


BUILDERS = {
    "flux": tiny_flux_dev,
    "flux-kontext": tiny_flux_kontext,
    "sdxl": tiny_sdxl,
    "sd21": tiny_sd21,
    "cogvideox": tiny_cogvideox_i2v,
    "svd": tiny_svd,
    "hunyuan-480p": tiny_hunyuan15_i2v,
    "wan": tiny_wan_i2v,
    "ltx": tiny_ltx,
}
"""By the names that the sidecar knows them under."""
SMALL = {
    "flux": {"width": 32, "height": 32},
    "flux-kontext": {"width": 32, "height": 32},
    "sdxl": {"width": 64, "height": 64},
    "sd21": {"width": 64, "height": 64},
    "cogvideox": {"width": 16, "height": 16, "frames": 9},
    "svd": {"width": 32, "height": 32, "frames": 3},
    "hunyuan-480p": {"frames": 9},
    "wan": {"width": 16, "height": 16, "frames": 9},
    "ltx": {"width": 32, "height": 32, "frames": 9},
}
"""Sizes that the tiny models make in a moment; those of CogVideoX and Hunyuan are the only ones that they make."""


def write(folder: Path, names: list[str]) -> Path:
    """Save the models ``names`` under ``folder``; ``flux-ip-adapter`` and ``sdxl-ip-adapter`` are names, too."""
    for name in names:
        target = folder / name
        if name.endswith("-ip-adapter"):
            target.mkdir(parents=True)
            if name == "flux-ip-adapter":
                write_tiny_flux_ip_adapter(target, tiny_flux_dev().transformer)
            else:
                write_tiny_sdxl_ip_adapter(target, tiny_sdxl().unet)
        else:
            BUILDERS[name]().save_pretrained(target)
    return folder
