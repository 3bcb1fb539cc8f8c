; VSYNC ends in the middle of a visible line: it goes on there, and what ALE draws in fours stays up to 3 pixels beyond.
; as seaquest, 2100 frames
; Other cycle, line, places and objects in each frame; by bit 7, a late write just before splits what is drawn.
        include "kernel.inc"
CYCLE   = FREE
SET_NOW = FREE + 1
LATE    = FREE + 2
        BANK_BEGIN
Start   INIT
Frame   inc FRAME
        ldx #30
.blank  sta WSYNC
        dex
        bne .blank
        stx VBLANK
        lda FRAME
        and #15
        bne .set
        inc SET_NOW     ; each pair of set and cycle comes once in 832 frames
.set    tay
        ldx Sets,y
        lda CYCLE
        clc
        adc #11
        cmp #52
        bcc .cycle
        sbc #52
.cycle  sta CYCLE
        lda SET_NOW
        and #$36
        sta CTRLPF      ; score mode, priority, width of the ball
        lsr
        sta NUSIZ0
        sta NUSIZ1
        txa
        sta ENABL       ; bit 1
        lsr
        sta ENAM0       ; bit 2
        lsr
        sta ENAM1       ; bit 3
        lsr
        lsr
        lsr
        ldy #0
        bcc .player
        ldy #$81
.player sty GRP0        ; bit 4
        lsr
        ldy #0
        bcc .other
        ldy #$42
.other  sty GRP1        ; bit 5
        txa
        and #1
        beq .field
        lda #$B2
.field  sta PF0         ; bit 0
        sta PF1
        sta PF2
        lda FRAME
        ora #$40
        sta COLUBK
        sta WSYNC
        lda FRAME
        and #63
        jsr Wait
        sta RESP0
        sta RESM0
        sta RESBL
        sta RESP1
        sta RESM1
        eor #$FF
        sta COLUP0
        eor #$36
        sta COLUP1
        eor #$53
        sta COLUPF
        lda FRAME
        lsr
        lsr
        lsr
        lsr
        lsr
        tay
        lda Late,y
        sta LATE
        lda CYCLE
        asl
        tax
        inx
.line   sta WSYNC
        dex
        bne .line
        lda #2
        sta VSYNC
        ldy LATE
        sta WSYNC
        sta WSYNC
        lda CYCLE
        clc
        adc #60         ; cycle 24 and on, where the pixels are
        jsr Wait
        stx $00,y
        stx VSYNC
        lda #2
        sta VBLANK
        jmp Frame
Late    dc.b AUDC0,AUDC0,NUSIZ0,PF2,AUDC0,GRP0,RESM0,PF0
Sets    dc.b $01,$10,$20,$30,$04,$08,$02,$0C,$06,$0A,$22,$11,$21,$03,$12,$3F
        BANK_END Start
