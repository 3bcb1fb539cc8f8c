; Frames of 313 lines: PAL, and grey, because the number of lines is odd.
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
        LINES 41
        BOTTOM 30
        BANK_END Start
