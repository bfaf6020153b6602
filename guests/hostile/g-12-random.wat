;; G-12. Asks for all the random bytes that a number can say.
;; Must happen: a trap before the host takes memory for them.
(func $misbehave (result i32)
  (call $get-random-bytes (i64.const -1) (i32.const 128))
  (call $fine))
