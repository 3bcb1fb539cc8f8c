; Players of double and quadruple width begin one pixel late; all NUSIZ, both ways round, at all places, over the edge.
; as seaquest, 200 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$E5
        sta GRP0
        sta GRP1
        lda #$F0
        sta HMP0
        sta HMM0
        lda #$10
        sta HMP1
        sta HMM1
        lda #2
        sta ENAM0
        sta ENAM1
        sta WSYNC
        sta HMOVE
        PICTURE
        ldx #31
.band   stx NUSIZ0
        stx NUSIZ1
        txa
        lsr
        lsr
        sta REFP0
        sta REFP1
        LINES 5
        dex
        bpl .band
        BOTTOM 10
        BANK_END Start
