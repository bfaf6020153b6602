;; G-06. Makes a million handles of a resource of its own, and drops none.
;; Must happen: a trap when its handles are used up.
(func $misbehave (result i32) (local $n i32)
  (loop $more
    (drop (call $new-own (local.get $n)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000000))))
  (call $fine))
