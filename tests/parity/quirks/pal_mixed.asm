; PAL frames of 310 to 360 lines: grey after an odd number of lines, cut after line 342.
; as seaquest, 260 frames
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
        lda FRAME
        lsr
        lsr
        and #63
        tay
        iny
.more   sty COLUBK
        sta WSYNC
        dey
        bne .more
        LINES 35
        BOTTOM 30
        BANK_END Start
