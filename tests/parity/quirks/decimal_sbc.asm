; Decimal SBC of every operand, with and without carry, from another A in each frame: results as colours, sums in RAM.
; as seaquest, 520 frames
        include "kernel.inc"
SUM     = FREE          ; of results, then of flags; never cleared but by a reset
OPERAND = FREE + 2
        MAC COUNT       ; 32 cycles
        lda FRAME
        sbc OPERAND
        sta COLUBK
        php
        eor SUM
        rol
        sta SUM
        pla
        eor SUM + 1
        rol
        sta SUM + 1
        ENDM
        BANK_BEGIN
Start   INIT
Frame   TOP
        sed
        ldx #0
        stx VBLANK
.line   stx OPERAND     ; 76 cycles, a line, for one operand
        clc
        COUNT
        sec
        COUNT
        inx
        bne .line
        cld
        jmp Frame
        BANK_END Start
