; The 15 collision latches: eight of the 64 sets of objects in each frame; CXCLR clears all; bit 6 of CXBLPF is 0.
; as amidar, 256 frames
        include "kernel.inc"
SET_NOW = FREE
RESULT  = FREE + 1      ; 64 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$30
        sta NUSIZ0
        sta NUSIZ1
        sta CTRLPF
        lda #$F0
        sta HMP0
        lda #$10
        sta HMM0
        lda #$20
        sta HMBL
        lda #$D0
        sta HMM1
        sta WSYNC
        sta HMOVE
        lda #$55
        sta PF0
        sta PF1
        sta PF2
        PICTURE
        ldx #0
.set    inc SET_NOW
        lda SET_NOW
        sta WSYNC
        sta ENABL       ; bit 1
        lsr
        sta ENAM0       ; bit 2
        lsr
        sta ENAM1       ; bit 3
        lsr
        lsr
        lsr
        ldy #0
        bcc .player
        ldy #$BD
.player sty GRP0        ; bit 4
        lsr
        ldy #0
        bcc .other
        ldy #$E1
.other  sty GRP1        ; bit 5
        lda SET_NOW
        and #1
        beq .field
        lda #$C6
.field  sta PF2         ; bit 0
        sta CXCLR
        LINES 3
SOURCE  SET CXM0P
        REPEAT 8
        lda SOURCE
        sta RESULT,x
        inx
SOURCE  SET SOURCE + 1
        REPEND
        cpx #64
        bne .set
        SHOW RESULT,64
        BOTTOM 5
        BANK_END Start
