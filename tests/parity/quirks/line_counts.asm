; Frames of changing length: lines that are never reached keep the picture of the frame before the last.
; as seaquest, 260 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        asl
        asl
        asl
        adc FRAME
        and #$F7
        tax
        inx
.line   stx COLUBK
        sta WSYNC
        dex
        bne .line
        lda FRAME
        and #3
        tax
        BOTTOM 1
        BANK_END Start
