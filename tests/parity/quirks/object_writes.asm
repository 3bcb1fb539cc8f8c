; Registers of the objects at every cycle: GRPx and REFPx count one clock later, the others at once.
; as seaquest, 256 frames
        include "kernel.inc"
CYCLE   = FREE
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda FRAME
        and #15
        tay
        ldx Which,y
        lda FRAME
        and #7
        sta NUSIZ0
        eor #5
        sta NUSIZ1
        lda #$20
        sta CTRLPF
        lda #$D1
        sta GRP0
        sta GRP1
        sta GRP0
        lda #2
        sta ENAM0
        sta ENAM1
        sta ENABL
        lda #$10
        sta HMP0
        asl
        sta HMP1
        asl
        sta HMBL
        sta WSYNC
        sta HMOVE
        ldy #0
        lda FRAME
        and #16
        beq .from0
        ldy #$FF
.from0  lda #75
        sta CYCLE
        PICTURE
.line   tya
        eor #$FF
        sta $00,x
        sta WSYNC
        lda CYCLE
        jsr Wait
        sty $00,x
        sta WSYNC
        dec CYCLE
        bpl .line
        BOTTOM 10
Which   dc.b GRP0,GRP1,ENAM0,ENAM1,ENABL,REFP0,REFP1,VDELP0,VDELP1,VDELBL,RESMP0,RESMP1,GRP0,GRP1,CTRLPF,NUSIZ1
        BANK_END Start
