"""Where ROMs are: in the folders of $QUERN_ROMS, in ./roms and in an installed ale-py; found by MD5."""

import difflib
import functools
import importlib.util
import os
from pathlib import Path

from quern import _quern

FREE_GAME = "gleaner"


def game_names() -> list[str]:
    """The games that Quern knows, whether their ROMs are here or not."""
    return _quern.game_names()


def rom_places() -> list[Path]:
    """Where ROMs are looked for, in this order."""
    places = [Path(folder).absolute() for folder in os.environ.get("QUERN_ROMS", "").split(os.pathsep) if folder]
    places.append(Path("roms").absolute())
    ale = importlib.util.find_spec("ale_py")
    if ale is not None and ale.submodule_search_locations:
        places.append(Path(ale.submodule_search_locations[0]) / "roms")
    return places


@functools.lru_cache
def _found(places: tuple[Path, ...]) -> dict[str, Path]:
    return _quern.find_roms(list(places))


def get_rom_path(game: str) -> Path:
    """The ROM of a game by its name in snake_case.

    Raises ValueError for an unknown name, FileNotFoundError when its ROM is nowhere.
    """
    if game not in game_names():
        near = difflib.get_close_matches(game, game_names(), 1)
        hint = f", did you mean {near[0]}?" if near else "; quern.game_names() lists them"
        raise ValueError(f"unknown game '{game}'{hint}")
    if game == FREE_GAME:
        raise FileNotFoundError("gleaner has no ROM file: ALEInterface.load_free_game() loads it")
    places = tuple(rom_places())
    path = _found(places).get(game)
    if path is None or not path.is_file():
        _found.cache_clear()  # it may be put there now
        searched = ", ".join(map(str, places))
        raise FileNotFoundError(f"no ROM of {game} in {searched}: put it there, or pip install ale-py")
    return path
