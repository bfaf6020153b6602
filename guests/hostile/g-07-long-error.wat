;; G-07. Fails with an error of 1 GB.
;; Must happen: a trap before any of it is copied.
(func $misbehave (result i32)
  (if (i32.eq (memory.grow (i32.const 15300)) (i32.const -1)) (then (unreachable)))
  (call $err (i32.const 1024) (i32.const 1000000000)))
