; F6: hot spots FFF6 to FFF9 act on reads, writes, operand and opcode fetches; the byte comes from the new bank.
; as seaquest, 64 frames
; All banks hold the same code; MARK tells them apart.
        include "kernel.inc"
RESULT  = FREE          ; 16 bytes
        MAC KEEP
        lda Mark
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 4
SLOT    SET 0
        BANK_BEGIN
Start   INIT
        KEEP            ; the bank after a reset
        lda RESULT
        sta RESULT + 15
SLOT    SET 0
Frame   TOP
        PICTURE
        lda FRAME
        and #3
        tax
        lda $FFF6,x     ; read
        KEEP
        sta $FFF9       ; write
        KEEP
        sta $FFF6,x
        KEEP
        inc $FFF8       ; both
        KEEP
        bit $1FF7       ; in a mirror
        KEEP
        ldx #0
        ldy #0
        jsr Hot
        sta RESULT + SLOT
        KEEP
        stx RESULT + 12
        sty RESULT + 13
        lda RESULT + 15
        sta RESULT + 14
        SHOW RESULT,15
        lda FRAME       ; what a reset finds
        and #1
        tax
        lda $FFF8,x
        BOTTOM 60
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $3A + BANK * $23
        WAIT_CODE
        ORG BANK * $1000 + $FF5
        RORG $FFF5
Hot     dc.b $A9,($11 + BANK * $42) & $FF       ; LDA #: the operand's fetch chooses bank 0
        IF BANK == 0
        dex
        dey
        dex
        ENDIF
        IF BANK == 1
        inx             ; of bank 1
        dex
        dex
        ENDIF
        IF BANK == 2
        dey
        iny             ; of bank 2
        dey
        ENDIF
        IF BANK == 3
        dex
        dex
        inx             ; of bank 3
        ENDIF
        rts
        VECTORS Start
BANK    SET BANK + 1
        REPEND
