; DPC random register: stepped before each access to 1000-107F and 1FC0-1FFF and at each write to the cartridge.
; as amidar, 300 frames
        include "kernel.inc"
RESULT  = FREE          ; 14 bytes
        MAC KEEP
        lda $F000 + [SLOT & 3]
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        REPEAT 2
SLOT    SET 0
        BANK_BEGIN
        ds $80,0
Start   INIT
Frame   TOP
        PICTURE
        ldx FRAME
        bne .go_on
        sta $F070       ; to 1
.go_on  KEEP
        KEEP
        lda $FE00       ; a read elsewhere: no step
        KEEP
        sta $FE00       ; a write
        KEEP
        inc $F200       ; a read and a write
        KEEP
        lda $FFBF
        KEEP
        lda $FFC0
        KEEP
        lda $FFFF
        KEEP
        lda $1FEF
        KEEP
        bit $F020       ; any function
        KEEP
        sta $F045
        KEEP
        jsr Near        ; opcodes and operands near the vectors
        KEEP
        ldx #$7F
        lda $F000,x     ; a write port read
        KEEP
        ldx #70
.line   lda $F001
        sta COLUBK
        sta PF0
        sta WSYNC
        dex
        bne .line
        lda FRAME
        and #$1F
        bne .seed
        sta $F077
.seed   SHOW RESULT,14
        BOTTOM 30
Return  rts
        WAIT_CODE
        ORG BANK * $1000 + $FC8
        RORG $FFC8
Near    nop
        lda #5
        jsr Return      ; RTS reads the byte before it comes back
        rts
        VECTORS Start
BANK    SET BANK + 1
        REPEND
        DPC_DATA
