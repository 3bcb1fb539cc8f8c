; UA: any access to 0220 or 0240 chooses bank 0 or 1, and reaches the TIA too; only address bits 13 to 15 do not matter.
; as amidar, 128 frames, 4 resets
; Both banks hold the same code; MARK tells them apart.
        include "kernel.inc"
POINTER = FREE          ; 2 bytes
STARTED = FREE + 2      ; the bank after a reset
RESULT  = FREE + 3      ; 20 bytes
        MAC KEEP
        lda Mark
        VALUE
        ENDM
        MAC VALUE
        sta RESULT + SLOT
SLOT    SET SLOT + 1
        ENDM
        MAC NEAR_READS  ; of the addresses that differ from {1} in one bit
BIT     SET 1
        REPEAT 13
        bit {1} ^ BIT
BIT     SET BIT * 2
        REPEND
        ENDM
        MAC NEAR_WRITES
BIT     SET 1
        REPEAT 13
        sta {1} ^ BIT
BIT     SET BIT * 2
        REPEND
        ENDM
        REPEAT 2
SLOT    SET 0
        BANK_BEGIN
Start   INIT
        lda Mark
        sta STARTED
Frame   inc FRAME
        lda #2
        sta WSYNC
        sta VBLANK
        bit $0220
        lda FRAME
        lsr
        lda #2
        bcs .store
        inc $0240       ; VSYNC: 03, from the bus
        bcc .began
.store  sta $0240       ; VSYNC; ALE knows the type by this
.began  KEEP
        LINES 3
        bit $C220
        dec $8240       ; VSYNC: 01, and what a reset finds
        KEEP
        lda #41
        sta TIM64T
        COLOURS
        lda #$FF        ; collisions of missile 0 with both players for CXM0P
        sta GRP0
        sta GRP1
        lda #$35
        sta NUSIZ0
        sta CXCLR
        sta WSYNC
        LINES 1
        lda #2
        sta ENAM0
        sta RESM0
        sta RESP1
        PICTURE
        LINES 8
        lda $0220       ; CXM0P and bus noise
        VALUE
        KEEP
        lda $E240
        VALUE
        KEEP
        lda FRAME
        asl
        asl
        asl
        asl
        sta $4220       ; HMP0
        KEEP
        sta WSYNC
        sta HMOVE
        bit $2240
        LINES 4
        inc $6220       ; HMP0: two bits of CXM0P
        KEEP
        sta WSYNC
        sta HMOVE
        LINES 4
        ldx #$FF
        lda $0141,x     ; 0240
        VALUE
        KEEP
        lda #$C1
        sta POINTER
        lda #$02
        sta POINTER + 1
        ldy #$5F        ; 0320: the page is never wrong on the way
        lda (POINTER),y
        VALUE
        ldx #$5F
        lda $02C1,x
        sta $02C1,x
        KEEP
        lda #$01
        sta POINTER + 1
        lda (POINTER),y ; 0220
        VALUE
        KEEP
        ldx #$7F        ; 0340
        lda $02C1,x
        VALUE
        KEEP
        NEAR_READS $0240
        KEEP
        lda #0
        NEAR_WRITES $0240
        KEEP
        bit $0240
        NEAR_READS $0220
        KEEP
        lda FRAME
        and #$F0
        NEAR_WRITES $0220
        KEEP
        sta WSYNC
        sta HMOVE
        LINES 8
        sta HMCLR
        SHOW STARTED,SLOT + 1
        BOTTOM 30
        ORG BANK * $1000 + $E00
        RORG $FE00
Mark    dc.b $5A + BANK * $33
        BANK_END Start
BANK    SET BANK + 1
        REPEND
