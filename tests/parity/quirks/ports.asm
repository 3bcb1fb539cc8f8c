; RIOT ports: SWCHA ignores its direction, SWACNT reads as written, SWCHB and SWBCNT take no writes; mirrors of all.
; as amidar, 400 frames
        include "kernel.inc"
RESULT  = FREE          ; 27 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda FRAME
        sta SWCHA
        sta SWACNT
        eor #$FF
        sta SWCHB
        sta SWBCNT
        PICTURE
        ldx #7
.port   lda SWCHA,x
        sta RESULT,x
        lda $0AA8,x
        sta RESULT + 8,x
        lda $CF90,x
        sta RESULT + 16,x
        dex
        bpl .port
        lda FRAME
        eor #$5A
        sta $0289       ; another SWACNT
        lda SWACNT
        sta RESULT + 24
        sta $0380       ; bit 8 does not matter
        lda $0382
        sta RESULT + 25
        lda $2080 + FRAME - $80         ; RAM
        eor $0D80 + FRAME - $80
        sta RESULT + 26
        SHOW RESULT,27
        BOTTOM 50
        BANK_END Start
