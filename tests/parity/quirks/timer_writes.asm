; A timer write needs bits 4 and 2 of the address; it takes back what a read after the end has changed.
; as amidar, 256 frames
        include "kernel.inc"
RESULT  = FREE          ; 64 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda #1
        sta TIM1T
        lda FRAME
        jsr .pause
        ldx #31
.write  lda FRAME
        sta $0280,x     ; $0280 .. $029F: ports, timers, nothing
        lda FRAME
        jsr .pause
        lda INTIM
        sta RESULT,x
        lda INSTAT
        sta RESULT + 32,x
        dex
        bpl .write
        lda #0
        sta SWACNT
        SHOW RESULT,64
        BOTTOM 5
.pause  and #$7F
        jmp Wait
        BANK_END Start
