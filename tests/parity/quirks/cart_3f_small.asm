; 3F in 6144 bytes: the bank's number is the value modulo 3.
; as amidar, 256 frames, 4 resets
BANKS   = 3
        include "cart_3f.inc"
