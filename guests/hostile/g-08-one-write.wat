;; G-08. Prints a gigabyte in one call.
;; Must happen: a trap before any of it is copied.
(func $misbehave (result i32)
  (if (i32.eq (memory.grow (i32.const 15300)) (i32.const -1)) (then (unreachable)))
  (call $print (i32.const 0) (i32.const 4096) (i32.const 1000000000))
  (call $fine))
