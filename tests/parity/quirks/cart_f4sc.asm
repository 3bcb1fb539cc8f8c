; F4SC: the banks of F4, but only reads switch, and the RAM of F8SC, random after a reset.
; as seaquest, 128 frames, 4 resets
; All banks hold the same code; MARK tells them apart.
        include "kernel.inc"
STARTED = FREE          ; the bank after a reset
SUM     = FREE + 1      ; of the RAM after a reset
RESULT  = FREE + 2      ; 22 bytes
COPY    = $A4           ; 16 bytes of it
        MAC KEEP
        lda Mark
        VALUE
        ENDM
        MAC VALUE
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 8
SLOT    SET 0
        BANK_BEGIN
        ds 256,$C7 - BANK * $11 ; one value where the RAM is: so ALE knows
Edge    dc.b $61 + BANK * 5     ; operand of an opcode in RAM
        rts
Start   INIT
        lda Mark
        sta STARTED
        clc
        ldx #127
.sum    adc $F080,x
        rol
        dex
        bpl .sum
        sta SUM
        ldx #15
.copy   lda $F087,x
        sta COPY,x
        dex
        bpl .copy
Frame   TOP
        PICTURE
        lda FRAME
        and #7
        tax
        lda $FFF4,x     ; read
        VALUE
        KEEP
        txa
        eor #5
        tax
        sta $FFF4,x     ; writes never switch
        KEEP
        sta $1FF6
        sta $FFFB
        KEEP
        inc $FFF9       ; its read does
        KEEP
        bit $3FF6       ; in a mirror
        KEEP
        bit $FFF3       ; no hot spots
        bit $FFFC
        bit $FEF4
        bit $FF74
        bit $EFF4       ; the timer
        KEEP
        ldx FRAME
        jsr Hot
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        bit $FFF7
        jsr Far
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        lda FRAME
        and #7
        tax
        bit $FFF4
        lda $FFF4,x
        lda FRAME
        and #$1F
        tax
        lda $F000,x     ; reads ROM and leaves the RAM alone
        VALUE
        lda FRAME
        sta $F0A0,x     ; not written
        sta $F040,x
        eor $F0C0,x
        VALUE
        inc $F020,x     ; ROM byte + 1
        lda $F0A0,x
        VALUE
        dec $F0E0,x     ; not written
        lda $F0E0,x
        VALUE
        lda $F07F
        VALUE
        lda $5080       ; mirrors of both ports
        sta $B05F
        lda $90DF
        VALUE
        sta $F100       ; after the RAM: ROM
        lda $F100
        VALUE
        lda #$C8        ; INY
        sta $F07E
        lda #$A2        ; LDX #, of the next byte, which is in ROM
        sta $F07F
        ldy FRAME
        jsr $F0FE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        sty RESULT + SLOT
SLOT    SET SLOT + 1
        lda #$0E
        sta COLUPF
        ldx #127
.ram    lda $1080,x     ; all of it as a picture
        sta COLUBK
        sta PF1
        sta WSYNC
        dex
        bpl .ram
        SHOW STARTED,SLOT + 2
        lda FRAME       ; what a reset finds
        and #3
        tax
        lda $FFF8,x
        BOTTOM 10
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $3A + BANK * $13
        ORG BANK * $1000 + $EA9
        RORG $FEA9
        dc.b $C5 + BANK * 7     ; what Far reads
        WAIT_CODE
        ORG BANK * $1000 + $FF2
        RORG $FFF2
Far     dc.b $AD        ; LDA $FEA9: the operand's second byte chooses bank 0
Hot     dc.b $A9        ; LDA #: the operand's fetch chooses bank 0
        dc.b $FE - BANK
        ds 6,$0A + $20 * ((BANK + 5) & 7)       ; run: DEX of bank 1, then NOP, ASL, ROL, LSR, ROR of bank 6
        IF BANK == 7
        rts
        ELSE
        dc.b $0A + $20 * BANK
        ENDIF
        VECTORS Start
BANK    SET BANK + 1
        REPEND
