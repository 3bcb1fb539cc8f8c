; RESM0, RESM1 and RESBL at every cycle after an early HMOVE: six pairs of cycles give places of their own.
; as seaquest, 256 frames
        include "kernel.inc"
EARLY   = FREE
GAP     SET 0
        BANK_BEGIN
Start   INIT
Frame   TOP
        COLOURS
        lda #2
        sta ENAM0
        sta ENAM1
        sta ENABL
        lda FRAME
        and #7          ; HMOVE at cycles 0 to 7 of the next line
        clc
        adc #42
        sta EARLY
        lda FRAME
        lsr
        lsr
        lsr
        and #3
        tax
        PICTURE
        REPEAT 22
        sta WSYNC
        lda EARLY
        jsr Wait
        sta HMOVE
        ds (GAP & 1) * 2,$85    ; STA $85, 3 cycles
        ds (GAP - (GAP & 1)) / 2,$EA
        sta RESM0,x     ; X = 3: AUDC0, which nothing hears
        sta WSYNC
GAP     SET GAP + 1
        REPEND
        REPEAT 12       ; 3 cycles after HMOVE, which only a store without X can do
        lda EARLY
        jsr Wait
        sta HMOVE
        sta RESM1
        sta WSYNC
        lda EARLY
        jsr Wait
        sta HMOVE
        sta RESBL
        sta WSYNC
        lda EARLY
        jsr Wait
        sta HMOVE
        sta RESM0
        sta WSYNC
        inc EARLY
        REPEND
        BOTTOM 10
        BANK_END Start
