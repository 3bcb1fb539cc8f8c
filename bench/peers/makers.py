"""The vector environments that are compared, all in the DQN setting: frame skip 4, 84x84 grey, stack of 4, minimal
actions, no sticky actions, clipped rewards."""

FRAME_SKIP = 4


def make_quern(game, num_envs, num_threads):
    import quern
    return quern.make_vec(game, num_envs, num_threads=num_threads)


def make_ale(game, num_envs, num_threads):
    from ale_py.vector_env import AtariVectorEnv
    return AtariVectorEnv(game, num_envs, num_threads=num_threads)


def envpool_id(game):
    return "".join(word.capitalize() for word in game.split("_")) + "-v5"


def make_envpool(game, num_envs, num_threads):
    import envpool
    # Its defaults are those of DQN but for these two.
    return envpool.make(envpool_id(game), env_type="gymnasium", num_envs=num_envs, num_threads=num_threads,
                        reward_clip=True, repeat_action_probability=0.0)


MAKERS = {"quern": make_quern, "ale": make_ale, "envpool": make_envpool}


def missing_envpool():
    """Why EnvPool cannot be compared with, or None."""
    try:
        import envpool  # noqa: F401
    except ImportError as error:
        return f"EnvPool cannot be imported ({error}): tools/bootstrap --bench installs it. Going on without it."
    return None


def has_envpool(game):
    try:
        import envpool
    except ImportError:
        return False
    return envpool_id(game) in envpool.list_all_envs()
