; Every opcode but jumps, JAM and those that set the stack pointer: registers, flags, memory and cycles.
; as seaquest, 400 frames
; Each frame runs a quarter of them from RAM, with registers at random; results are colours and sums in RAM.
        include "kernel.inc"
OPCODE  = FREE
RANDOM  = FREE + 1      ; 2 bytes
SUM     = FREE + 3      ; 5 bytes: A, X, Y, P, cycles
CODE    = FREE + 8      ; 6 bytes
DATA    = $C0           ; 36 bytes; after an opcode alone C0 88 is CPY #$88
POINTER = $E4           ; 17 bytes: $88D4, a mirror of DATA, or $D488 in ROM
        MAC ADD         ; A to a sum
        eor SUM + {1}
        asl
        adc #0
        sta SUM + {1}
        ENDM
        BANK_BEGIN
Start   INIT
        lda #$4C        ; JMP Done
        sta CODE + 3
        lda #<Done
        sta CODE + 4
        lda #>Done
        sta CODE + 5
        lda #$88
        sta CODE + 2
        ldx #16
.fill   sta POINTER,x
        eor #$88 ^ $D4
        dex
        bpl .fill
        lda FRAME
        ora #1
        sta RANDOM
Frame   TOP
        lda FRAME
        and #3
        sta OPCODE
        PICTURE
.next   lda OPCODE
        lsr
        lsr
        lsr
        tay
        lda OPCODE
        and #7
        tax
        lda Bits,x
        and Skip,y
        bne .skip
        lda RANDOM
        asl
        rol RANDOM + 1
        bcc .random
        eor #$2D
.random sta RANDOM
        ldx #$FB
        txs
        ldy #DATA
        lda OPCODE
        sta CODE
        and #$0D
        cmp #$01        ; (zp,X), (zp),Y
        bne .direct
        ldy #POINTER
.direct lda OPCODE
        and #$1D
        cmp #$09        ; an immediate operand
        bne .operand
        ldy RANDOM
.operand sty CODE + 1
        lda RANDOM
        and #15
        tax
        lda SUM
        and #15
        tay
        lda #255
        sta TIM1T
        lda RANDOM + 1  ; flags, D too
        pha
        lda RANDOM
        eor SUM
        plp
        jmp CODE
Done    php
        cld
        sta COLUBK
        ADD 0
        lda INTIM
        ADD 4
        txa
        ADD 1
        tya
        ADD 2
        pla
        sta COLUBK
        ADD 3
.skip   lda OPCODE
        clc
        adc #4
        sta OPCODE
        cmp #4
        bcc .end
        jmp .next
.end    BOTTOM 5
Bits    dc.b 1,2,4,8,16,32,64,128
Skip    dc.b 5,0,5,0,5,0,5,0,5,16,5,0,5,16,5,0,0,0,5,12,0,0,5,8,0,0,5,0,0,0,5,0
        BANK_END Start
