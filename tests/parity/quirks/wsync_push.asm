; A push onto WSYNC waits after PHA and PHP and for the first byte of JSR and BRK, not for their second and third.
; as seaquest, 128 frames
        include "kernel.inc"
RESULT  = FREE          ; 7 bytes
CASE    = FREE + 7
        MAC PUSHING     ; {1}: the stack pointer; the timer says when the push is over
        lda #255
        sta WSYNC
        sta TIM1T
        lda FRAME
        and #63
        jsr Wait
        ldx #{1}
        txs
        ENDM
        MAC PUSHED
        ldx #$FF
        txs
        lda INTIM
        sta RESULT + {1}
        sty COLUBK
        iny
        ENDM
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        PUSHING 2
        pha
        PUSHED 0
        PUSHING 2
        php
        PUSHED 1
        PUSHING 2
        jsr .first
.first  PUSHED 2
        PUSHING 3
        jsr .second
.second PUSHED 3
        lda #0
        sta CASE
        PUSHING 2
        brk
Broken  inc CASE
        lda CASE
        cmp #2
        bcc .push2
        beq .push3
        PUSHED 6
        SHOW RESULT,7
        BOTTOM 10
.push2  PUSHED 4
        PUSHING 3
        brk
.push3  PUSHED 5
        PUSHING 4
        brk
        BANK_END Broken
