; FE: address bit 13 chooses the half, for code, data, stores and indexed reads alike; nothing is remembered.
; as seaquest, 128 frames
        include "kernel.inc"
RESULT  = FREE          ; 9 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        ldx FRAME
        lda $F000,x
        sta RESULT
        lda $D000,x
        sta RESULT + 1
        lda $DFC0,x     ; index carries from D to E, with bit 13
        sta RESULT + 2
        lda $1000,x
        sta RESULT + 3
        lda $3000,x
        sta RESULT + 4
        jsr $D100
        sta RESULT + 5
        jsr Where       ; the same offset of the other half
        sta RESULT + 6
        jmp $D180
Back    sta RESULT + 7
        sta $D000
        lda $D000
        sta RESULT + 8
        SHOW RESULT,9
        BOTTOM 100
        dc.b $20,$00,$F0,$84,$D6        ; ALE knows the type by this
        ORG $200
        RORG $F200
Where   lda #$35
        rts
        BANK_END Start
BANK    SET 1
        ORG $1000
        RORG $D000
        dc.b 1,2,3,5,8,13,21,34,55,89
        ORG $1100
        RORG $D100
        lda $D000 + 7
        rts
        ORG $1180
        RORG $D180
        tsx
        txa
        ldx $D003
        jsr $D100
        jsr Where
        eor FRAME
        jmp Back
        ORG $1200
        RORG $D200
        lda #$53
        rts
        ORG $1F40
        RORG $DF40
        ds $BF,$6B
        dc.b $4C
