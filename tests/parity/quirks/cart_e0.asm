; E0: eight slices of 1 KB; FFE0-7, FFE8-F and FFF0-7 choose those of three windows, the last slice stays.
; as seaquest, 128 frames
        include "kernel.inc"
RESULT  = FREE          ; 27 bytes
        MAC KEEP        ; the slices seen in the windows
        ldy #0
        lda $F000
        sta RESULT,x
        inx
        lda $F400
        sta RESULT,x
        inx
        lda $F800
        sta RESULT,x
        inx
        ENDM
SLICE   SET 0
        REPEAT 7
        ORG SLICE * $400
        RORG $F000
        dc.b $13 * SLICE + 5,$77
        lda #$33 + SLICE * 4    ; at F002, F402, F802
        rts
SLICE   SET SLICE + 1
        REPEND
        ORG $1C00
        RORG $FC00
Start   INIT
        ldx #24
        KEEP            ; slices 4, 5, 6 after a reset
        jmp Frame
Next    KEEP
        rts
Frame   TOP
        PICTURE
        lda FRAME
        and #7
        tay
        ldx #0
        sta $FFE0,y     ; write
        jsr Next
        sta $1FE0       ; ALE knows the type by this
        lda FRAME
        lsr
        lsr
        lsr
        and #7
        tay
        lda $FFE8,y     ; read
        jsr Next
        lda FRAME
        eor #6
        and #7
        tay
        inc $FFF0,x
        lda $FFF0,y
        jsr Next
        bit $5FE7       ; the fixed slice in all windows
        bit $FFEF
        jsr Next
        lda $FFF7
        lda $FFF8       ; no hot spot
        sta $FFDF
        jsr Next
        lda FRAME
        and #$17
        tay
        cpy #$16        ; slice 7 has no routine at 2
        beq .none
        lda $FFE0,y
        lda $FFE1
        lda $FFEA
        lda $FFF5
        jsr $F002
        sta RESULT + 18
        jsr $F402
        sta RESULT + 19
        jsr $F802
        sta RESULT + 20
.none   SHOW RESULT,27
        lda FRAME
        and #$17
        tay
        lda $FFE0,y     ; what a reset finds
        BOTTOM 60
BANK    SET 1
        BANK_END Start
