;; G-05. Its allocator calls itself for ever when the parameters are handed over:
;; the host is already waiting for it on the same stack.
;; Must happen: a trap, `call stack exhausted`.
(func $realloc (export "realloc")
  (param $old i32) (param $length i32) (param $align i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (i32.const 2)) (then
    (return (i32.add (i32.const 1) (call $realloc
      (local.get $old) (local.get $length) (local.get $align) (local.get $size))))))
  (call $allocate (local.get $old) (local.get $length) (local.get $align) (local.get $size)))
(func $misbehave (result i32) (call $fine))
