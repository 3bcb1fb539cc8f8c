; Code that runs into the TIA: between two frames the bus holds the last byte of RAM, so BRK comes next from 0100.
; as seaquest, 64 frames
        include "kernel.inc"
RESULT  = FREE          ; 2 bytes
CODE    = $FE
        BANK_BEGIN
Start   INIT
Frame   inc FRAME
        lda #2
        sta WSYNC
        sta VSYNC
        LINES 3
        lda #$86        ; STX $40: VSYNC
        sta CODE
        lda #$40
        sta CODE + 1
        lda FRAME
        and #$18
        ora #$20        ; otherwise X would be next: JSR, AND, SEC ..
        ldx #$F8
        txs
        tax
        jmp CODE
Ended   tsx
        stx RESULT
        sta RESULT + 1
        ldx #$FF
        txs
        LINES 40
        SHOW RESULT,2
        SHOW $F4,6
        LINES 150
        jmp Frame
        BANK_END Ended
