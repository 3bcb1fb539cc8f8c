"""The Gymnasium environments of Quern."""

from quern import _quern


def environment_name(game: str) -> str:
    """ms_pacman -> MsPacman, as in the ids of ALE."""
    return game.title().replace("_", "")


def register_environments(gymnasium) -> None:
    """`Quern/<Game>-v5` with the settings of `ALE/<Game>-v5`, `Quern/<Game>NoFrameskip-v4` with those of the older id."""
    for game in _quern.game_names():
        name = environment_name(game)
        settings = {"game": game, "full_action_space": False, "max_num_frames_per_episode": 108_000}
        for suffix, frameskip, sticky, vector in (
            ("-v5", 4, 0.25, "quern.vector:AtariVectorEnv"),
            ("NoFrameskip-v4", 1, 0.0, None),
        ):
            gymnasium.register(
                id=f"Quern/{name}{suffix}",
                entry_point="quern.env:AtariEnv",
                vector_entry_point=vector,
                kwargs={**settings, "frameskip": frameskip, "repeat_action_probability": sticky},
            )
