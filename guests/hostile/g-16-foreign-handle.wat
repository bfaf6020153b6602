;; G-16. Waits for its own stdout, as if that were a timer.
;; Must happen: a trap.
(func $misbehave (result i32)
  (call $block (call $get-stdout))
  (call $fine))
