; Frames of 312 lines: found to be PAL, 250 lines high, and with all its colours.
; as seaquest, 60 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta GRP0
        PICTURE
        ldy #200
.line   sty COLUBK
        tya
        asl
        sta COLUPF
        sty PF1
        sta WSYNC
        dey
        bne .line
        LINES 40
        BOTTOM 30
        BANK_END Start
