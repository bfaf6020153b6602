;; G-05. Host, guest, host: its allocator calls the host again while the host hands
;; the parameters over.
;; Must happen: a trap. The component model lets nobody leave while the host is at it.
(func $realloc (export "realloc")
  (param $old i32) (param $length i32) (param $align i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (i32.const 2)) (then (call $get-environment (i32.const 128))))
  (call $allocate (local.get $old) (local.get $length) (local.get $align) (local.get $size)))
(func $misbehave (result i32) (call $fine))
