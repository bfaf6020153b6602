;; G-06. Makes four thousand requests with a body, each with room for what is written and not sent
;; yet, and sends none.
;; Must happen: what the host holds for it is its memory, and that is exhausted.
(func $misbehave (result i32) (local $n i32)
  (loop $more
    (call $request-body (call $new-request (call $new-fields)) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (unreachable)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4000))))
  (call $fine))
