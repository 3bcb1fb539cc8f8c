"""Many Atari games at once: ALE's vector environment, step by step the same, over Quern's engine."""

import operator
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from quern import _quern, roms
from quern.ale import Action
from quern.env import OF_STICK

Infos = dict[str, Any]
Seeds = int | Sequence[int | None] | NDArray[np.integer] | None


def _spread(value: Any, num_envs: int, name: str) -> list:
    """A value for each environment from one for all of them or a sequence."""
    if isinstance(value, (str, int, np.integer)) or value is None:
        return [value] * num_envs
    values = list(value)
    if len(values) != num_envs:
        raise ValueError(f"{name} must be one value or {num_envs} of them, got {len(values)}")
    return values


def _number(value: int | None, name: str) -> int:
    """For the engine, where -1 is the game's default."""
    if value is None:
        return -1
    if operator.index(value) < 0:
        raise ValueError(f"{name} must be 0 or more, got {value}")
    return operator.index(value)


def _numbers_of_sticks(actions: list[Action]) -> NDArray[np.int32]:
    """The place of a stick's action among these, by [fire, up - down, right - left] (-1 is the last index); NOOP's where
    it is not among them, as an illegal action does nothing."""
    numbers = np.full((2, 3, 3), actions.index(Action.NOOP), np.int32)
    for (fire, vertical, horizontal), action in OF_STICK.items():
        if action in actions:
            numbers[int(fire), vertical, horizontal] = actions.index(action)
    return numbers


def _share_bounds(space: spaces.Box) -> None:
    """Makes the four arrays of bounds views of one element each: of a thousand environments they hold 110 MB."""
    for name in ("low", "high", "bounded_below", "bounded_above"):
        setattr(space, name, np.broadcast_to(getattr(space, name).flat[0], space.shape))


class AtariVectorEnv(VectorEnv):
    """Arguments, spaces and results of `ale_py.vector_env.AtariVectorEnv`, with presets and several games in one vector.

    Args:
        game: name in snake_case, for instance "ms_pacman", or one for each environment.
        num_envs: how many; it may be left out with a name for each.
        preset: where the values come from that are None below: "dqn" (ALE's own defaults), "machado" (sticky actions,
            all actions, no no-ops, whole rewards) or "uber" (what `quern evolve` trains on).
        batch_size: results of one recv; 0 is all, in the order of the environments. With fewer, `recv` returns
            those that end first: info["env_id"] says which, and `send` answers just these.
        num_threads: 0 is one for each result, at most those of the machine.
        mode, difficulty: numbers as in ALE, one for all or one for each; None is the game's default.
        autoreset_mode: of Gymnasium. NEXT_STEP: the step after an end resets and ignores its action. SAME_STEP: the
            step that ends resets too; info["final_obs"] has the last observation where info["_final_obs"] is True.
            DISABLED: `reset` with options={"reset_mask": ...}; until then a step does nothing.
        copy: False writes every observation into the same memory, again by the next `send` or `reset`.
        img_height, img_width, grayscale, stack_num: observations are uint8 [n, stack_num, img_height, img_width], with
            grayscale=False [..., 3]; the newest picture is the last.
        maxpool: the maximum of the last two frames of a step.
        max_num_frames_per_episode: frames of steps; 0 is no limit.
        repeat_action_probability: sticky actions, per frame.
        frameskip, noop_max, use_fire_reset, episodic_life, life_loss_info, reward_clipping, full_action_space: as in ALE.
        continuous: actions are float32 [n, 3]: radius 0..1, angle -pi..pi, fire 0..1.

    The vector belongs to the process that made it: after a fork the child makes its own.

    Raises ValueError for bad arguments, FileNotFoundError without a ROM.
    """

    def __init__(
        self,
        game: str | Sequence[str],
        num_envs: int | None = None,
        *,
        preset: str = "dqn",
        batch_size: int = 0,
        num_threads: int = 0,
        mode: int | Sequence[int | None] | None = None,
        difficulty: int | Sequence[int | None] | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        img_height: int = 84,
        img_width: int = 84,
        grayscale: bool = True,
        stack_num: int = 4,
        maxpool: bool = True,
        life_loss_info: bool = False,
        max_num_frames_per_episode: int | None = None,
        repeat_action_probability: float | None = None,
        frameskip: int | None = None,
        noop_max: int | None = None,
        use_fire_reset: bool | None = None,
        episodic_life: bool | None = None,
        reward_clipping: bool | None = None,
        full_action_space: bool | None = None,
        continuous: bool = False,
        continuous_action_threshold: float = 0.5,
    ):
        if num_envs is None:
            num_envs = 1 if isinstance(game, str) else len(game)
        if num_envs < 1:
            raise ValueError(f"num_envs must be 1 or more, got {num_envs}")
        games = _spread(game, num_envs, "game")
        modes, difficulties = (
            [_number(value, name) for value in _spread(values, num_envs, name)]
            for values, name in ((mode, "mode"), (difficulty, "difficulty"))
        )
        paths = {name: None if name == roms.FREE_GAME else roms.get_rom_path(name) for name in set(games)}
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self._engine = _quern.Vector(
            games=[(name, paths[name], m, d) for name, m, d in zip(games, modes, difficulties)],
            preset=preset,
            frame_skip=frameskip,
            noop_max=noop_max,
            max_episode_frames=max_num_frames_per_episode,
            repeat_action_probability=repeat_action_probability,
            full_action_set=True if continuous else full_action_space,
            clip_rewards=reward_clipping,
            end_on_life_loss=episodic_life,
            fire_at_reset=use_fire_reset,
            height=img_height,
            width=img_width,
            rgb=not grayscale,
            stack=stack_num,
            max_pool=maxpool,
            life_loss_info=life_loss_info,
            batch_size=batch_size,
            num_threads=num_threads,
            autoreset=self.autoreset_mode.value,
            reuse_observations=not copy,
            seeds=np.random.SeedSequence().generate_state(2 * num_envs).tolist(),
        )
        self.num_envs = num_envs
        self.batch_size = batch_size or num_envs
        self.num_threads: int = self._engine.num_threads
        self.games = games
        self._actions = [[Action(number) for number in numbers] for numbers in self._engine.actions]
        self._continuous, self._threshold = continuous, continuous_action_threshold
        self._env_ids = np.arange(self.batch_size)
        self._full_strength = np.ones(self.batch_size, np.float32)  # of paddles
        self.single_observation_space = spaces.Box(0, 255, tuple(self._engine.observation_shape), np.uint8)
        if continuous:
            self._of_stick = np.array([_numbers_of_sticks(actions) for actions in self._actions])
            low = np.array([0, -np.pi, 0], np.float32)
            self.single_action_space = spaces.Box(low, np.array([1, np.pi, 1], np.float32))
        else:
            for name, actions in zip(games, self._actions):
                if actions != self._actions[0]:
                    raise ValueError(
                        f"{games[0]} and {name} have different actions: full_action_space=True gives all 18, but in "
                        "lost_luggage and skiing"
                    )
            self.single_action_space = spaces.Discrete(len(self._actions[0]))
        self.observation_space = batch_space(self.single_observation_space, self.batch_size)
        _share_bounds(self.observation_space)
        self.action_space = batch_space(self.single_action_space, self.batch_size)

    def get_action_meanings(self, env_id: int = 0) -> list[str]:
        """The names of an environment's actions, by their numbers."""
        return [action.name for action in self._actions[env_id]]

    def reset(self, *, seed: Seeds = None, options: dict[str, Any] | None = None) -> tuple[NDArray[np.uint8], Infos]:
        """Starts episodes: (observations, infos).

        seed: n seeds the environments that are reset by n, n + 1, ... in their order; or one for each of them, where
            None is no seed. With a seed an environment begins as if newly made.
        options: {"reset_mask": bool [num_envs]} resets only these; the others report what they last showed.
        """
        self._require_open()
        ids = np.arange(self.num_envs)
        if options and "reset_mask" in options:
            mask = options["reset_mask"]
            if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
                raise TypeError(f"reset_mask must be a boolean array, got {type(mask).__name__}")
            if mask.shape != (self.num_envs,):
                raise ValueError(f"reset_mask must have the shape ({self.num_envs},), got {mask.shape}")
            ids = np.flatnonzero(mask)
        if seed is None or isinstance(seed, (int, np.integer)):
            seeds = [None if seed is None else int(seed) + rank for rank in range(len(ids))]
        else:
            seeds = [None if s is None else operator.index(s) for s in seed]
            if len(seeds) != len(ids):
                raise ValueError(f"seed must be a number or one for each of the {len(ids)} environments, got {len(seeds)}")
        for s in seeds:
            if s is not None and not 0 <= s < 2**31:
                raise ValueError(f"a seed must be 0..{2**31 - 1}, got {s}; None leaves an environment unseeded")
        observations, infos = self._engine.reset(ids.tolist(), seeds)
        self._remember_rows(infos)
        return observations, infos

    def step(self, actions: NDArray) -> tuple[NDArray[np.uint8], NDArray, NDArray, NDArray, Infos]:
        """send, then recv."""
        self.send(actions)
        return self.recv()

    def send(self, actions: NDArray) -> None:
        """An action for each row of the last batch: int [n], or float32 [n, 3] when they are continuous."""
        self._require_open()
        actions = np.asarray(actions)
        if self._continuous:
            if actions.shape != (self.batch_size, 3):
                raise ValueError(f"actions must have the shape ({self.batch_size}, 3), got {actions.shape}")
            numbers, strengths = self._of_sticks(actions.astype(np.float32))
        else:
            if actions.shape != (self.batch_size,) or actions.dtype.kind not in "iu":
                raise ValueError(
                    f"actions must be integers of the shape ({self.batch_size},), got {actions.dtype} {actions.shape}"
                )
            numbers, strengths = actions, self._full_strength
        self._engine.send(np.ascontiguousarray(numbers, np.int64), strengths)

    def recv(self) -> tuple[NDArray[np.uint8], NDArray, NDArray, NDArray, Infos]:
        """The next batch: (observations, rewards, terminations, truncations, infos).

        observations is uint8 [n, *single_observation_space.shape], rewards float64, both flags bool [n]; infos has
        env_id, lives, frame_number and episode_frame_number, each [n].
        """
        self._require_open()
        batch = self._engine.recv()
        self._remember_rows(batch[4])
        return batch

    def _remember_rows(self, infos: Infos) -> None:
        if self._continuous:
            self._env_ids = infos["env_id"].copy()

    def _of_sticks(self, sticks: NDArray[np.float32]) -> tuple[NDArray, NDArray[np.float32]]:
        x = sticks[:, 0] * np.cos(sticks[:, 1])
        y = sticks[:, 0] * np.sin(sticks[:, 1])
        horizontal, vertical = ((v > self._threshold).astype(int) - (v < -self._threshold) for v in (x, y))
        fire = (sticks[:, 2] > self._threshold).astype(int)
        return self._of_stick[self._env_ids, fire, vertical, horizontal], np.ascontiguousarray(sticks[:, 0])

    def _require_open(self) -> None:
        if self.closed:
            raise gymnasium.error.ClosedEnvironmentError("these environments are closed")

    def close_extras(self, **kwargs: Any) -> None:
        self._engine.close()


def make_vec(game: str | Sequence[str], num_envs: int | None = None, num_threads: int = 0, **options: Any) -> AtariVectorEnv:
    """Makes an `AtariVectorEnv`; its options are listed there."""
    return AtariVectorEnv(game, num_envs, num_threads=num_threads, **options)
