; The timer at its four speeds, read all along a frame, before and after it expires; INSTAT between.
; as amidar, 256 frames
        include "kernel.inc"
RESULT  = FREE          ; 80 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        and #3
        tay
        ldx #79
        lda FRAME
        sta TIM1T,y
.read   lda INTIM
        sta RESULT,x
        lda INSTAT
        dex
        sta RESULT,x
        lda FRAME
        and #$3F        ; the reads come at other distances in every frame
        jsr Wait
        dex
        bpl .read
        lda TIM1T + 6   ; mirrors: $029A is INSTAT or INTIM, too
        eor $02FE
        eor $0FEF
        sta RESULT
        SHOW RESULT,80
        BOTTOM 5
        BANK_END Start
