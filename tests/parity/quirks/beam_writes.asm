; VBLANK at every cycle counts one clock later, the colours at once; bit 0 of a colour is not kept.
; as seaquest, 160 frames
        include "kernel.inc"
CYCLE   = FREE
OLD     = FREE + 1
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        and #7
        tay
        ldx Which,y
        lda From,y
        sta OLD
        lda To,y
        tay
        lda #$55
        sta GRP0
        sta GRP1
        sta PF2
        lda #2
        sta ENABL
        lda #$60
        sta HMP0
        lda #$90
        sta HMP1
        sta WSYNC
        sta HMOVE
        lda #75
        sta CYCLE
        PICTURE
.line   lda OLD
        sta $00,x
        sta WSYNC
        lda CYCLE
        jsr Wait
        sty $00,x
        sta WSYNC
        dec CYCLE
        bpl .line
        BOTTOM 10
Which   dc.b VBLANK,VBLANK,COLUP0,COLUP1,COLUPF,COLUBK,VBLANK,COLUBK
From    dc.b $00,$02,$33,$45,$57,$69,$FD,$00
To      dc.b $02,$00,$CC,$DA,$E8,$F7,$02,$01
        BANK_END Start
