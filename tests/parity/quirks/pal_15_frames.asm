; PAL is 15 frames of more than 285 lines among frames 30 to 59 after the first reset; here just 15 have 286.
; as seaquest, 100 frames
        include "kernel.inc"
NUMBER  = FREE          ; of the frame since the reset
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
        inc NUMBER
        lda NUMBER
        cmp #45
        bcs .short
        LINES 20
.short  BOTTOM 27
        BANK_END Start
