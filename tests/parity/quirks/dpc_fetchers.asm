; DPC data fetchers: counters through 2048 bytes of data, flags set at top and cleared at bottom, functions 1 to 7.
; as amidar, 400 frames
; Nothing in the cartridge is reset by a reset: flags, counters and the rest go on.
        include "kernel.inc"
RESULT  = FREE          ; 80 bytes
        REPEAT 2
        BANK_BEGIN
        ds $80,0
Start   INIT
Frame   TOP
        lda FRAME
        lsr
        bcc .keep       ; every other frame goes on with what is there
        ldx #7
.set    txa
        asl
        asl
        asl
        adc FRAME
        sta $F050,x     ; counter, low
        lsr
        lsr
        and #$EF        ; not music; bits above 2 do not count
        sta $F058,x     ; counter, high
        lda FRAME
        and #$E0
        ora #$07
        sta $F040,x     ; top
        sbc #11
        sta $F048,x     ; bottom
        lda $F008,x
        sta RESULT + 64,x
        dex
        bpl .set
        lda FRAME
        sta $F060       ; functions 4, 5 and 7 do nothing
        sta $F069
        sta $F07A
.keep   PICTURE
        ldx #63
.all    lda $F000,x     ; every function of every fetcher
        sta RESULT,x
        sta WSYNC
        sta COLUBK
        dex
        bpl .all
        inc RESULT + 79
        ldx #60
.line   lda $F008       ; display
        sta GRP0
        lda $F013       ; display & flag
        sta COLUBK
        sta WSYNC
        lda $F03B       ; flag
        sta PF1
        lda $F016
        sta PF2
        dex
        bne .line
        SHOW RESULT + 64,8
        BOTTOM 10
        BANK_END Start
BANK    SET BANK + 1
        REPEND
        DPC_DATA
