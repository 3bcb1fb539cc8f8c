; PF0, PF1 and PF2 at every cycle: they count 4, 5, 2 or 3 clocks later, by the cycle's number.
; as seaquest, 96 frames
        include "kernel.inc"
CYCLE   = FREE
OLD     = FREE + 1
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        and #3
        tax             ; X = 3: RESP0
        lda FRAME
        lsr
        lsr
        sta CTRLPF
        and #7
        tay
        lda Old,y
        sta OLD
        lda New,y
        tay
        lda #75
        sta CYCLE
        PICTURE
.line   lda OLD
        sta PF0,x
        sta WSYNC
        lda CYCLE
        jsr Wait
        sty PF0,x
        sta WSYNC
        dec CYCLE
        bpl .line
        BOTTOM 10
Old     dc.b $00,$FF,$AA,$55,$0F,$F0,$3C,$80
New     dc.b $FF,$00,$55,$AA,$F0,$0F,$C3,$01
        BANK_END Start
