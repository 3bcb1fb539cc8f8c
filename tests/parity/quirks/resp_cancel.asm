; NUSIZ0 or HMOVE right after RESP0 brings back the first copy that RESP0 hides till the line ends.
; as seaquest, 512 frames
        include "kernel.inc"
WIDTH   = FREE
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$FF
        sta GRP0
        lda FRAME
        and #7
        sta WIDTH
        sta NUSIZ0
        lda FRAME
        lsr
        lsr
        lsr
        and #3
        tay
        ldx Cancel,y
        stx FREE + 1
        PICTURE
        ldx #75
.line   sta WSYNC
        txa
        jsr Wait
        ldy WIDTH
        sta RESP0
        bit FRAME
        bvc .later
        nop
.later  txa
        ldx FREE + 1
        sty $00,x
        tax
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
Cancel  dc.b NUSIZ0,HMOVE,COLUP1,NUSIZ1
        BANK_END Start
