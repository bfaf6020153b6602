;; G-06. Makes four thousand requests with a method of a megabyte each, and sends none.
;; Must happen: what the host holds for it is its memory, and that is exhausted.
(func $misbehave (result i32) (local $n i32)
  (drop (memory.grow (i32.const 16)))
  (memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 1000000))
  (loop $more
    (if (call $set-method (call $new-request (call $new-fields))
      (i32.const 9) (i32.const 4096) (i32.const 1000000)) (then (unreachable)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4000))))
  (call $fine))
