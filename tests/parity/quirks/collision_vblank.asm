; VBLANK hides collisions as it hides pixels: it goes off for 3 cycles at every cycle of the line.
; as amidar, 160 frames
        include "kernel.inc"
RESULT  = FREE          ; 76 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda #2
        sta ENAM0
        sta ENAM1
        sta WSYNC
        LINES 1
        lda FRAME
        and #63
        jsr Wait
        sta RESM0
        sta RESM1
        lda FRAME
        lsr
        sta NUSIZ0
        sta NUSIZ1
        lda #$70
        sta HMM0
        lda #$E0
        sta HMM1
        sta WSYNC
        sta HMOVE
        PICTURE
        ldx #75
.line   ldy #2
        sty VBLANK
        sta WSYNC
        sta CXCLR
        txa
        jsr Wait
        lda #0
        sta VBLANK
        sty VBLANK
        sta WSYNC
        lda CXPPMM
        sta RESULT,x
        dex
        bpl .line
        sta WSYNC
        lda #0
        sta VBLANK
        SHOW RESULT,20
        BOTTOM 5
        BANK_END Start
