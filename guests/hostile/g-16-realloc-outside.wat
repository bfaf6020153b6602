;; G-16. Says that the parameters go where it has no memory.
;; Must happen: a trap.
(func (export "realloc")
  (param $old i32) (param $length i32) (param $align i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (i32.const 2)) (then (return (i32.const -2))))
  (call $allocate (local.get $old) (local.get $length) (local.get $align) (local.get $size)))
(func $misbehave (result i32) (call $fine))
