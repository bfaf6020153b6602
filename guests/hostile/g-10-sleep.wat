;; G-10, and G-09's guest that is parked in the host: sleeps as long as a clock can say.
;; Must happen: it ends at its deadline.
(func $misbehave (result i32)
  (call $sleep (i64.const -1))
  (call $fine))
