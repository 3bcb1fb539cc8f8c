"""Quern: Atari 2600 games bit for bit as in the Arcade Learning Environment, without its emulator, and training in
simulated analog memory (`quern.analog`).

`import quern` registers the Gymnasium environments `Quern/<Game>-v5` and `Quern/<Game>NoFrameskip-v4` where Gymnasium
is installed.
"""

from quern import analog
from quern.ale import Action, ALEInterface, ALEState, LoggerMode
from quern.evolution import Policy, Run, evolve, load_policy
from quern.roms import game_names, get_rom_path
from quern.runs import resume

__all__ = [
    "ALEInterface",
    "ALEState",
    "Action",
    "LoggerMode",
    "Policy",
    "Run",
    "analog",
    "evolve",
    "game_names",
    "get_rom_path",
    "load_policy",
    "resume",
]

try:
    import gymnasium as _gymnasium
except ImportError:
    pass
else:
    from quern.registration import register_environments

    register_environments(_gymnasium)
    if hasattr(_gymnasium.vector, "AutoresetMode"):  # from Gymnasium 1.1 on
        from quern.vector import AtariVectorEnv, make_vec

        __all__ += ["AtariVectorEnv", "make_vec"]
