;; G-16. Has its result's text begin in its memory and end outside.
;; Must happen: a trap.
(func $misbehave (result i32)
  (call $ok (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 2)) (i32.const 4)))
