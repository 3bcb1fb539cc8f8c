; F8SC: 128 bytes of RAM, written at 1000-107F, read at 1080-10FF, random after a reset; wrong ports do nothing.
; as seaquest, 128 frames, 4 resets
; Both banks hold the same code; MARK tells them apart.
        include "kernel.inc"
RESULT  = FREE          ; 16 bytes
        MAC KEEP
        lda Mark
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 2
SLOT    SET 0
        BANK_BEGIN
        ds 256,$C7      ; one value where the RAM is: so ALE knows
Start   INIT
        KEEP            ; the bank after a reset
        lda RESULT
        sta RESULT + 15
SLOT    SET 0
Frame   TOP
        PICTURE
        lda FRAME
        and #$1F
        tax
        lda $F000,x     ; reads ROM and leaves the RAM alone
        sta RESULT
        lda FRAME
        sta $F0A0,x     ; not written
        sta $F040,x
        eor $F0C0,x
        sta RESULT + 1
        inc $F020,x     ; ROM byte + 1
        lda $F0A0,x
        sta RESULT + 2
        dec $F0E0,x     ; not written
        lda $FFF8
SLOT    SET 3
        KEEP
        lda $F0C0,x
        sta RESULT + 4
        sta $FFF9
        KEEP
        ldx #127
.ram    lda $1080,x     ; all of it as a picture
        sta COLUBK
        sta WSYNC
        dex
        bpl .ram
        lda RESULT + 15
        sta RESULT + 14
        SHOW RESULT,15
        lda $FFF8       ; what a reset finds
        BOTTOM 60
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $5A + BANK * $33
        BANK_END Start
BANK    SET BANK + 1
        REPEND
