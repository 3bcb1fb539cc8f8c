; RESMPx hides the missile; let go, it stands in the player's middle: 4, 8 or 16 pixels from its first.
; as seaquest, 256 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #2
        sta ENAM0
        sta ENAM1
        lda #$81
        sta GRP0
        sta GRP1
        lda FRAME
        sta NUSIZ0
        lsr
        sta NUSIZ1
        lda #$F0
        sta HMP0
        lda #$30
        sta HMP1
        sta WSYNC
        sta HMOVE
        PICTURE
        ldx #75
.line   lda #2
        sta RESMP0
        sta RESMP1
        sta WSYNC
        txa
        jsr Wait
        lda #0
        sta RESMP0
        sta RESMP1
        sta WSYNC
        dex
        bpl .line
        lda FRAME       ; only with bit 3 is RESMP0 on into the next frame
        lsr
        lsr
        sta RESMP0
        BOTTOM 10
        BANK_END Start
