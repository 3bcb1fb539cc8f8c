; Each of the twelve JAM opcodes stops the CPU for good: the frame stays as it is until a reset.
; as seaquest, 720 frames, 24 resets
; ALE prints "Illegal Instruction!" for each.
        include "kernel.inc"
ALIVE   = FREE
WHICH   = FREE + 1      ; opcode; another one after each reset
        BANK_BEGIN
Start   cld             ; INIT would clear WHICH
        ldx #$FF
        txs
        inx
        stx ALIVE
        stx $A3
        lda #>WaitEnd
        sta WAITPTR + 1
        ldx WHICH
        inx
        cpx #12
        bcc .which
        ldx #0
.which  stx WHICH
Frame   TOP
        PICTURE
        inc ALIVE
        lda ALIVE
        cmp #77         ; a reset plays 68 frames
        bcc .alive
        lda WHICH
        asl
        tax
        lda Jams + 1,x
        pha
        lda Jams,x
        pha
        lda FRAME
        and #$7F
        jsr Wait
        rts
.alive  ldx #180
.line   stx COLUBK
        inx
        sta WSYNC
        bne .line
        BOTTOM 40
Jams
OPCODE  SET 0
        REPEAT 12
        dc.w Opcodes + OPCODE - 1
OPCODE  SET OPCODE + 1
        REPEND
Opcodes dc.b $02,$12,$22,$32,$42,$52,$62,$72,$92,$B2,$D2,$F2
        BANK_END Start
