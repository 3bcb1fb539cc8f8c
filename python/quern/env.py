"""One Atari game as a Gymnasium environment, step by step the same as ALE's `AtariEnv`."""

from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import EzPickle, seeding

from quern import roms
from quern.ale import Action, ALEInterface, ALEState

OBSERVATIONS = ("rgb", "grayscale", "ram")

# What the stick says, by (fire, up - down, right - left).
OF_STICK = {
    (fire, vertical, horizontal): Action[
        ({1: "UP", -1: "DOWN", 0: ""}[vertical] + {1: "RIGHT", -1: "LEFT", 0: ""}[horizontal] + ("FIRE" if fire else ""))
        or "NOOP"
    ]
    for fire in (False, True)
    for vertical in (-1, 0, 1)
    for horizontal in (-1, 0, 1)
}

_KEYS = (("UP", "w"), ("DOWN", "s"), ("LEFT", "a"), ("RIGHT", "d"), ("FIRE", " "))


def stick_to_action(radius: float, angle: float, fire: float, threshold: float) -> Action:
    """The action of a stick pushed by a radius of 0..1 towards an angle, with fire pressed above the threshold."""
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return OF_STICK[bool(fire > threshold), int(y > threshold) - int(y < -threshold), int(x > threshold) - int(x < -threshold)]


def _check_frameskip(frameskip: int | tuple[int, int]) -> None:
    if isinstance(frameskip, int) and not isinstance(frameskip, bool):
        if frameskip >= 1:
            return
    elif isinstance(frameskip, tuple) and len(frameskip) == 2 and 0 < frameskip[0] < frameskip[1]:
        return
    raise ValueError(f"frameskip must be a number from 1 on or (low, high) with 0 < low < high, got {frameskip!r}")


class AtariEnv(gymnasium.Env, EzPickle):
    """Arguments, spaces and seeds as in `ALE/<Game>-v5`.

    Args:
        game: name in snake_case, for instance "ms_pacman".
        mode, difficulty: numbers as in ALE; None is the game's default.
        obs_type: "rgb" uint8 [height, 160, 3], "grayscale" uint8 [height, 160] or "ram" uint8 [128].
        frameskip: frames of a step, or (low, high) to draw it from low..high - 1 at every step.
        repeat_action_probability: sticky actions, per frame.
        full_action_space: all 18 actions instead of those that do something in the game.
        continuous: actions are float32 [radius 0..1, angle -pi..pi, fire 0..1].
        continuous_action_threshold: how far the stick must be pushed on an axis.
        max_num_frames_per_episode: truncates; None or 0 is no limit.
        render_mode: "rgb_array"; gymnasium.make makes "human" of it (with pygame).

    Raises ValueError for bad arguments, FileNotFoundError without a ROM.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}

    def __init__(
        self,
        game: str,
        mode: int | None = None,
        difficulty: int | None = None,
        obs_type: Literal["rgb", "grayscale", "ram"] = "rgb",
        frameskip: int | tuple[int, int] = 4,
        repeat_action_probability: float = 0.25,
        full_action_space: bool = False,
        continuous: bool = False,
        continuous_action_threshold: float = 0.5,
        max_num_frames_per_episode: int | None = None,
        render_mode: Literal["rgb_array"] | None = None,
        sound_obs: bool = False,
    ):
        if obs_type not in OBSERVATIONS:
            raise ValueError(f"obs_type must be one of {', '.join(OBSERVATIONS)}, got {obs_type!r}")
        _check_frameskip(frameskip)
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode must be None or 'rgb_array', got {render_mode!r}: for 'human' use gymnasium.make")
        if sound_obs:
            raise ValueError("Quern emulates no sound: leave sound_obs at False")
        EzPickle.__init__(
            self, game, mode, difficulty, obs_type, frameskip, repeat_action_probability, full_action_space, continuous,
            continuous_action_threshold, max_num_frames_per_episode, render_mode, sound_obs,
        )
        self.render_mode = render_mode
        self.ale = ALEInterface()
        self.ale.setFloat("repeat_action_probability", repeat_action_probability)
        self.ale.setInt("max_num_frames_per_episode", max_num_frames_per_episode or 0)
        self._game, self._mode, self._difficulty = game, mode, difficulty
        self._frameskip = frameskip
        self._closed = False
        self._seed(None)

        self._continuous = continuous
        self._threshold = continuous_action_threshold
        if full_action_space or continuous:
            self._action_set = self.ale.getLegalActionSet()
        else:
            self._action_set = self.ale.getMinimalActionSet()
        if continuous:
            low = np.array([0, -np.pi, 0], np.float32)
            self.action_space = spaces.Box(low, np.array([1, np.pi, 1], np.float32))
        else:
            self.action_space = spaces.Discrete(len(self._action_set))
        self._observe = {
            "rgb": self.ale.getScreenRGB,
            "grayscale": self.ale.getScreenGrayscale,
            "ram": self.ale.getRAM,
        }[obs_type]
        self.observation_space = spaces.Box(0, 255, self._observe().shape, np.uint8)

    def _seed(self, seed: int | None) -> tuple[int, int]:
        """Seeds frame skip and sticky actions and loads the game anew, as ALE does. Returns both seeds."""
        numpy_seed, ale_seed = np.random.SeedSequence(seed).generate_state(2)
        self._np_random, _ = seeding.np_random(int(numpy_seed))
        self.ale.setInt("random_seed", int(ale_seed.astype(np.int32)))
        if self._game == roms.FREE_GAME:
            self.ale.load_free_game()
        else:
            self.ale.loadROM(roms.get_rom_path(self._game))
        if self._mode is not None:
            self.ale.setMode(self._mode)
        if self._difficulty is not None:
            self.ale.setDifficulty(self._difficulty)
        return int(numpy_seed), int(ale_seed)

    def _info(self) -> dict[str, Any]:
        return {
            "lives": self.ale.lives(),
            "episode_frame_number": self.ale.getEpisodeFrameNumber(),
            "frame_number": self.ale.getFrameNumber(),
        }

    def _require_open(self) -> None:
        if self._closed:
            raise gymnasium.error.ClosedEnvironmentError(f"this environment of {self._game} is closed")

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        """Starts an episode; with a seed as in a new environment. info["seeds"] holds what the seed became."""
        self._require_open()
        super().reset(seed=seed, options=options)
        seeds = self._seed(seed) if seed is not None else None
        self.ale.reset_game()
        info = self._info()
        if seeds is not None:
            info["seeds"] = seeds
        return self._observe(), info

    def step(self, action):
        """One step: (observation, reward, terminated, truncated, info)."""
        self._require_open()
        if self._continuous:
            action = np.asarray(action, np.float32)
            if action.shape != (3,):
                raise ValueError(f"an action is [radius, angle, fire], got shape {action.shape}")
            number, strength = stick_to_action(*action, self._threshold), float(action[0])
        else:
            number, strength = self._action_set[action], 1.0
        frames = self._frameskip if isinstance(self._frameskip, int) else int(self.np_random.integers(*self._frameskip))
        reward = float(self.ale.act_repeatedly(number, strength, frames))
        terminated = self.ale.game_over(with_truncation=False)
        return self._observe(), reward, terminated, self.ale.game_truncated(), self._info()

    def render(self):
        """The screen as RGB with render_mode "rgb_array"."""
        self._require_open()
        return self.ale.getScreenRGB() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        self._closed = True

    def clone_state(self, include_rng: bool = False) -> ALEState:
        """`ale.cloneState`: exact, screen included."""
        return self.ale.cloneState(include_rng=include_rng)

    def restore_state(self, state: ALEState) -> None:
        """`ale.restoreState`."""
        self.ale.restoreState(state)

    def get_keys_to_action(self) -> dict[tuple[str, ...], int]:
        """For gymnasium.utils.play: w a s d move, the space bar fires, e does nothing."""
        if self._continuous:
            raise AttributeError("continuous actions have no keys")
        keys = {}
        for index, action in enumerate(self._action_set):
            pressed = [key for word, key in _KEYS if word in action.name]
            keys[tuple(pressed) or ("e",)] = index
        return keys

    def get_action_meanings(self) -> list[str]:
        """The names of the actions, by their numbers in the action space."""
        return [action.name for action in self._action_set]
