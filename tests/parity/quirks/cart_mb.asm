; MB: any access to FFF0 chooses the next of 16 banks, and the byte comes from there; bank 1 after a reset.
; as seaquest, 128 frames, 4 resets
; All banks hold the same code; MARK tells them apart.
        include "kernel.inc"
STARTED = FREE          ; the bank after a reset
RESULT  = FREE + 1      ; 16 bytes
        MAC KEEP
        lda Mark
        VALUE
        ENDM
        MAC VALUE
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 16
SLOT    SET 0
        BANK_BEGIN
        ds 16,$90 + BANK        ; no test for RAM at this size
Start   INIT
        lda Mark
        sta STARTED
Frame   TOP
        PICTURE
        lda $FFF0       ; read
        VALUE
        KEEP
        sta $FFF0       ; write
        KEEP
        inc $FFF0       ; both: two banks on
        KEEP
        bit $1FF0       ; in mirrors
        KEEP
        sta $7FF0
        KEEP
        ldx #$F0
        lda $FF00,x     ; indexed
        VALUE
        KEEP
        bit $FFEF       ; no hot spots
        sta $FFEF
        bit $FFF1
        sta $FFF1
        bit $FEF0
        sta $F7F0
        bit $FF70
        sta $FFE0
        bit $FFF8
        sta $FFF9
        bit $EFF0       ; a joystick
        KEEP
        lda $F000
        VALUE
        lda #$91
        ldx FRAME
        sec
        jsr $FFF0       ; an opcode of the next bank
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        jsr Hot
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        lda FRAME       ; leave the sweep of banks at times
        and #7
        bne .stay
        sta $FFF0
.stay   lda Mark        ; what a reset finds: not bank 1
        cmp #$3A + 7
        bne .other
        bit $FFF0
.other  SHOW STARTED,SLOT + 1
        BOTTOM 60
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $3A + BANK * 7
        WAIT_CODE
        ORG BANK * $1000 + $FEF
        RORG $FFEF
Hot     dc.b $A9        ; LDA #: the operand's fetch chooses the next bank
        dc.b $0A + $20 * (BANK & 7)     ; ASL, ROL, LSR, ROR, TXA, TAX, DEX or NOP
        dc.b $EA - $20 * (BANK & 1)     ; NOP or DEX
        rts
        VECTORS Start
BANK    SET BANK + 1
        REPEND
