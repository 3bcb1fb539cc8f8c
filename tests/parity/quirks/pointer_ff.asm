; A pointer at FF takes its high byte from 0100, CXM0P of the TIA, for (zp),Y and (zp,X).
; as seaquest, 260 frames
        include "kernel.inc"
RESULT  = FREE          ; 5 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        ldx #$F0        ; the byte at FF is the pointer's
        txs
        lda #2
        sta ENAM0
        bit FRAME
        bmi .alone
        lda #$FF
.alone  sta GRP0
        sta GRP1
        PICTURE
        LINES 20        ; collisions give CXM0P its bits 7 and 6
        lda FRAME
        sta $FF         ; 00 .. FF: the low byte, and six bits of the high one
        ldy #5
        ldx #$0F
        lda ($FF),y
        sta RESULT
        lda ($F0,x)
        sta RESULT + 1
        dc.b $B3,$FF    ; LAX ($FF),Y
        sta RESULT + 2
        ldx #$12
        lda ($ED,x)
        sta RESULT + 3
        lda FRAME
        and #$0F
        ora #$E0        ; E0: address 20E0, D0: 10D0, RAM or ROM
        sta $FF
        lda FRAME
        sta ($FF),y
        lda $E5 + 8
        sta RESULT + 4
        sta CXCLR
        SHOW RESULT,5
        SHOW $E0,16
        BOTTOM 40
        ORG $300
        RORG $F300
BYTE    SET 0
        REPEAT $400     ; what the high byte chooses shows
        dc.b (BYTE * 7 + BYTE / 256) & $FF
BYTE    SET BYTE + 1
        REPEND
        BANK_END Start
