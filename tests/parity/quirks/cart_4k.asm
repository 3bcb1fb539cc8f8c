; 4K: appears wherever address bit 12 is set, writes do nothing; code runs in all mirrors.
; as seaquest, 64 frames
        include "kernel.inc"
RESULT  = FREE          ; 6 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        sta Cell
        dec Cell & $1FFF
        ldx FRAME
        lda Start & $1FFF,x
        sta RESULT
        lda Start & $5FFF,x
        sta RESULT + 1
        lda $B800,x
        sta RESULT + 2
        jsr Where & $1FFF
        sta RESULT + 3
        jsr Where & $7FFF
        sta RESULT + 4
        lda Cell
        sta RESULT + 5
        SHOW RESULT,6
        BOTTOM 100
Where   jsr .here
.here   pla
        pla
        rts
Cell    dc.b $3A
        BANK_END Start
