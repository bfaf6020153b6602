;; G-07. Returns 900 MB.
;; Must happen: a trap before any of it is copied.
(func $misbehave (result i32)
  (if (i32.eq (memory.grow (i32.const 14400)) (i32.const -1)) (then (unreachable)))
  (call $ok (i32.const 1024) (i32.const 900000000)))
