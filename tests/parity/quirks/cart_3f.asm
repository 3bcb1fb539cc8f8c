; 3F: a write to 0000-003F or 1000-103F chooses a bank and reaches the TIA, as do all writes to the cartridge.
; as amidar, 256 frames, 4 resets
BANKS   = 4
        include "cart_3f.inc"
