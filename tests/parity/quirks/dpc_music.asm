; DPC music: fetchers 5 to 7 count at 15750 Hz, but only when the amplitude is read; the fraction is carried over.
; as amidar, 400 frames
        include "kernel.inc"
RESULT  = FREE          ; 40 bytes
MODES   = FREE + 40
        REPEAT 2
        BANK_BEGIN
        ds $80,0
Start   INIT
Frame   TOP
        lda FRAME
        and #31
        bne .go_on
        lda FRAME
        lsr
        lsr
        lsr
        sta MODES
        ldx #7
.set    txa
        asl
        asl
        adc FRAME
        lsr
        sta $F040,x     ; top
        lsr
        sta $F048,x     ; bottom
        lda FRAME
        eor #$7F
        sta $F050,x     ; counter, perhaps above the top
        lda MODES
        and #$17
        sta $F058,x     ; music mode by bits 7, 6 and 5 of FRAME
        asl MODES
        lda FRAME
        bmi .above
        sta $F050,x     ; counter, or in music mode the top
.above
        dex
        cpx #4
        bne .set
        bit FRAME
        bvc .go_on
        lda #0
        sta $F046       ; top 0
.go_on  PICTURE
        ldx #100
.line   lda $F004       ; all four addresses of the amplitude
        asl
        asl
        asl
        asl
        sta WSYNC
        sta COLUBK
        txa
        jsr Wait
        lda $F007
        asl
        asl
        asl
        sta COLUBK
        dex
        bne .line
        ldx #39
.read   txa
        and #15
        sta WSYNC
        jsr Wait
        lda $F005
        ora $F03D
        asl
        asl
        eor $F00E       ; music or not decides whether this counts
        eor $F037
        eor $F006
        sta RESULT,x
        dex
        bpl .read
        SHOW RESULT,20
        BOTTOM 5
        BANK_END Start
BANK    SET BANK + 1
        REPEND
        DPC_DATA
