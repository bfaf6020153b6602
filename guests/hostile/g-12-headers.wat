;; G-12. Adds headers of one name to a map for ever, until it is told off
;; (GHSA-243v: the map panicked at 32768).
;; Must happen: an error of WASI or a trap, and no panic.
(data (i32.const 1024) "a")
(func $misbehave (result i32) (local $fields i32) (local $n i32)
  (local.set $fields (call $new-fields))
  (loop $more
    (call $append (local.get $fields) (i32.const 1024) (i32.const 1)
      (i32.const 1024) (i32.const 1) (i32.const 128))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 40000))))
  (call $fine))
