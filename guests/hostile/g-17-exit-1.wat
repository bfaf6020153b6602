;; G-17. Leaves the way a program does that failed.
;; Must happen: an error that says so.
(func $misbehave (result i32)
  (call $exit (i32.const 1))
  (call $fine))
