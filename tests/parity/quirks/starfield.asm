; HMM0 rewritten from 7 to 6 exactly 63 clocks after HMOVE: missile 0 goes on by itself, line by line.
; as seaquest, 512 frames
; Other clocks and other values do nothing; HMOVE ends it, and NUSIZ0, RESM0 and RESMP0 restore the missile's shape.
        include "kernel.inc"
NEW     = FREE
GAP     SET 6
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #2
        sta ENAM0
        lda FRAME
        and #$30
        sta NUSIZ0
        lda FRAME
        lsr
        and #3
        tay
        lda Values,y
        sta NEW
        lda FRAME
        lsr
        lsr
        lsr
        and #3
        tay
        ldx Strobes,y
        PICTURE
        REPEAT 6
        lda FRAME
        and #1
        clc
        adc #7          ; the old motion: 7 or 8
        asl
        asl
        asl
        asl
        sta HMM0
        ldy NEW
        lda #2
        sta WSYNC
        sta HMOVE
        ds GAP,$EA      ; GAP = 9: HMM0 comes 21 cycles later
        sty HMM0
        LINES 6
        sty $00,x
        sta WSYNC
        sty $00,x
        sta WSYNC
        sty $00,x
        sta WSYNC
        sty $00,x
        LINES 3
        sta RESMP0
        sty RESMP0
        sta WSYNC
        sta RESMP0
        sty RESMP0
        LINES 2
        sta RESMP0
        sty RESMP0
        sta WSYNC
        sta RESMP0
        sty RESMP0
        LINES 2
GAP     SET GAP + 1
        REPEND
        BOTTOM 10
Values  dc.b $60,$6F,$50,$70
Strobes dc.b NUSIZ0,RESM0,AUDC0,HMOVE
        BANK_END Start
