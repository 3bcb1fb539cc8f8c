; CTRLPF at every cycle: reflection counts at once before clock 147, else from the next line on; the rest at once.
; as seaquest, 64 frames
        include "kernel.inc"
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #$B0
        sta PF0
        lda #$8E
        sta PF1
        lda #$D3
        sta PF2
        lda #2
        sta ENABL
        lda FRAME
        lsr
        lsr
        tay
        PICTURE
        ldx #75
.line   lda FRAME
        sta CTRLPF
        sta WSYNC
        txa
        jsr Wait
        sty CTRLPF
        sty CTRLPF      ; again: what waits for the line's end still waits
        sta WSYNC
        dex
        bpl .line
        BOTTOM 10
        BANK_END Start
