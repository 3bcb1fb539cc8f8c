; VDELP0, VDELP1 and VDELBL: GRP0 copies GRP1 to its old copy, GRP1 copies GRP0 and ENABL; all switches, all orders.
; as seaquest, 64 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        sta VDELP0
        lsr
        sta VDELP1
        lsr
        sta VDELBL
        sta WSYNC
        LINES 1
        lda #20
        jsr Wait
        sta RESP0
        sta RESBL
        sta RESP1
        PICTURE
        ldx #30
.band   lda Order,x     ; one write for every two lines
        tay
        txa
        asl
        asl
        asl
        ora #1
        eor FRAME
        sta WSYNC
        sta $0000,y
        sta WSYNC
        LINES 3
        dex
        bpl .band
        BOTTOM 10
Order   dc.b GRP0,GRP1,GRP0,GRP0,GRP1,GRP1,ENABL,GRP0,ENABL,GRP1,ENABL,VDELP0,GRP0,VDELP1,GRP1
        dc.b ENABL,VDELBL,GRP1,VDELBL,ENABL,VDELP1,GRP0,ENABL,GRP1,VDELP0,GRP1,GRP0,VDELBL,ENABL,GRP1,GRP0
        BANK_END Start
