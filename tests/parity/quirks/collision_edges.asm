; Collisions at the first and the last pixels of a line, across the edge, and under the HMOVE comb.
; as seaquest, 256 frames
        include "kernel.inc"
RESULT  = FREE          ; 24 bytes
BAND    = FREE + 24
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #2
        sta ENAM0
        sta ENAM1
        sta ENABL
        lda #$81
        sta GRP0
        sta GRP1
        lda #$10
        sta PF0
        lda FRAME       ; missile 1 and player 1 stay near the edge, the others walk over it
        lsr
        lsr
        sta NUSIZ0
        sta CTRLPF
        lda #$10
        sta HMM0
        sta HMBL
        lda #$F0
        sta HMP0
        sta WSYNC
        sta HMOVE
        lda FRAME
        and #15
        bne .stay
        sta WSYNC
        sta RESP0
        sta RESM0
        sta RESM1
        LINES 1
        lda #34         ; cycle 67 and on
        jsr Wait
        nop
        sta RESP1
        sta RESBL
.stay   sta HMCLR
        PICTURE
        ldx #23
.band   sta CXCLR
        sta WSYNC
        txa
        and #8
        beq .plain
        sta HMOVE
.plain  lda #0
        cpx #16
        bcs .wide
        lda #$10
.wide   sta PF0
        LINES 2
        lda CXM0P - 16,x
        cpx #16
        bcs .keep
        lda CXM0P - 8,x
        cpx #8
        bcs .keep
        lda CXM0P,x
.keep   sta RESULT,x
        dex
        bpl .band
        SHOW RESULT,24
        BOTTOM 5
        BANK_END Start
