;; G-06. Takes a million timers that never fire, and keeps them all.
;; Must happen: a trap when its handles are used up.
(func $misbehave (result i32) (local $n i32)
  (loop $more
    (drop (call $subscribe (i64.const -1)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000000))))
  (call $fine))
