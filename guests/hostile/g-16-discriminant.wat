;; G-16. Returns a `result` that is neither `ok` nor `err`.
;; Must happen: a trap.
(func $misbehave (result i32)
  (call $result (i32.const 2) (i32.const 1024) (i32.const 0)))
