; WSYNC at every cycle of the line: it waits for the end of the line, and at cycle 76 not at all.
; as seaquest, 64 frames
        include "kernel.inc"
RESULT  = FREE
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        ldx #77
.line   sta WSYNC
        txa
        jsr Wait
        sta WSYNC
        sty COLUBK
        lda FRAME
        sta COLUBK
        iny
        lda INTIM
        eor RESULT
        rol
        sta RESULT
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
