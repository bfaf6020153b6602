;; G-08. Prints 2 MB and not one newline.
;; Must happen: cut at the limit in OpenWhisk's own words; the sentinel is on a line
;; of its own.
(func $misbehave (result i32) (local $n i32)
  (memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 4096))
  (loop $more
    (call $print (i32.const 0) (i32.const 4096) (i32.const 4096))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 512))))
  (call $fine))
