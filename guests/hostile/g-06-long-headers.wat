;; G-06. Makes nine thousand HTTP header maps of 60 KB, half a gigabyte of the host's memory, and
;; drops none.
;; Must happen: what the host holds for it is its memory, and that is exhausted.
(func $misbehave (result i32) (local $n i32)
  (drop (memory.grow (i32.const 1)))
  (memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 60000))
  (loop $more
    (call $append (call $new-fields) (i32.const 4096) (i32.const 1)
      (i32.const 4096) (i32.const 60000) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (unreachable)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9000))))
  (call $fine))
