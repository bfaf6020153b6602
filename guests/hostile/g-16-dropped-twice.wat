;; G-16. Drops a timer twice.
;; Must happen: a trap.
(func $misbehave (result i32) (local $timer i32)
  (local.set $timer (call $subscribe (i64.const 0)))
  (call $drop-pollable (local.get $timer))
  (call $drop-pollable (local.get $timer))
  (call $fine))
