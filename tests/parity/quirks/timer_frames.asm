; A timer that runs over several frames, expired or not, keeps time: a frame's end changes nothing.
; as seaquest, 400 frames
        include "kernel.inc"
RESULT  = FREE          ; 16 bytes
        BANK_BEGIN
Start   INIT
Frame   inc FRAME
        lda #2
        sta WSYNC
        sta VSYNC
        LINES 3
        sty VSYNC
        lda FRAME
        and #15
        bne .go_on
        lda FRAME
        lsr
        lsr
        lsr
        lsr
        tay
        and #1
        tax
        tya
        ora #$10
        sta TIM1T + 2,x         ; TIM64T ends within a frame, T1024T may not
.go_on  LINES 30
        lda FRAME       ; reads come late, or never, after the end
        and #3
        beq .show
        ldx #15
.read   lda INSTAT
        asl
        lda FRAME
        and #8
        beq .keep
        lda INTIM
.keep   ror
        sta RESULT,x
        sta WSYNC
        dex
        bpl .read
.show   SHOW RESULT,16
        LINES 120
        jmp Frame
        BANK_END Start
