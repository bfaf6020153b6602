;; G-16. Waits for a timer that it never got.
;; Must happen: a trap.
(func $misbehave (result i32)
  (call $block (i32.const 7777))
  (call $fine))
