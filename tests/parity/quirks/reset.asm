; What a reset leaves and what it sets: registers, flags, RIOT's ports, the timer at random; RAM at random at first.
; as amidar, 200 frames, 12 resets
        include "kernel.inc"
RESULT  = FREE          ; 11 bytes
        BANK_BEGIN
Start   php             ; to FF
        sta RESULT
        stx RESULT + 1
        sty RESULT + 2
        tsx
        stx RESULT + 3
        pla
        sta RESULT + 4
        lda INTIM
        sta RESULT + 5
        lda INSTAT
        sta RESULT + 6
        lda SWACNT
        sta RESULT + 7
        lda $FF
        sta RESULT + 8
        cld
        ldx #$FF
        txs
        lda #>WaitEnd
        sta WAITPTR + 1
        lda #0
        sta $D6
.late   lda INTIM       ; when the timer ends tells its speed
        cmp #$12
        bne .late
        dec RESULT + 10
.later  dec RESULT + 10
        lda INTIM
        cmp #$11
        bne .later
Frame   TOP
        PICTURE
        lda FRAME
        sta SWACNT
        SHOW RESULT,11
        SHOW $A0,64
        BOTTOM 20
        BANK_END Start
