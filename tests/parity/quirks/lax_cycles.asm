; LAX of the zero page takes 4 cycles, not 3: what follows it is drawn 3 clocks more to the right.
; as seaquest, 16 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$FF
        sta GRP0
        PICTURE
        ldy #30
.band   sty FREE
        sta WSYNC
        lda #30
        jsr Wait
        lda FREE
        sta RESP0
        REPEAT 2
        sta WSYNC
        REPEND
        sta WSYNC
        lda #30
        jsr Wait
        dc.b $A7,FREE   ; LAX
        sta RESP0
        stx COLUP0
        lda FRAME
        sta COLUBK
        REPEAT 2
        sta WSYNC
        REPEND
        dey
        bpl .band
        BOTTOM 10
        BANK_END Start
