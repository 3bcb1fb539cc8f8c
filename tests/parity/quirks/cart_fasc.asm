; FASC: three banks by FFF8 to FFFA, the last after a reset; 256 bytes of RAM, written at 1000-10FF, read at 1100-11FF.
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
        REPEAT 3
SLOT    SET 0
        BANK_BEGIN
NUMBER  SET 0
        REPEAT 512      ; seen at the write port only
        dc.b (NUMBER * 11 + NUMBER / 256 * 5 + BANK * $47) & $FF
NUMBER  SET NUMBER + 1
        REPEND
Edge    dc.b $61 + BANK * 5     ; operand of an opcode in RAM
        rts
Start   INIT
        lda Mark
        sta STARTED
        clc
        ldx #0
.sum    adc $F100,x
        rol
        dex
        bne .sum
        sta SUM
        ldx #15
.copy   lda $F178,x     ; of both halves
        sta COPY,x
        dex
        bpl .copy
Frame   TOP
        PICTURE
        lda FRAME
        and #3
        tax
        sta $FFF8,x     ; write; FFFB is none
        KEEP
        txa
        eor #2
        tax
        lda $FFF8,x     ; read
        VALUE
        KEEP
        inc $FFF8       ; both
        KEEP
        bit $1FFA       ; in mirrors
        KEEP
        sta $5FF9
        KEEP
        bit $FFF7       ; no hot spots
        sta $FFF7
        bit $FFFB
        sta $FFFB
        bit $FEF8
        sta $FF78
        bit $EFFA       ; the timer
        KEEP
        ldx FRAME
        jsr Hot
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        bit $FFF9
        jsr Far
        VALUE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        KEEP
        lda FRAME
        and #1
        tax
        lda $FFF9,x
        lda FRAME
        and #$3F
        tax
        lda $F000,x     ; reads ROM and leaves the RAM alone
        VALUE
        lda $F0C0,x
        VALUE
        lda FRAME
        sta $F140,x     ; not written
        sta $F060,x
        eor $F160,x
        VALUE
        inc $F0A0,x     ; ROM byte + 1
        lda $F1A0,x
        VALUE
        dec $F1C0,x     ; not written
        lda $F1C0,x
        VALUE
        lda $5100       ; mirrors of both ports
        sta $B05F
        lda $915F
        VALUE
        sta $F200       ; after the RAM: ROM
        lda $F200
        VALUE
        lda #$C8        ; INY
        sta $F0FE
        lda #$A2        ; LDX #, of the next byte, which is in ROM
        sta $F0FF
        ldy FRAME
        jsr $F1FE
        stx RESULT + SLOT
SLOT    SET SLOT + 1
        sty RESULT + SLOT
SLOT    SET SLOT + 1
        lda #$0E
        sta COLUPF
        ldx #127
.ram    lda $1100,x     ; all of it as a picture
        sta COLUBK
        lda $1180,x
        sta PF1
        sta WSYNC
        dex
        bpl .ram
        SHOW STARTED,SLOT + 2
        lda FRAME       ; what a reset finds
        and #1
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
        ORG BANK * $1000 + $FF6
        RORG $FFF6
Far     dc.b $AD        ; LDA $FEA9: the operand's second byte chooses bank 0
Hot     dc.b $A9        ; LDA #: the operand's fetch chooses bank 0
        dc.b $FE - BANK
        ds 2,$CA - ((BANK + 1) & 3) * $40       ; run: LSR of bank 1, then ASL of bank 2
        rts
        VECTORS Start
BANK    SET BANK + 1
        REPEND
