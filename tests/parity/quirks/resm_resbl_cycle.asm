; RESM0, RESM1 and RESBL at every cycle of the line, for all copies and widths: the places of missiles and ball.
; as seaquest, 256 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta NUSIZ0
        sta CTRLPF
        eor #$15
        sta NUSIZ1
        lda #2
        sta ENAM0
        sta ENAM1
        sta ENABL
        PICTURE
        ldx #75
.line   sta WSYNC
        txa
        jsr Wait
        sta RESM0
        sta RESBL
        sta RESM1
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
