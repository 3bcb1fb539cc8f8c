; Cycles of crossing a page: reads with an index and taken branches take more, stores and changes in place do not.
; as seaquest, 260 frames
        include "kernel.inc"
RESULT  = FREE          ; 22 bytes
POINTER = $C0
SLOT    SET 0
        MAC TIMED       ; {1}: opcode, {2}: operand, the low byte of an address in a mirror of RAM, {3}: high byte
        lda #255
        ldy FRAME
        ldx FRAME
        sta TIM1T
        dc.b {1},{2}
        IF {3} != 0
        dc.b {3}
        ENDIF
        lda INTIM
        sta COLUBK
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        MAC BRANCHED    ; by bit 0 of FRAME, 13 bytes ahead, and by bit 7, 2 bytes
        lda #255
        sta TIM1T
        lda FRAME
        lsr
        bcs .ahead
        lda INTIM
        jmp .back
        ds 7,$EA
.ahead  lda INTIM
.back   sta RESULT + SLOT
SLOT    SET SLOT + 1
        lda #255
        sta TIM1T
        bit FRAME
        bvc . + 2
        bvs . + 2
        bmi .near
        nop
        nop
.near   lda INTIM
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda #$C4
        sta POINTER
        lda #$F4
        sta POINTER + 1
        PICTURE
        TIMED $BD,$80,$F4       ; LDA abs,X
        TIMED $B9,$01,$F4       ; LDA abs,Y
        TIMED $B1,POINTER,0     ; LDA (zp),Y
        TIMED $BE,$80,$F4       ; LDX abs,Y
        TIMED $BC,$F0,$F4       ; LDY abs,X
        TIMED $BF,$C0,$F4       ; LAX abs,Y
        TIMED $B3,POINTER,0     ; LAX (zp),Y
        TIMED $1C,$F0,$F4       ; NOP abs,X
        TIMED $DD,$30,$F4       ; CMP abs,X
        TIMED $71,POINTER,0     ; ADC (zp),Y
        TIMED $9D,$80,$F4       ; STA abs,X
        TIMED $99,$80,$F4       ; STA abs,Y
        TIMED $91,POINTER,0     ; STA (zp),Y
        TIMED $FE,$80,$F4       ; INC abs,X
        TIMED $DB,$80,$F4       ; DCP abs,Y
        TIMED $F3,POINTER,0     ; ISB (zp),Y
        TIMED $9C,$80,$F4       ; SHY abs,X
        TIMED $B5,$80,0         ; LDA zp,X wraps
        jmp Branch
        ORG $2ED
        RORG $F2ED
Branch  BRANCHED        ; the branch lies before the page's end, its target after it
        jmp Last
        ORG $3F6
        RORG $F3F6
Last    BRANCHED        ; the branch ends with the page
        SHOW RESULT,22
        BOTTOM 60
        BANK_END Start
