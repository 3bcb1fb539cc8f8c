; NUSIZx written while players and missiles are drawn: it counts 8 clocks later. All changes from one value to another.
; as seaquest, 512 frames
        include "kernel.inc"
FROM    = FREE
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$A7
        sta GRP0
        sta GRP1
        lda #2
        sta ENAM0
        sta ENAM1
        lda FRAME
        sta FROM
        lsr
        lsr
        lsr
        tay
        sta WSYNC
        LINES 1
        lda FRAME
        and #63
        jsr Wait
        sta RESP0
        sta RESM1
        sta RESP1
        sta RESM0
        lda FRAME
        lsr
        lsr
        lsr
        tay
        PICTURE
        ldx #75
.line   lda FROM
        sta NUSIZ0
        sta NUSIZ1
        sta WSYNC
        txa
        jsr Wait
        sty NUSIZ0
        sty NUSIZ1
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
