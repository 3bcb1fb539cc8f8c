; The low six bits of a TIA read are what was last on the bus: operand byte, high byte of the address, pointer.
; as amidar, 128 frames
        include "kernel.inc"
POINTER = FREE          ; 2 bytes
RESULT  = FREE + 2      ; 64 bytes
SOURCE  SET 0
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda #$FF
        sta GRP0
        sta GRP1
        lda FRAME       ; another mirror of the TIA in each frame: $xx00, $xx10 ..
        and #$6D
        sta POINTER + 1
        lda FRAME
        asl
        asl
        and #$70
        sta POINTER
        PICTURE
        ldx FRAME
        ldy #0
        REPEAT 16
        lda SOURCE
        sta RESULT + SOURCE
        lda $2530 + SOURCE
        sta RESULT + 16 + SOURCE
        lda (POINTER),y
        sta RESULT + 32 + SOURCE
        lda $6DFF - SOURCE,y
        eor $10 + SOURCE,x      ; anywhere in the zero page
        sta RESULT + 48 + SOURCE
        iny
SOURCE  SET SOURCE + 1
        REPEND
        LINES 5
        SHOW RESULT,64
        LINES 20
        sta CXCLR
        BOTTOM 5
        BANK_END Start
