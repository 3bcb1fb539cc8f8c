; A write to the TIA in a line above 290 ends the frame and counts: every fourth frame has 284 to 299 lines.
; as seaquest, 260 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        and #3
        bne .usual
        lda FRAME
        lsr
        lsr
        and #15
        clc
        adc #22
        tax
.more   stx COLUBK
        sta WSYNC
        dex
        bne .more
.usual  ldx #222
.line   stx COLUBK
        sta WSYNC
        dex
        bne .line
        stx FREE        ; a write to RAM ends nothing
        lda CXM0P       ; nor does a read
        jmp Frame
        BANK_END Start
