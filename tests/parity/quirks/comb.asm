; The comb of HMOVE up to cycle 20, or in the line before at cycle 75: 8 black pixels, under which objects collide.
; as amidar, 512 frames
; Reads and writes of the TIA before it is drawn change nothing, nor does VBLANK.
        include "kernel.inc"
EARLY   = FREE
ACCESS  = FREE + 1
RESULT  = FREE + 2      ; 24 bytes
GAP     SET 0
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$FF
        sta PF0
        sta GRP0
        lda #2
        sta ENABL
        sta WSYNC
        LINES 1
        sta RESP0
        sta RESBL       ; x = 2: under the comb
        lda FRAME
        lsr
        lsr
        lsr
        and #31         ; HMOVE at cycle 71 of this line to 26 of the next
        clc
        adc #37
        sta EARLY
        lda FRAME
        and #7
        tay
        lda Access,y
        sta ACCESS
        PICTURE
        REPEAT 24
        sta CXCLR
        ldx ACCESS
        ldy #2
        sta WSYNC
        lda EARLY
        jsr Wait
        sta HMOVE
        ds (GAP & 1) * 2,$85
        ds (GAP - (GAP & 1)) / 2,$EA
        lda $00,x
        sty $00,x
        lda #0
        sta VBLANK
        sta WSYNC
        lda CXP0FB
        sta RESULT + GAP
GAP     SET GAP + 1
        REPEND
        SHOW RESULT,24
        ldx #2
        lda #$1E
        sta COLUBK
        lda FRAME
        and #2
        beq .whole
        stx VSYNC       ; every other two frames end under a comb: it is black ahead of the clock
        sta WSYNC
        sta WSYNC
        lda FRAME
        and #7
        clc
        adc #32         ; HMOVE at cycles 1 to 8, VSYNC 19 to 22 later
        jsr Wait
        ldx #0
        lda FRAME
        sta HMOVE
        lsr
        lsr
        REPEAT 3
        lsr
        bcc . + 2       ; 3 cycles if taken
        REPEND
        stx VSYNC
        jmp Frame
.whole  LINES 40
        BOTTOM 10
Access  dc.b INPT0,INPT4,CXPPMM,VBLANK,COLUBK,PF0,AUDC0,HMCLR
        BANK_END Start
