; Collisions happen only in the lines of the picture: objects meet in one line, another one in each frame.
; as amidar, 260 frames
        include "kernel.inc"
RESULT  = FREE          ; 8 bytes
        BANK_BEGIN
Start   INIT
Frame   inc FRAME
        lda #2
        sta WSYNC
        sta VSYNC
        LINES 3
        sty VSYNC
        sta CXCLR
        lda RESULT
        sta COLUBK
        ldx #0
.line   lda #0
        cpx FRAME
        bne .off
        lda #$FF
.off    sta WSYNC
        sta ENAM0
        sta ENAM1
        sta ENABL
        sta GRP0
        sta GRP1
        sta PF0
        inx
        bne .line
        ldx #7
.read   lda CXM0P,x
        sta RESULT,x
        dex
        bpl .read
        jmp Frame
        BANK_END Start
