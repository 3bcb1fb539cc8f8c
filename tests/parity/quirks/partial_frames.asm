; No VSYNC for more than 25000 instructions: ALE returns in mid-frame, greys the rest once and goes on; a reset too.
; as seaquest, 300 frames, 12 resets
        include "kernel.inc"
COUNT   = FREE          ; shows how far the CPU came
FIRST   = FREE + 1      ; line of the first collision after a reset: earlier in a frame that goes on
        BANK_BEGIN
Start   INIT
        lda #2
        sta ENAM0
        sta ENAM1
        ldx #0
.line   inx
        sta WSYNC
        bit CXPPMM
        bvs .met
        stx FIRST
.met    cpx #40
        bne .line
        jmp Picture
Frame   TOP
        PICTURE
Picture lda #$FF
        sta GRP0
        lda FRAME
        lsr
        ora #1
        tay
        sty COLUPF
        ldx #$1F
        stx PF1
.next   sty COLUBK
        sty COLUP0
        sta WSYNC
        dey
        bne .next
        lda FRAME
        and #7
        tax
        ldy Turns,x     ; of 1536 instructions without a write to the TIA
        beq .end
.turn   ldx #0
.loop   lda CXPPMM      ; a read of the TIA ends nothing
        inc COUNT
        nop
        dex
        nop
        bne .loop
        dey
        bne .turn
.end    BOTTOM 30
Turns   dc.b 0,17,33,16,35,18,90,200
        BANK_END Start
