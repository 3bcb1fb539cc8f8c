; ANC, ASR, ARR (decimal too), ANE, LXA, SBX and SBC (EB) of all operands, A, X and flags at random: results and flags.
; as seaquest, 520 frames
        include "kernel.inc"
RANDOM  = FREE          ; 2 bytes
OPERAND = FREE + 2
SUM     = FREE + 3      ; 3 bytes
FLAGS   = FREE + 6
CODE    = FREE + 8      ; 5 bytes
        BANK_BEGIN
Start   INIT
        lda #$4C        ; JMP Done
        sta CODE + 2
        lda #<Done
        sta CODE + 3
        lda #>Done
        sta CODE + 4
        inc RANDOM
Frame   TOP
        lda FRAME
        and #7
        tax
        lda Opcodes,x
        sta CODE
        lda Flags,x
        sta FLAGS
        ldy #0
        sty VBLANK
.line   lda RANDOM
        asl
        rol RANDOM + 1
        bcc .random
        eor #$2D
.random sta RANDOM
        sty CODE + 1
        ldx RANDOM + 1
        and #1          ; carry
        ora FLAGS
        pha
        lda RANDOM + 1
        eor RANDOM
        sta COLUBK
        plp
        jmp CODE
Done    php
        cld
        sta COLUBK
        eor SUM
        asl
        adc #0
        sta SUM
        txa
        eor SUM + 1
        asl
        adc #0
        sta SUM + 1
        pla
        eor SUM + 2
        asl
        adc #0
        sta SUM + 2
        sta COLUBK
        sta WSYNC
        dey
        bne .line
        jmp Frame
Opcodes dc.b $0B,$2B,$4B,$6B,$8B,$AB,$CB,$EB
Flags   dc.b $00,$CA,$40,$08,$08,$00,$08,$00    ; bit 3: decimal
        BANK_END Start
