; The cycles around the timer's end: the first read at or past -2 changes how INTIM goes on, and clears INSTAT.
; as amidar, 256 frames
        include "kernel.inc"
RESULT  = FREE          ; 78 bytes
TIME    = FREE + 78
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        inc TIME        ; counts to 47, so that every read meets every cycle around the end
        lda TIME
        cmp #48
        bne .time
        lda #0
        sta TIME
.time   lda FRAME
        lsr
        lsr
        and #1
        tay             ; TIM1T or TIM8T
        ldx #77
.read   txa
        lsr
        sta WSYNC
        sta TIM1T,y     ; 38 down to 0
        lda TIME
        jsr Wait
        lda INSTAT
        asl
        lda INTIM
        rol
        sta RESULT,x
        dex
        lda INTIM
        eor INSTAT
        rol
        eor INTIM
        sta RESULT,x
        dex
        bpl .read
        SHOW RESULT,78
        BOTTOM 5
        BANK_END Start
