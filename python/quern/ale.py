"""ALE's interface: the methods and names of `ale_py.ALEInterface` over Quern's engine.

Differences from ale-py are listed in docs/python.md: clones are exact, nothing is printed, there is no window and no
sound.
"""

import enum
import os
import struct
import zlib
from pathlib import Path

from quern import _quern, roms
from quern._quern import ALEState

__all__ = ["ALEInterface", "ALEState", "Action", "LoggerMode"]


class Action(enum.IntEnum):
    """ALE's actions of a player and their numbers."""

    NOOP = 0
    FIRE = 1
    UP = 2
    RIGHT = 3
    LEFT = 4
    DOWN = 5
    UPRIGHT = 6
    UPLEFT = 7
    DOWNRIGHT = 8
    DOWNLEFT = 9
    UPFIRE = 10
    RIGHTFIRE = 11
    LEFTFIRE = 12
    DOWNFIRE = 13
    UPRIGHTFIRE = 14
    UPLEFTFIRE = 15
    DOWNRIGHTFIRE = 16
    DOWNLEFTFIRE = 17


class LoggerMode(enum.Enum):
    """Accepted for the sake of programs written for ALE. Quern logs nothing."""

    Info = 0
    Warning = 1
    Error = 2


class ALEInterface(_quern.ALEInterface):
    """A console with a game: `setInt` and its like, `loadROM`, then `act` and `reset_game`."""

    def loadROM(self, rom_file: str | os.PathLike) -> None:
        """Loads a ROM file, known by its MD5 or else by its name, or the game of that name when there is no such file.

        Raises FileNotFoundError when there is neither, RuntimeError for the ROM of an unknown game.
        """
        path = Path(rom_file)
        if path.is_file():
            super().loadROM(path)
        elif path.name != str(rom_file) or path.suffix:
            raise FileNotFoundError(f"there is no ROM file {path}")
        elif str(rom_file) == roms.FREE_GAME:
            self.load_free_game()
        else:
            super().loadROM(roms.get_rom_path(str(rom_file)))

    def getMinimalActionSet(self) -> list[Action]:
        return [Action(number) for number in self.minimal_actions()]

    def getLegalActionSet(self) -> list[Action]:
        """All 18, as in ALE, but in games that know fewer."""
        return [Action(number) for number in self.legal_actions()]

    def saveScreenPNG(self, path: str | os.PathLike) -> None:
        """The screen as RGB PNG, 160 pixels wide."""
        height, width = self.getScreenDims()
        rows = b"".join(b"\0" + row.tobytes() for row in self.getScreenRGB())

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + parts)

    @staticmethod
    def isSupportedROM(rom_file: str | os.PathLike) -> str | None:
        """The name of the game whose ROM this file is, by its MD5, or None. Raises FileNotFoundError."""
        if not Path(rom_file).is_file():
            raise FileNotFoundError(f"there is no ROM file {rom_file}")
        return next(iter(_quern.find_roms([rom_file])), None)

    @staticmethod
    def setLoggerMode(mode: LoggerMode) -> None:
        """Does nothing."""
