; 2K: the ROM appears twice in the 4 KB, writes do nothing; code runs in both copies.
; as seaquest, 64 frames
        include "kernel.inc"
RESULT  = FREE          ; 7 bytes
        ORG $800
        RORG $F800
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        sta Cell - $800
        sta Cell
        inc Cell
        ldx FRAME
        lda Start - $800,x
        sta RESULT
        lda Start,x
        sta RESULT + 1
        lda Start - $800 + $300,x
        sta RESULT + 2
        jsr Where - $800
        sta RESULT + 3
        jsr Where
        sta RESULT + 4
        lda Cell
        sta RESULT + 5
        lda Cell - $800
        eor FRAME
        sta RESULT + 6
        SHOW RESULT,7
        BOTTOM 100
Where   jsr .here       ; what it pushes tells the copy
.here   pla
        pla
        rts
Cell    dc.b $3A
        BANK_END Start
