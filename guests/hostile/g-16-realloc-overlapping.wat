;; G-16. Says that the parameters go where its result is made: they overlap.
;; Must happen: nothing. What a guest overwrites of its own is its own.
(func (export "realloc")
  (param $old i32) (param $length i32) (param $align i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (i32.const 2)) (then (return (i32.const 64))))
  (call $allocate (local.get $old) (local.get $length) (local.get $align) (local.get $size)))
(func $misbehave (result i32) (call $fine))
