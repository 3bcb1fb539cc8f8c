; BRK pushes the address two bytes on and flags with B; it sets I. RTI and PLP keep B and bit 5 set.
; as seaquest, 260 frames
        include "kernel.inc"
RESULT  = FREE          ; 5 bytes: flags after RTI, in BRK, SP, pushed flags, time
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        ldx #$FF
        txs
        lda FRAME
        pha
        plp
        brk
        dc.b 2          ; skipped: it would JAM
        php
        pla
        sta RESULT
        lda INTIM
        sta RESULT + 4
        cld
        SHOW RESULT,5
        SHOW $F8,8
        BOTTOM 60
Broken  php
        pla
        sta RESULT + 1
        tsx
        stx RESULT + 2
        lda #255
        sta TIM1T
        pla
        sta RESULT + 3
        eor #$38        ; other flags, B and bit 5 clear
        pha
        rti
        BANK_END Broken
