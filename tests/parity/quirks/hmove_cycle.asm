; HMOVE at every cycle of the line, with all 16 motions of the five objects: how far each goes, and the comb.
; as seaquest, 256 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$90
        sta GRP0
        sta GRP1
        lda #2
        sta ENAM0
        sta ENAM1
        sta ENABL
        lda #$30
        sta NUSIZ0
        sta CTRLPF
        lda FRAME
        asl
        asl
        asl
        asl
        sta HMP0
        clc
        adc #$30
        sta HMP1
        adc #$30
        sta HMM0
        adc #$30
        sta HMM1
        adc #$30
        sta HMBL
        sta WSYNC
        LINES 1
        lda FRAME
        lsr
        lsr
        lsr
        lsr
        jsr Wait
        sta RESP0
        sta RESM0
        sta RESBL
        sta RESP1
        sta RESM1
        PICTURE
        ldx #75
.line   sta WSYNC
        txa
        jsr Wait
        sta HMOVE
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
