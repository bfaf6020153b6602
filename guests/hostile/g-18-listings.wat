;; G-18. Reads its first directory a thousand times at once: the host holds the names of each.
;; Must happen: an error of WASI (`insufficient-memory`) after a few.
(func $misbehave (result i32) (local $directory i32) (local $n i32)
  (call $get-directories (i32.const 128))
  (local.set $directory (i32.load (i32.load (i32.const 128))))
  (loop $more
    (call $read-directory (local.get $directory) (i32.const 136))
    (if (i32.load8_u (i32.const 136)) (then
      (if (i32.ne (i32.load8_u (i32.const 140)) (i32.const 22)) (then (unreachable)))
      (return (call $fine))))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
  (unreachable))
