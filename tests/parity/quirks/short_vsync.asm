; VSYNC ends a frame only if it was on for 228 clocks; on again, it counts anew. Never on, it ends nothing.
; as seaquest, 300 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   inc FRAME
        LINES 30
        lda FRAME
        sta COLUBK
        asl
        asl
        asl
        sta PF1
        lda #$0E
        sta COLUPF
        LINES 150
        ldx #2
        bit FRAME
        bmi .again
        bvs .never
        stx VSYNC
.again  stx VSYNC
        lda FRAME
        and #$3F
        jsr Wait
        bit FRAME
        bpl .off
        stx VSYNC
        bvc .off
        lda #34
        jsr Wait
.off    lda #0
        sta VSYNC
        sta COLUBK
.never  jmp Frame
        BANK_END Start
