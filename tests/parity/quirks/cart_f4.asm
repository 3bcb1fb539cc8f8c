; F4: hot spots FFF4 to FFFB act on reads, writes, operand and opcode fetches; the byte comes from the new bank.
; as seaquest, 64 frames, 4 resets
; All banks hold the same code; MARK tells them apart.
        include "kernel.inc"
STARTED = FREE          ; the bank after a reset
RESULT  = FREE + 1      ; 17 bytes
        MAC KEEP
        lda Mark
        VALUE
        ENDM
        MAC VALUE
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 8
SLOT    SET 0
        BANK_BEGIN
Start   INIT
        lda Mark
        sta STARTED
Frame   TOP
        PICTURE
        lda FRAME
        and #7
        tax
        sta $FFF4,x     ; write
        KEEP
        txa
        eor #5
        tax
        lda $FFF4,x     ; read
        VALUE
        KEEP
        inc $FFF9       ; both
        KEEP
        bit $1FF6       ; in mirrors
        KEEP
        sta $3FF5
        KEEP
        dec $DFFA
        KEEP
        bit $FFF3       ; no hot spots
        sta $FFF3
        bit $FFFC
        sta $FFFC
        KEEP
        bit $FEF4
        sta $F7F4
        bit $FF74
        sta $FFB4
        bit $EFF4       ; the timer
        KEEP
        ldy #$FB
        lda $FF00,y     ; indexed
        VALUE
        KEEP
        ldx FRAME
        jsr Hot
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        bit $FFF7
        jsr Far
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        SHOW STARTED,SLOT + 1
        lda FRAME       ; what a reset finds
        and #3
        tax
        lda $FFF8,x
        BOTTOM 60
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $3A + BANK * $13
        ORG BANK * $1000 + $EA9
        RORG $FEA9
        dc.b $C5 + BANK * 7     ; what Far reads
        WAIT_CODE
        ORG BANK * $1000 + $FF2
        RORG $FFF2
Far     dc.b $AD        ; LDA $FEA9: the operand's second byte chooses bank 0
Hot     dc.b $A9        ; LDA #: the operand's fetch chooses bank 0
        dc.b $FE - BANK
        ds 6,$0A + $20 * ((BANK + 5) & 7)       ; run: DEX of bank 1, then NOP, ASL, ROL, LSR, ROR of bank 6
        IF BANK == 7
        rts
        ELSE
        dc.b $0A + $20 * BANK
        ENDIF
        VECTORS Start
BANK    SET BANK + 1
        REPEND
