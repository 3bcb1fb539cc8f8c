; RESP0 and RESP1 at every cycle of the line, HBLANK too, for all NUSIZ: the players' places.
; as seaquest, 256 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta NUSIZ0
        eor #$05
        sta NUSIZ1
        lda #$9B
        sta GRP0
        sta GRP1
        PICTURE
        ldx #75
.line   sta WSYNC
        txa
        jsr Wait
        sta RESP0
        sta RESP1
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
