; CXPPMM and CXM0FB read, or CXCLR written, at every cycle: which pixels have been drawn by then.
; as amidar, 256 frames
        include "kernel.inc"
RESULT  = FREE          ; 76 bytes
        BANK_BEGIN
Start   INIT
Frame   TOP
        lda #2
        sta ENAM0
        sta ENAM1
        lda #1
        sta CTRLPF
        lda #$40
        sta PF2
        sta WSYNC
        LINES 1
        lda FRAME
        and #63
        jsr Wait
        sta RESM0
        sta RESM1
        lda #$D0
        sta HMM0
        sta WSYNC
        sta HMOVE
        PICTURE
        ldx #75
.line   sta CXCLR
        sta WSYNC
        txa
        jsr Wait
        bit FRAME
        bmi .clear
        lda CXPPMM
        bvc .keep
        lda CXM0FB
        jmp .keep
.clear  sta CXCLR
        sta WSYNC
        lda CXPPMM
.keep   sta RESULT,x
        dex
        bpl .line
        SHOW RESULT,20
        BOTTOM 5
        BANK_END Start
