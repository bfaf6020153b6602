;; G-16. Has a text whose address and length together are 0 in 32 bits.
;; Must happen: a trap.
(func $misbehave (result i32) (call $ok (i32.const -16) (i32.const 16)))
