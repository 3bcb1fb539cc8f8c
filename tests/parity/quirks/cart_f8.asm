; F8: hot spots FFF8, FFF9 act on reads, writes, operand and opcode fetches; the byte comes from the new bank.
; as seaquest, 64 frames
; Both banks hold the same code; MARK tells them apart.
        include "kernel.inc"
RESULT  = FREE          ; 16 bytes
        MAC KEEP
        lda Mark
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 2
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
        and #1
        tax
        lda $FFF8,x     ; read
        KEEP
        sta $FFF9       ; write
        KEEP
        inc $FFF8       ; both
        KEEP
        bit $1FF9       ; in a mirror
        KEEP
        lda ($FFF8 & $FF,x)     ; no hot spot: reads RAM
        KEEP
        ldy #$F9
        lda $FF00,y     ; indexed
        KEEP
        dc.b $1C,$F0,$FF        ; NOP $FFF0,X: none, or $FFF1
        KEEP
        ldx #9
        dc.b $1C,$F0,$FF        ; NOP $FFF0,X
        KEEP
        ldx #0
        jsr Hot
        sta RESULT + SLOT       ; operand of bank 0
        KEEP            ; opcode of bank 1
        stx RESULT + 12
        sty $DFF8       ; bits 15 to 13 do not matter
        KEEP
        lda RESULT + 15
        sta RESULT + 14
        SHOW RESULT,15
        lda $FFF8       ; what a reset finds
        BOTTOM 60
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $5A + BANK * $33
        WAIT_CODE
        ORG BANK * $1000 + $FF7
        RORG $FFF7
Hot     dc.b $A9,($11 + BANK * $42) & $FF       ; LDA #: the operand's fetch chooses bank 0
        dc.b $CA + BANK * $1E   ; DEX, in bank 1 INX: the fetch chooses bank 1
        rts
        VECTORS Start
BANK    SET BANK + 1
        REPEND
