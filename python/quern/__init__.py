"""Quern: Atari 2600 games bit for bit as in the Arcade Learning Environment, without its emulator.

`import quern` registers the Gymnasium environments `Quern/<Game>-v5` and `Quern/<Game>NoFrameskip-v4` where Gymnasium
is installed.
"""

from quern.ale import Action, ALEInterface, ALEState, LoggerMode
from quern.roms import game_names, get_rom_path

__all__ = ["ALEInterface", "ALEState", "Action", "LoggerMode", "game_names", "get_rom_path"]

try:
    import gymnasium as _gymnasium
except ImportError:
    pass
else:
    from quern.registration import register_environments

    register_environments(_gymnasium)
