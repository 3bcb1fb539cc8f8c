; Which colour wins: all 64 sets of objects, three lines each, under all CTRLPF; score mode counts most when alone.
; as seaquest, 128 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta CTRLPF
        ldx #$10
        stx NUSIZ0
        stx NUSIZ1
        lda #$E0
        sta HMP0
        lda #$10
        sta HMM1
        lda #$30
        sta HMBL
        sta WSYNC
        sta HMOVE
        PICTURE
        ldx #63
.set    txa
        sta ENABL       ; bit 1
        sta WSYNC
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
        ldy #$FF
.other  sty GRP1        ; bit 5
        txa
        and #1
        beq .field
        lda #$A5
.field  sta WSYNC
        sta PF0         ; bit 0
        sta PF1
        sta PF2
        sta WSYNC
        dex
        bpl .set
        BOTTOM 10
        BANK_END Start
