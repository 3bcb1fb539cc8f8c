; INPT0 to INPT5 with VBLANK's dump (bit 7) and latch (bit 6): buttons are never latched, the pots of a joystick low.
; as kaboom, 400 frames
        include "kernel.inc"
RESULT  = FREE          ; 14 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda #3
        sta $A1         ; lives, or the game is over
        lda FRAME
        asl
        asl
        asl
        and #$C0
        sta VBLANK
        LINES 2
        lda #0
        sta VBLANK
        sta WSYNC
        lda FRAME
        asl
        asl
        asl
        and #$40
        sta VBLANK
        ldx #5
.first  lda INPT0,x
        sta RESULT,x
        dex
        bpl .first
        PICTURE
        LINES 100
        ldx #5
.second lda INPT0,x
        sta RESULT + 6,x
        dex
        bpl .second
        lda SWCHA
        sta RESULT + 12
        lda SWCHB
        sta RESULT + 13
        SHOW RESULT,14
        BOTTOM 40
        BANK_END Start
