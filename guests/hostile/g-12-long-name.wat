;; G-12. A header whose name has a million bytes: the crate `http` ends at 65535.
;; Must happen: an error of WASI (`result` is 1) or a trap, and no panic.
(func $misbehave (result i32)
  (drop (memory.grow (i32.const 16)))
  (memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 1000000))
  (call $append (call $new-fields) (i32.const 4096) (i32.const 1000000)
    (i32.const 4096) (i32.const 1) (i32.const 128))
  (if (i32.ne (i32.load8_u (i32.const 128)) (i32.const 1)) (then (unreachable)))
  (call $fine))
