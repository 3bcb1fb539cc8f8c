; Opcodes that set the stack pointer: TXS, LAS (from SP & memory), SHS (A & X, and stores it & high byte + 1).
; as seaquest, 260 frames
        include "kernel.inc"
RESULT  = FREE          ; 16 bytes
MEMORY  = $C0
        MAC KEEP        ; SP, A, X, Y and flags; {1}: where
        php             ; where SP points to, RAM or TIA
        sta RESULT + {1}
        stx RESULT + {1} + 1
        tsx
        stx RESULT + {1} + 2
        ldx #$FF
        txs
        php
        pla
        sta RESULT + {1} + 3
        ENDM
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        ora #$84        ; RAM, or TIA registers from VBLANK's mirror on
        eor #$21
        tax
        lda #0
        txs
        KEEP 0
        ldy #3
        lda FRAME
        sta MEMORY + 3
        ldx #$F7
        txs
        dc.b $BB,MEMORY,$88     ; LAS $88C0,Y
        KEEP 4
        lda FRAME
        ldx #$DB
        dc.b $9B,MEMORY + 2,$84 ; SHS $84C2,Y
        KEEP 8
        ldx #$FF
        lda FRAME
        ora #$C0
        dc.b $9B,MEMORY + 4,$C8 ; SHS $C8C4,Y
        KEEP 12
        SHOW RESULT,16
        SHOW MEMORY,8
        BOTTOM 40
        BANK_END Start
