; SPDX-License-Identifier: Apache-2.0
; Gleaner, a game for the Atari 2600 (4 KiB, NTSC, one joystick).
;
; Dusk at the mill: sacks of grain fall off the hoist, and the player moves a cart to catch them. A sack that
; reaches the ground costs one of five lives, and so does a rock that lands in the cart. Every four catches give
; a life back and the sacks fall faster, until nobody can follow. The switch RESET starts a game.
;
; A frame is 262 lines: 3 of VSYNC, 34 blank, 210 of picture, 15 blank. The picture is
;   score | beam of the hoist | sky, 64 rows of 2 lines | cart | soil with the spilt grain | lives or a text
; The sky shows a sack (player 0) and a rock (player 1); below it the two players are the halves of the cart.
;
; dasm gleaner.asm -f3 -ogleaner.bin

  processor 6502
  include "vcs.inc"

; --- rules ---
MAX_LIVES       = 5    ; at the start, and never more
CART_SPEED      = 3    ; pixels a frame
CART_MIN        = 4    ; left edge, pixels
CART_MAX        = 124
CART_START      = 64
CATCH_REACH     = 24   ; a sack is caught when its centre is at most this far from the cart's centre
ROCK_REACH      = 14
FREE_DISTANCE   = 30   ; nothing starts to fall nearer to the cart's centre than this
DROP_PAUSE      = 6    ; frames between a sack's end and the next sack
START_SPEED     = $0100  ; rows a frame, 8.8 fixed point
SPEED_STEP      = $80    ; the same unit, added at each level
MAX_SPEED_HIGH  = 6
CATCHES_A_LEVEL = 4
ROCK_LEVEL      = 2    ; rocks fall from this level on
ROCK_MASK       = 8    ; a rock falls when these random bits are 0
SPILL_TIME      = 40   ; frames
SACK_POINTS     = $10  ; BCD
GOLD_POINTS     = $20

; --- picture ---
SKY_ROWS    = 64
SPRITE_ROWS = 10
LANDING_ROW = SKY_ROWS - SPRITE_ROWS  ; a sprite's top row when its bottom touches the cart
START_ROW   = 256 - SPRITE_ROWS       ; just above the sky
ROCK_START  = 256 - 34  ; higher, so that a rock lands while the next sack is on its way
PARKED      = $80       ; a row that is never drawn
GLYPH_ROWS  = 10
CART_LINES  = 26

BLACK        = $00
BEAM_COLOUR  = $22
SCORE_COLOUR = $0E
FIELD_COLOUR = $20
SOIL_COLOUR  = $10
GRAIN_COLOUR = $1C
MILL_COLOUR  = $00
LIFE_COLOUR  = $2A

BLANK_TIMER    = 40  ; so that the picture begins 34 lines after VSYNC
OVERSCAN_TIMER = 18  ; so that a frame has 262 lines
SOIL_LINES     = 5
REST_LINES     = 7

; --- states ---
WAITING   = 0  ; after power-on
PLAYING   = 1
GAME_OVER = 2

; --- kinds of falling things ---
NOTHING = 0
SACK    = 1
GOLD    = 2
ROCK    = 1

  seg.u ram
  org $80
; Those that other programs read (README.md).
score_low   ds 1  ; BCD: tens and ones
score_high  ds 1  ; BCD: thousands and hundreds
lives       ds 1
state       ds 1
cart_x      ds 1  ; left edge, CART_MIN..CART_MAX; the cart is 32 pixels wide
sack_kind   ds 1  ; NOTHING, SACK or GOLD
sack_x      ds 1  ; left edge; a sack is 16 pixels wide
sack_y      ds 1  ; top row, signed: START_ROW..LANDING_ROW, or PARKED
rock_kind   ds 1  ; NOTHING or ROCK
rock_x      ds 1
rock_y      ds 1
level       ds 1
speed_low   ds 1  ; rows a frame, 8.8 fixed point
speed_high  ds 1
random_low  ds 1  ; never both 0
random_high ds 1
; Private.
to_level    ds 1  ; catches until the next level
pause       ds 1  ; frames until the next sack
sack_part   ds 1  ; fraction of sack_y
rock_part   ds 1
spill_x     ds 1  ; left edge of the spilt grain
spill_time  ds 1  ; frames that it stays visible
sound_time  ds 1
sack_shape  ds 2  ; pointers to SPRITE_ROWS bytes
sack_shades ds 2
next_grp1   ds 1  ; prepared for the next row of the sky
next_shade0 ds 1
next_shade1 ds 1
glyphs      ds 12 ; six pointers to the columns of a score or text
status      ds 6  ; low bytes of such pointers, for the line below the soil
glyph_row   ds 1
temp        ds 1
                  ; the stack takes a few bytes at the end of the page

  seg code
  org $F000

start
  sei
  cld
  ldx #$FF
  txs
  ; RAM's old contents and the timer, both unknown at power-on, seed the random numbers.
  lda random_low
  eor INTIM
  tay
  lda random_high
  eor score_low
  pha                 ; kept at $FF, which the loop leaves alone
  lda #0
  ldx #$7F
.clear_ram            ; $80..$FE
  sta $7F,x
  dex
  bne .clear_ram
  ldx #$2C
.clear_tia
  sta VSYNC,x
  dex
  bpl .clear_tia
  sta SWACNT
  sty random_low
  pla
  sta random_high
  lda #PARKED
  sta sack_y
  sta rock_y
  lda #CART_START
  sta cart_x
  sta sack_x          ; any place that set_x can reach
  sta rock_x
  ldx #10
  lda #>glyph_page
.glyph_pages
  sta glyphs+1,x
  dex
  dex
  bpl .glyph_pages
  lda #>rock_shape
  sta sack_shape+1
  sta sack_shades+1

; ---------------------------------------------------------------------------------------------------------
frame
  lda #2
  sta VBLANK
  sta WSYNC
  sta VSYNC
  sta WSYNC
  sta WSYNC
  lda #0
  sta WSYNC
  sta VSYNC           ; line 0 of the frame, as emulators count
  lda #BLANK_TIMER
  sta TIM64T

  ; 1. Columns of the score: blank, four digits, blank.
  lda #<glyph_blank
  sta glyphs
  sta glyphs+10
  lda score_high
  ldx #2
  jsr point_at_digits
  lda score_low
  ldx #6
  jsr point_at_digits

  ; 2. Columns of the status line: one sack for each life, or a text.
  ldx #5
  lda state
  cmp #PLAYING
  bne .text
.life
  lda #<glyph_blank
  cpx lives
  bcs .no_life
  lda #<glyph_life
.no_life
  sta status,x
  dex
  bpl .life
  bmi .status_done    ; always
.text
  ldy #<text_gleaner+5*GLYPH_ROWS
  cmp #GAME_OVER
  bne .text_column
  ldy #<text_game_over+5*GLYPH_ROWS
.text_column
  sty status,x
  tya
  sec
  sbc #GLYPH_ROWS
  tay
  dex
  bpl .text_column
.status_done

  ; 3. What falls.
  ldx sack_kind
  lda shape_of_kind,x
  sta sack_shape
  lda shades_of_kind,x
  sta sack_shades

  ; 4. Places of the spilt grain and of the score.
  lda spill_x
  ldx #4              ; the ball
  jsr set_x
  jsr set_glyph_places
  lda #SCORE_COLOUR
  sta COLUP0
  sta COLUP1
  lda #%00110001      ; ball 8 pixels wide, playfield reflected
  sta CTRLPF
.wait_picture
  lda INTIM
  bne .wait_picture
  sta WSYNC

; --- the picture; v = line of it ---
  sta VBLANK          ; v0
  ldx #3
  jsr skip_lines
  jsr show_glyphs     ; v4..v13, returns in v14

  ; The beam of the hoist, v15..v19, while the players go to the sack and the rock.
  lda #BEAM_COLOUR
  sta COLUPF
  lda #5              ; double width
  sta WSYNC
  sta NUSIZ0
  sta NUSIZ1
  lda #$F0
  sta PF0
  lda #%11101110
  sta PF1
  lda #%11101110
  sta PF2
  lda #1
  sta VDELP0
  lda #0
  sta VDELP1
  lda sack_x
  sec
  sbc #4
  ldx #0
  jsr set_x
  lda rock_x
  sec
  sbc #4
  ldx #1
  jsr set_x
  sta WSYNC
  sta HMOVE           ; v20
  ldx #0
  stx PF0
  stx PF1
  stx PF2
  stx next_grp1
  lda #MILL_COLOUR
  sta COLUPF

  ; The sky, v21 and on: two lines a row, X = row. What a row prepares, the next one shows.
.sky
  sta WSYNC
  lda sky_colours,x
  sta COLUBK
  lda next_grp1
  sta GRP1            ; shows the delayed GRP0 too
  lda next_shade0
  sta COLUP0
  lda next_shade1
  sta COLUP1
  txa
  sec
  sbc sack_y
  cmp #SPRITE_ROWS
  bcs .no_sack
  tay
  lda (sack_shades),y
  sta next_shade0
  lda (sack_shape),y
  jmp .sack_ready
.no_sack
  lda #0
.sack_ready
  sta GRP0
  sta WSYNC
  lda mill_pf0,x
  sta PF0
  lda mill_pf1,x
  sta PF1
  lda mill_pf2,x
  sta PF2
  txa
  sec
  sbc rock_y
  cmp #SPRITE_ROWS
  bcs .no_rock
  tay
  lda rock_shades,y
  sta next_shade1
  lda rock_shape,y
  jmp .rock_ready
.no_rock
  lda #0
.rock_ready
  sta next_grp1
  inx
  cpx #SKY_ROWS
  bne .sky

  ; The field, while the players become the halves of the cart.
  sta WSYNC           ; v149
  lda #FIELD_COLOUR
  sta COLUBK
  lda #0
  sta GRP0
  sta GRP1
  sta PF0
  sta PF1
  sta PF2
  sta VDELP0
  lda #8
  sta REFP1
  lda cart_x
  sec
  sbc #4
  ldx #0
  jsr set_x
  lda cart_x
  clc
  adc #12
  ldx #1
  jsr set_x
  ldy #CART_LINES-1
  lda #BLACK
  sta WSYNC
  sta HMOVE           ; v154, a black line: HMOVE blanks its left end
  sta COLUBK
.cart
  sta WSYNC
  lda field_colours,y
  sta COLUBK
  lda cart_half,y
  sta GRP0
  sta GRP1
  lda cart_shades,y
  sta COLUP0
  sta COLUP1
  dey
  bpl .cart

  ; The soil with the spilt grain.
  lda #0
  ldx #SOIL_COLOUR
  ldy spill_time
  beq .clean
  ldy #2
.clean
  sta WSYNC
  stx COLUBK
  sta GRP0
  sta GRP1
  sta GRP0            ; the delayed copy of GRP1 as well
  sta REFP1
  lda #GRAIN_COLOUR
  sta COLUPF
  sty ENABL
  ldx #SOIL_LINES
  jsr skip_lines
  lda #0
  sta ENABL
  sta COLUBK
  ldx #5
  ldy #10
.status_columns
  lda status,x
  sta glyphs,y
  dey
  dey
  dex
  bpl .status_columns
  jsr set_glyph_places
  lda #LIFE_COLOUR
  sta COLUP0
  sta COLUP1
  jsr show_glyphs
  ldx #REST_LINES
  jsr skip_lines

; --- below the picture: the game moves on ---
  lda #2
  sta VBLANK
  lda #OVERSCAN_TIMER
  sta TIM64T
  jsr stir
  lda SWCHB
  lsr
  bcs .no_reset
  jsr new_game
.no_reset
  lda state
  cmp #PLAYING
  bne .still
  jsr move_cart
  jsr move_sack
  jsr move_rock
.still
  jsr fade
.wait_sync
  lda INTIM
  bne .wait_sync
  jmp frame

; ---------------------------------------------------------------------------------------------------------
; Random numbers: a 16-bit Galois shift register, one step a frame; a pushed joystick changes it as well, so
; the same frames with other moves, or the same moves some frames later, lead to another game.
stir
  lda SWCHA
  eor #$FF
  clc
  adc random_low
  sta random_low
  lsr random_high
  ror random_low
  bcc .shifted
  lda random_high
  eor #$B4
  sta random_high
.shifted
  lda random_low
  ora random_high
  bne .alive
  inc random_low
.alive
  rts

new_game
  lda #0
  sta score_low
  sta score_high
  sta sack_kind
  sta rock_kind
  sta level
  sta spill_time
  lda #<START_SPEED
  sta speed_low
  lda #>START_SPEED
  sta speed_high
  lda #CATCHES_A_LEVEL
  sta to_level
  lda #MAX_LIVES
  sta lives
  lda #CART_START
  sta cart_x
  lda #PARKED
  sta sack_y
  sta rock_y
  lda #DROP_PAUSE
  sta pause
  lda #PLAYING
  sta state
  rts

move_cart
  ldx cart_x
  bit SWCHA           ; N = D7 right, V = D6 left; 0 = pushed
  bpl .right
  bvs .moved
  txa
  sec
  sbc #CART_SPEED
  bcc .at_min
  tax
  cpx #CART_MIN
  bcs .moved
.at_min
  ldx #CART_MIN
  bne .moved          ; always
.right
  txa
  clc
  adc #CART_SPEED
  tax
  cpx #CART_MAX
  bcc .moved
  ldx #CART_MAX
.moved
  stx cart_x
  rts

move_sack
  lda sack_kind
  bne .falls
  dec pause
  beq drop
  rts
.falls
  lda sack_part
  clc
  adc speed_low
  sta sack_part
  lda sack_y
  adc speed_high
  sta sack_y
  bmi .in_the_air     ; not yet all below the beam
  cmp #LANDING_ROW
  bcc .in_the_air
  lda sack_x
  jsr distance
  cmp #CATCH_REACH+1
  bcs .missed
  lda #SACK_POINTS
  ldx sack_kind
  cpx #GOLD
  bne .points
  lda #GOLD_POINTS
.points
  jsr add_score
  lda #8
  sta sound_time
  lda #4
  sta AUDC0
  lda #12
  sta AUDF0
  dec to_level
  bne .landed
  jsr next_level
  jmp .landed
.missed
  lda sack_x
  clc
  adc #4              ; the ball is 8 pixels narrower
  sta spill_x
  lda #SPILL_TIME
  sta spill_time
  jsr lose_life
.landed
  lda #NOTHING
  sta sack_kind
  lda #PARKED
  sta sack_y
  lda #DROP_PAUSE
  sta pause
.in_the_air
  rts

; A new sack at a random place, and sometimes a rock half a field away.
drop
  lda random_high
  and #7
  tay
  lda lane_x,y
  sta sack_x
  jsr distance
  cmp #FREE_DISTANCE
  bcs .far_enough
  tya
  eor #4              ; the lane half a field away
  tay
  lda lane_x,y
  sta sack_x
.far_enough
  lda #START_ROW
  sta sack_y
  ldx #SACK
  lda random_low
  and #7
  bne .plain
  ldx #GOLD
.plain
  stx sack_kind
  lda level
  cmp #ROCK_LEVEL
  bcc .no_new_rock
  lda random_high
  and #ROCK_MASK
  ora rock_kind
  bne .no_new_rock
  tya
  eor #4
  tay
  lda lane_x,y
  sta rock_x
  lda #ROCK_START
  sta rock_y
  lda #ROCK
  sta rock_kind
.no_new_rock
  rts

move_rock
  lda rock_kind
  beq .rock_done
  lda rock_part
  clc
  adc speed_low
  sta rock_part
  lda rock_y
  adc speed_high
  sta rock_y
  bmi .rock_done
  cmp #LANDING_ROW
  bcc .rock_done
  lda #NOTHING
  sta rock_kind
  lda #PARKED
  sta rock_y
  lda rock_x
  jsr distance
  cmp #ROCK_REACH+1
  bcc lose_life
.rock_done
  rts

lose_life
  lda #16
  sta sound_time
  lda #8
  sta AUDC0
  lda #24
  sta AUDF0
  dec lives
  bne .goes_on
  lda #GAME_OVER
  sta state
.goes_on
  rts

next_level
  lda #CATCHES_A_LEVEL
  sta to_level
  inc level
  lda lives
  cmp #MAX_LIVES
  bcs .all_lives
  inc lives
.all_lives
  lda speed_high
  cmp #MAX_SPEED_HIGH
  bcs .fast_enough
  lda speed_low
  adc #SPEED_STEP     ; carry is clear
  sta speed_low
  bcc .fast_enough
  inc speed_high
.fast_enough
  rts

; Adds A (BCD) to the score, which stops at 9999.
add_score
  sed
  clc
  adc score_low
  sta score_low
  lda score_high
  adc #0
  sta score_high
  cld
  bcc .added
  lda #$99
  sta score_low
  sta score_high
.added
  rts

; A = left edge of a falling thing; returns the distance of its centre from the cart's, in pixels. Keeps X, Y.
distance
  sec
  sbc cart_x
  sec
  sbc #8              ; half of 32 - 16
  bpl .distance
  eor #$FF
  clc
  adc #1
.distance
  rts

; Sound and spilt grain end after some frames.
fade
  lda spill_time
  beq .no_spill
  dec spill_time
.no_spill
  lda sound_time
  beq .silent
  dec sound_time
  lsr
.silent
  sta AUDV0
  rts

; ---------------------------------------------------------------------------------------------------------
; Points glyphs+X and glyphs+X+2 at the two digits of A (BCD). A digit's columns begin at 10 times its value.
point_at_digits
  sta temp
  lsr
  lsr
  lsr
  lsr
  jsr .one_digit
  lda temp
  and #$0F
  inx
  inx
.one_digit
  asl
  sta glyphs,x
  asl
  asl
  adc glyphs,x        ; carry is clear
  sta glyphs,x
  rts

; Waits for X ends of line.
skip_lines
  sta WSYNC
  dex
  bne skip_lines
  rts

; Puts object X (0, 1 players, 2, 3 missiles, 4 ball) at pixel A + 3 (players), A + 4 (players of double width) or
; A + 2 (others), once HMOVE is written. Takes the next line whole and returns in the one after it.
set_x
  sta WSYNC
  sec
.fifteen              ; 5 cycles = 15 pixels a turn
  sbc #15
  bcs .fifteen
  eor #7              ; -15..-1 to the fine motion, 6..-8 to the left
  asl
  asl
  asl
  asl
  sta HMP0,x
  sta RESP0,x
  sta WSYNC
  rts

; Players 0 and 1 side by side in three close copies each: the 48 pixels of show_glyphs. Takes 6 lines.
set_glyph_places
  lda #52
  ldx #0
  jsr set_x
  lda #60
  ldx #1
  jsr set_x
  lda #3
  sta NUSIZ0
  sta NUSIZ1
  sta VDELP0
  sta VDELP1
  sta WSYNC
  sta HMOVE
  rts

  align $100
; Shows the six columns, GLYPH_ROWS lines from the next one on, and returns in the line after them. Both players
; are delayed: each write shows what the write before it, to the other player, brought. So the writes at the
; cycles noted put columns 2 to 5 into the copies of the players just before the beam gets there.
show_glyphs
  ldy #GLYPH_ROWS-1
.glyph_row
  sty glyph_row
  lda (glyphs),y
  sta GRP0            ; column 0
  sta WSYNC
  lda (glyphs+2),y
  sta GRP1            ; column 1, cycle 8
  lda (glyphs+4),y
  sta GRP0            ; column 2, cycle 16
  lda (glyphs+6),y
  sta temp
  lda (glyphs+8),y
  tax
  lda (glyphs+10),y
  nop
  ldy temp
  sty GRP1            ; column 3; 2 appears, cycle 44
  stx GRP0            ; column 4; 3 appears, cycle 47
  sta GRP1            ; column 5; 4 appears, cycle 50
  sta GRP0            ; 5 appears, cycle 53
  ldy glyph_row
  dey
  bpl .glyph_row
  lda #0
  sta WSYNC
  sta GRP0
  sta GRP1
  sta GRP0
  rts

; ---------------------------------------------------------------------------------------------------------
lane_x                ; left edges of the eight places where things fall
  .byte 9, 27, 45, 63, 81, 99, 117, 135
shape_of_kind
  .byte <sack_shape_rows, <sack_shape_rows, <gold_shape_rows
shades_of_kind
  .byte <sack_shade_rows, <sack_shade_rows, <gold_shade_rows

  align $100
rock_shape            ; top row first, as all that falls
  .byte %00000000
  .byte %00011000
  .byte %00111110
  .byte %01111110
  .byte %01111111
  .byte %11111111
  .byte %11111111
  .byte %11111110
  .byte %01111110
  .byte %00111000
rock_shades
  .byte $08, $0A, $08, $08, $06, $06, $06, $04, $04, $02
sack_shape_rows
  .byte %01100110
  .byte %00111100
  .byte %00011000
  .byte %00111100
  .byte %01111110
  .byte %11111111
  .byte %11111111
  .byte %11111111
  .byte %11111111
  .byte %01111110
sack_shade_rows
  .byte $FE, $FC, $26, $FC, $FE, $FE, $FE, $FC, $FC, $FA
gold_shape_rows
  .byte %11011011
  .byte %11111111
  .byte %01111110
  .byte %00111100
  .byte %00011000
  .byte %00111100
  .byte %01111110
  .byte %11111111
  .byte %11011011
  .byte %10011001
gold_shade_rows
  .byte $1E, $1E, $1E, $1C, $46, $1C, $1E, $1E, $1C, $1A

cart_half             ; left half, bottom line first
  .byte %00111000
  .byte %01111100
  .byte %01101100
  .byte %01000100
  .byte %01010100
  .byte %01010111
  .byte %01010111
  .byte %01010100
  .byte %01000100
  .byte %01101100
  .byte %01111100
  .byte %00111000
  .byte %01111111
  .byte %01111111
  .byte %01101101
  .byte %01101101
  .byte %01101101
  .byte %01101101
  .byte %01101101
  .byte %01111111
  .byte %01111111
  .byte %11111111
  .byte %11111111
  .byte %11111111
  .byte %00111111
  .byte %00001111
cart_shades
  .byte $04, $06, $06, $08, $08, $0A, $0A, $08, $08, $06, $06, $06, $26
  .byte $28, $28, $2A, $28, $2A, $28, $2A, $2A, $2C, $2E, $2C, $1C, $1E
field_colours
  .byte $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0, $D0
  .byte $D0, $D2, $D0, $D2, $D0, $D2, $D0, $D2, $D2, $D2, $D2, $D2, $D2

  align $100
sky_colours           ; from the top row
  .byte $80, $80, $80, $80, $80, $80, $80, $80, $80, $80, $80, $80, $80, $80, $82, $82
  .byte $82, $82, $82, $82, $82, $82, $82, $82, $60, $60, $60, $60, $60, $60, $60, $60
  .byte $60, $62, $62, $62, $62, $62, $62, $62, $62, $62, $50, $50, $50, $50, $52, $52
  .byte $52, $52, $52, $42, $42, $42, $42, $42, $42, $32, $32, $32, $32, $34, $34, $34
mill_pf0              ; the mill and the hills, black before the sky, mirrored at the middle
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00010000, %11110000, %11110000, %11110000
mill_pf1
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %01100000, %01100000, %11110000, %11110000, %11111000, %11111001, %11111111
  align $100
mill_pf2
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000, %00000000
  .byte %00000000, %00000000, %00000000, %00000000, %00000000, %00000110, %00000100, %00001100
  .byte %00001100, %00001000, %00011000, %00011000, %00010000, %00110000, %00110000, %00100000
  .byte %01100000, %01100000, %11000000, %11000000, %11000000, %10000000, %10000000, %10000000
  .byte %10000000, %10000000, %11000000, %11000000, %11000000, %11100000, %11100000, %11100000
  .byte %11110000, %11110000, %11010000, %11011000, %11011000, %11001000, %11001100, %11001100
  .byte %11000100, %11000110, %11000000, %11100000, %11100000, %11100000, %11100000, %11100000
  .byte %11100000, %11100110, %11101110, %11101111, %11111111, %11111111, %11111111, %11111111

  align $100
glyph_page            ; columns of eight pixels, bottom row first; the digits come first, in order
  ; 0
  .byte %00111000
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %00111000
  ; 1
  .byte %00111100
  .byte %00011000
  .byte %00011000
  .byte %00011000
  .byte %00011000
  .byte %00011000
  .byte %00011000
  .byte %00111000
  .byte %00111000
  .byte %00011000
  ; 2
  .byte %01111100
  .byte %01100000
  .byte %01100000
  .byte %00110000
  .byte %00011000
  .byte %00011000
  .byte %00001100
  .byte %01101100
  .byte %01101100
  .byte %00111000
  ; 3
  .byte %01111000
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %00111000
  .byte %00111000
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %01111000
  ; 4
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %01111100
  .byte %01111100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  ; 5
  .byte %00111000
  .byte %01101100
  .byte %01101100
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %01111000
  .byte %01100000
  .byte %01100000
  .byte %01111100
  ; 6
  .byte %00111000
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %01111000
  .byte %01111000
  .byte %01100000
  .byte %01100000
  .byte %01100000
  .byte %00111000
  ; 7
  .byte %00110000
  .byte %00110000
  .byte %00110000
  .byte %00011000
  .byte %00011000
  .byte %00011000
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %01111100
  ; 8
  .byte %00111000
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %00111000
  .byte %00111000
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %00111000
  ; 9
  .byte %00111000
  .byte %00001100
  .byte %00001100
  .byte %00001100
  .byte %00111100
  .byte %00111100
  .byte %01101100
  .byte %01101100
  .byte %01101100
  .byte %00111000
glyph_blank
  ds GLYPH_ROWS, 0
glyph_life
  .byte %00111100
  .byte %01111110
  .byte %01111110
  .byte %01111110
  .byte %01111110
  .byte %01111110
  .byte %00111100
  .byte %00011000
  .byte %00111100
  .byte %00000000
text_gleaner
  ; column 0
  .byte %00000001
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000010
  .byte %00000001
  ; column 1
  .byte %10011110
  .byte %01010000
  .byte %01010000
  .byte %01010000
  .byte %11010000
  .byte %11010000
  .byte %00010000
  .byte %01010000
  .byte %01010000
  .byte %10010000
  ; column 2
  .byte %11110100
  .byte %10000100
  .byte %10000100
  .byte %10000100
  .byte %11100111
  .byte %11100111
  .byte %10000100
  .byte %10000100
  .byte %10000100
  .byte %11110011
  ; column 3
  .byte %10100010
  .byte %10100110
  .byte %10100110
  .byte %10100110
  .byte %10101010
  .byte %10101010
  .byte %10110010
  .byte %10110010
  .byte %10110010
  .byte %00100010
  ; column 4
  .byte %11110100
  .byte %10000101
  .byte %10000101
  .byte %10000110
  .byte %11100111
  .byte %11100111
  .byte %10000100
  .byte %10000100
  .byte %10000100
  .byte %11110111
  ; column 5
  .byte %10000000
  .byte %00000000
  .byte %00000000
  .byte %00000000
  .byte %00000000
  .byte %00000000
  .byte %10000000
  .byte %10000000
  .byte %10000000
  .byte %00000000
text_game_over
  ; column 0
  .byte %00011001
  .byte %00100101
  .byte %00100101
  .byte %00100101
  .byte %00101101
  .byte %00101101
  .byte %00100001
  .byte %00100101
  .byte %00100101
  .byte %00011000
  ; column 1
  .byte %00101000
  .byte %00101000
  .byte %00101000
  .byte %00101000
  .byte %11101010
  .byte %11101010
  .byte %00101010
  .byte %00101101
  .byte %00101101
  .byte %11001000
  ; column 2
  .byte %10111100
  .byte %10100000
  .byte %10100000
  .byte %10100000
  .byte %10111000
  .byte %10111000
  .byte %10100000
  .byte %10100000
  .byte %10100000
  .byte %10111100
  ; column 3
  .byte %00011000
  .byte %00100100
  .byte %00100100
  .byte %00100100
  .byte %00100100
  .byte %00100100
  .byte %00100101
  .byte %00100101
  .byte %00100101
  .byte %00011001
  ; column 4
  .byte %01000111
  .byte %10100100
  .byte %10100100
  .byte %10100100
  .byte %10100111
  .byte %10100111
  .byte %00010100
  .byte %00010100
  .byte %00010100
  .byte %00010111
  ; column 5
  .byte %10100100
  .byte %00101000
  .byte %00101000
  .byte %00110000
  .byte %00111000
  .byte %00111000
  .byte %00100100
  .byte %00100100
  .byte %00100100
  .byte %10111000


  org $FFFC
  .word start
  .word start
