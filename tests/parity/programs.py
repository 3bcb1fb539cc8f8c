"""Random but meaningful programs for the Atari 2600: what no game does, but the hardware allows.

Each is a whole ROM made from a seed: `make_program(seed)` gives (kind, bytes).
"""

import random

# TIA registers that are written, by what they are good for.
VSYNC, VBLANK, WSYNC, RSYNC = 0x00, 0x01, 0x02, 0x03
PICTURE = [*range(0x04, 0x15), *range(0x1B, 0x2D)]  # NUSIZ0 .. RESBL, GRP0 .. CXCLR
HMOVE, HMCLR, HMM0 = 0x2A, 0x2B, 0x22
SWCHA, SWCHB, INTIM, TIMINT = 0x280, 0x282, 0x284, 0x285
RAM = range(0x80, 0xF8)  # the stack may use the rest
LIVELY = range(0x80, 0x90)  # other values in every frame
HOT_SPOTS = {8192: [0xFFF8, 0xFFF9], 16384: [0xFFF6, 0xFFF7, 0xFFF8, 0xFFF9]}

# Opcodes by length, of those that neither jump nor jam: documented and undocumented ones.
JUMPS = {0x00, 0x20, 0x40, 0x4C, 0x60, 0x6C}
JAMS = {0x02, 0x12, 0x22, 0x32, 0x42, 0x52, 0x62, 0x72, 0x92, 0xB2, 0xD2, 0xF2}


def length_of(opcode):
    low = opcode & 0x1F
    if low in (0x08, 0x0A, 0x12, 0x18, 0x1A):
        return 1
    return 3 if low in (0x0C, 0x0D, 0x0E, 0x0F, 0x19, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F) else 2


STRAIGHT = [op for op in range(256) if op not in JUMPS | JAMS and op & 0x1F != 0x10]


class Code:
    """Bytes of a program from 0xF000 on, with the few patterns that the kinds are made of."""

    def __init__(self, rng):
        self.rng = rng
        self.bytes = bytearray()

    def emit(self, *values):
        self.bytes += bytes(values)

    def wait(self, cycles):
        """2 cycles or more."""
        if cycles % 2:
            self.emit(0xA5, 0x80)  # LDA zero page: 3
            cycles -= 3
        self.emit(*[0xEA] * max(cycles // 2, 0))

    def store(self, register, value):
        self.emit(0xA9, value & 0xFF, 0x85, register)

    def line(self):
        self.emit(0x85, WSYNC)

    def lines(self, count):
        self.emit(0xA2, count, 0x85, WSYNC, 0xCA, 0xD0, 0xFB)

    def start_of_frame(self):
        """Three lines of VSYNC, about 37 of VBLANK."""
        self.store(VBLANK, 0x02 | self.rng.choice([0, 0x80, 0x40]))
        self.store(VSYNC, 2)
        self.lines(3)
        self.store(VSYNC, 0)
        for _ in range(self.rng.randrange(6)):
            self.something_with_ram()
        self.lines(self.rng.choice([30, 35, 36, 37, 40]))
        self.store(VBLANK, 0)

    def something_with_ram(self):
        rng = self.rng
        operation = rng.choice([0x65, 0xE5, 0x45, 0x05, 0x25])
        if rng.random() < 0.3:
            self.emit(rng.choice([0x38, 0x18, 0xF8, 0xD8]))  # carry, decimal mode
        self.emit(0xA5, rng.choice(RAM), operation, rng.choice(RAM), 0x85, rng.choice(RAM))

    def write_picture(self):
        """A write to an object, a colour, a position or a motion register."""
        rng = self.rng
        register = rng.choice(PICTURE)
        if rng.random() < 0.4:
            self.emit(0xA5, rng.choice(LIVELY), 0x85, register)
            return
        value = rng.randrange(256)
        if register in (0x04, 0x05) and rng.random() < 0.5:
            value = rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 0x15, 0x23, 0x30])
        if register in (0x0D, 0x0E, 0x0F, 0x1B, 0x1C) and rng.random() < 0.5:
            value = rng.choice([0x00, 0xFF, 0x80, 0x01, 0xAA, 0x3C])
        self.store(register, value)

    def read_collisions(self):
        rng = self.rng
        address = rng.choice([*range(0x08), *range(0x30, 0x38)])
        self.emit(0xA5, address, 0x45, 0x90, 0x85, rng.choice(RAM))

    def read_ports(self):
        rng = self.rng
        choice = rng.random()
        if choice < 0.3:
            self.emit(0xA5, rng.randrange(0x08, 0x0E))  # INPT0 .. INPT5
        else:
            address = rng.choice([SWCHA, SWCHB, INTIM, INTIM, TIMINT, 0x281, 0x283])
            self.emit(0xAD, address & 0xFF, address >> 8)
        self.emit(0x85, rng.choice(RAM))

    def set_timer(self):
        register = self.rng.choice([0x294, 0x295, 0x296, 0x297])
        self.emit(0xA9, self.rng.randrange(256), 0x8D, register & 0xFF, register >> 8)

    def moving_stars(self):
        """HMM0 changed 21 to 24 cycles after HMOVE: the starfield of one game."""
        self.store(HMM0, 0x70)
        self.line()
        self.emit(0x85, HMOVE)
        self.emit(0xA9, 0x60)
        self.wait(16)
        self.emit(0x85, HMM0)

    def frame(self, lines):
        """A picture of about so many lines, in which every few lines something happens at some cycle."""
        rng = self.rng
        self.start_of_frame()
        left = lines
        while left > 0 and len(self.bytes) < 1600:
            self.line()
            left -= 1
            if rng.random() < 0.3:
                self.emit(0x85, HMOVE)
            for _ in range(rng.randrange(5)):
                if rng.random() < 0.5:
                    self.wait(rng.randrange(2, 24))
                kind = rng.random()
                if kind < 0.75:
                    self.write_picture()
                elif kind < 0.85:
                    self.read_collisions()
                elif kind < 0.92:
                    self.read_ports()
                elif kind < 0.95:
                    self.set_timer()
                elif kind < 0.97:
                    self.moving_stars()
                else:
                    self.something_with_ram()
            if rng.random() < 0.2:
                count = rng.randrange(1, 20)
                self.lines(count)
                left -= count
        if left > 0:
            self.lines(min(left, 255))
        self.store(VBLANK, 2)
        self.lines(rng.choice([28, 30, 32]))

    def straight_opcodes(self, count):
        """Any opcodes that neither jump nor jam, on RAM, ROM, TIA and RIOT."""
        rng = self.rng
        for _ in range(count):
            opcode = rng.choice(STRAIGHT)
            size = length_of(opcode)
            if size == 2:
                self.emit(opcode, rng.choice([rng.choice(RAM), rng.choice(RAM), rng.randrange(256)]))
            elif size == 3:
                address = rng.choice([rng.choice(RAM), rng.randrange(0xF000, 0xFF00), rng.randrange(0x40),
                                      rng.randrange(0x280, 0x298), rng.randrange(0x180, 0x200)])
                self.emit(opcode, address & 0xFF, address >> 8)
            else:
                self.emit(opcode)

    def end(self):
        """Changes the sixteen lively bytes of RAM and goes back to the start, with a sane stack."""
        self.emit(0xE6, 0x80, 0xD8, 0xA2, 0x0F)
        self.emit(0xB5, 0x80, 0x75, 0x81, 0x95, 0x80, 0xCA, 0x10, 0xF7)
        self.emit(0xA2, 0xFF, 0x9A, 0x4C, 0x00, 0xF0)


def picture(rng, code):
    code.frame(rng.choice([192, 192, 200, 210, 228, 250]))


def opcodes(rng, code):
    code.start_of_frame()
    code.straight_opcodes(rng.randrange(50, 400))


def wild(rng, code):
    """No order at all: VSYNC anywhere, RSYNC, frames too long or too short."""
    for _ in range(rng.randrange(50, 300)):
        if len(code.bytes) > 1700:
            break
        choice = rng.random()
        if choice < 0.5:
            code.write_picture()
        elif choice < 0.6:
            code.line()
        elif choice < 0.7:
            code.wait(rng.randrange(2, 30))
        elif choice < 0.8:
            code.read_ports()
        elif choice < 0.85:
            code.lines(rng.randrange(1, 60))
        elif choice < 0.9:
            code.read_collisions()
        elif choice < 0.93:
            code.store(VBLANK, rng.choice([0, 0, 2, 0x80, 0x42]))
        elif choice < 0.95:
            code.store(RSYNC, 0)
        elif choice < 0.97:
            code.store(VSYNC, 2)
            code.lines(rng.randrange(1, 5))
            code.store(VSYNC, 0)
        else:
            code.moving_stars()
    code.store(VSYNC, 2)
    code.lines(2)
    code.store(VSYNC, 0)


KINDS = {"picture": picture, "opcodes": opcodes, "wild": wild}


def make_program(seed):
    """(kind, ROM). Larger ROMs hold the same code in every bank and read the hot spots now and then."""
    rng = random.Random(f"program {seed}")
    kind = rng.choice(["picture", "picture", "picture", "opcodes", "wild"])
    size = rng.choice([2048, 4096, 4096, 8192, 16384])
    code = Code(rng)
    KINDS[kind](rng, code)
    for _ in range(rng.randrange(3)):
        for address in HOT_SPOTS.get(size, []):
            code.emit(0xAD, address & 0xFF, address >> 8)
    code.end()
    bank_size = min(size, 4096)
    assert len(code.bytes) <= bank_size - 6
    rom = bytearray()
    for _ in range(size // bank_size):
        bank = bytearray(rng.randbytes(bank_size))
        bank[: len(code.bytes)] = code.bytes
        bank[-6:] = bytes([0x00, 0xF0] * 3)
        rom += bank
    return f"{kind} {size}", bytes(rom)
