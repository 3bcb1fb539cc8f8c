; RESP0 again while a copy is due, begins or is drawn: old image for 11 clocks, first copy hidden till the line ends.
; as seaquest, 512 frames
; Each frame takes a third of the cycles, another NUSIZ and another old place.
        include "kernel.inc"
OLD     = FREE
FIRST   = FREE + 1
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta NUSIZ0
        lsr
        lsr
        lsr
        sta NUSIZ1
        lda #$DB
        sta GRP0
        sta GRP1
        inc OLD
        lda OLD
        and #63
        sta OLD
        dec FIRST
        bpl .first
        lda #2
        sta FIRST
.first  clc
        lda #73
        adc FIRST
        tax
        PICTURE
.line   sta WSYNC
        lda OLD
        jsr Wait
        sta RESP0
        sta RESP1
        sta WSYNC
        sta WSYNC
        txa
        jsr Wait
        sta RESP1
        sta RESP0
        sta WSYNC
        dex
        dex
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
