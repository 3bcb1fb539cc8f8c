; JMP (xxFF) stays in its page. JSR takes its target's high byte last: a push over its own operand changes the target.
; as seaquest, 64 frames
        include "kernel.inc"
RESULT  = FREE          ; 2 bytes
CODE    = $F0           ; JSR in the stack's way
        BANK_BEGIN
Start   INIT
Frame   TOP
        PICTURE
        lda FRAME
        and #1
        beq .jsr
        jmp ($F2FF)
.jsr    lda #$20
        sta CODE
        lda #<Target    ; wherever the pushed byte leads to: every page has this jump
        sta CODE + 1
        lda #>Start
        sta CODE + 2
        lda FRAME
        lsr
        and #3
        clc
        adc #CODE       ; F0..F3: the pushes of 00 and F2 fall on the operand, beside it, or not
        tax
        txs
        jmp CODE
Back    stx RESULT
        tsx
        stx RESULT + 1
        ldx #$FF
        txs
        SHOW RESULT,2
        SHOW CODE,4
        BOTTOM 100
        ORG $200
        RORG $F200
        dc.b >Wrapped   ; the high byte of JMP ($F2FF)
Wrapped = $F240
        ORG $240
        RORG $F240
        ldx #1
        jmp Back
        ORG $2FF
        RORG $F2FF
        dc.b $40
        dc.b >Unwrapped ; at $F300
Unwrapped = $F440
        ORG $440
        RORG $F440
        ldx #2
        jmp Back
Target  = $F780
PAGE    SET 5
        REPEAT 9
        ORG PAGE * $100 + $80
        RORG PAGE * $100 + $80 + $F000
        ldx #PAGE
        jmp Back
PAGE    SET PAGE + 1
        REPEND
        BANK_END Start
