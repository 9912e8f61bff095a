"""The same film as moviepy programs commonly make it, for comparison: three passes, each through a file.

    python benchmarks/render_moviepy.py WORK

As MoneyPrinterTurbo does: a zoom over each key frame, written; a fade on each clip, written; everything joined
with subtitles, narration and music, written. With x264 veryfast crf 20 and 24 frames/s in every pass (its own
defaults are slower). WORK holds ``pictures`` and what ``render.py --part film`` left in ``plain``.
"""

from __future__ import annotations

import sys
from pathlib import Path

SIZE, FPS, SHOT_S, FADE_S = (1280, 720), 24, 5.0, 0.5
CODEC = {"fps": FPS, "codec": "libx264", "preset": "veryfast", "ffmpeg_params": ["-crf", "20"], "logger": None}
LINES = (
    "An old lighthouse keeper watches a storm from the shore at night",
    "A girl and her dog walk through a snowy forest at dawn, calm",
    "A sailing ship leaves the harbor at sunset, warm light on the sea",
    "A dragon flies over the castle in the mountains at dusk",
    "A lonely man walks along the city street in the rain at night",
    "The village celebrates in the morning, happy people and houses",
)


def main(work: Path) -> None:
    import moviepy
    from moviepy import vfx

    folder = work / "moviepy"
    folder.mkdir(exist_ok=True)
    clips = []
    for index, _ in enumerate(LINES):
        still = moviepy.ImageClip(str(work / "pictures" / str(index) / "key_frame.png")).with_duration(SHOT_S)
        zoomed = still.resized(height=SIZE[1]).resized(lambda t: 1 + 0.03 * t).with_position("center")
        moviepy.CompositeVideoClip([zoomed], size=SIZE).write_videofile(str(folder / f"zoom{index}.mp4"), **CODEC)
        clip = moviepy.VideoFileClip(str(folder / f"zoom{index}.mp4"))
        clip.with_effects([vfx.FadeIn(FADE_S)]).write_videofile(str(folder / f"fade{index}.mp4"), **CODEC)
        clips.append(moviepy.VideoFileClip(str(folder / f"fade{index}.mp4")))
    film = moviepy.concatenate_videoclips(clips)
    words = [
        moviepy.TextClip(text=line, font_size=38, color="white", stroke_color="black", stroke_width=2)
        .with_start(index * SHOT_S + FADE_S)
        .with_duration(SHOT_S - 2 * FADE_S)
        .with_position(("center", 640))
        for index, line in enumerate(LINES)
    ]
    voices = [
        moviepy.AudioFileClip(str(work / "plain" / f"speech{index}" / "narration.wav")).with_start(index * SHOT_S + 0.5)
        for index in range(len(LINES))
    ]
    music = moviepy.AudioFileClip(str(work / "plain" / "music.wav")).with_volume_scaled(0.2)
    sound = moviepy.CompositeAudioClip([*voices, music]).with_duration(film.duration)
    done = moviepy.CompositeVideoClip([film, *words]).with_audio(sound)
    done.write_videofile(str(folder / "film.mp4"), audio_codec="aac", **CODEC)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
