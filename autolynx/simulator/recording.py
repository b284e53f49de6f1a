"""Recordings: a murmur of two voices that follows the transcript, made on request and always the same."""

from __future__ import annotations

import functools
import io
import math
import random
import wave
from array import array
from collections.abc import Iterable

from .artifact import heard
from .call import Call
from .chance import chance
from .conversation import Turn

_RATE = 8000
_LONGEST_SECONDS = 60
_SYLLABLE_SECONDS = 0.17
_PITCHES = {"bot": (196, 208, 220, 233), "user": (110, 117, 124, 131)}
_CHANNELS = {"mono": ("bot", "user"), "stereo": ("bot", "user"), "assistant": ("bot",), "customer": ("user",)}
KINDS = tuple(_CHANNELS)


def recording(call: Call, kind: str, seed: int) -> bytes:
    """Return a WAV file, 8 kHz and 16 bit; at most the first minute of the call."""
    seconds = min(_LONGEST_SECONDS, max(1.0, call.progress.talked_seconds))
    turns = heard(call)
    source = chance(seed, "recording", call.number, call.nth)
    if kind == "stereo":
        return _wav([_track(turns, (role,), seconds, source) for role in ("bot", "user")])
    return _wav([_track(turns, _CHANNELS[kind], seconds, source)])


def _track(turns: Iterable[Turn], roles: tuple[str, ...], seconds: float, source: random.Random) -> array[int]:
    track = array("h", bytes(2 * round(seconds * _RATE)))
    for turn in turns:
        if turn.role in roles:
            _speak(track, turn, source)
    return track


def _speak(track: array[int], turn: Turn, source: random.Random) -> None:
    """Put syllables into the track for as long as a turn lasts."""
    moment, end = turn.start, turn.start + turn.length
    while moment + _SYLLABLE_SECONDS < end:
        sound = _syllable(source.choice(_PITCHES[turn.role]))
        first = round(moment * _RATE)
        if first + len(sound) > len(track):
            return
        track[first : first + len(sound)] = sound
        moment += _SYLLABLE_SECONDS + source.choice((0.0, 0.02, 0.05, 0.16))


@functools.cache
def _syllable(pitch: int) -> array[int]:
    """Return one soft sound: a tone with two overtones that swells and fades."""
    count = round(_SYLLABLE_SECONDS * _RATE)
    samples = array("h")
    for index in range(count):
        swell = math.sin(math.pi * index / count) ** 2
        angle = 2 * math.pi * pitch * index / _RATE
        tone = math.sin(angle) + 0.5 * math.sin(2 * angle) + 0.2 * math.sin(3 * angle)
        samples.append(round(4200 * swell * tone))
    return samples


def _wav(tracks: list[array[int]]) -> bytes:
    """Return tracks as channels of one file."""
    frames = array("h", bytes(2 * len(tracks) * len(tracks[0])))
    for channel, track in enumerate(tracks):
        frames[channel :: len(tracks)] = track
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(tracks))
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(frames.tobytes())
    return buffer.getvalue()
