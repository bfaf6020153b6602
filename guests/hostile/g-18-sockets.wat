;; G-18. Opens a hundred thousand sockets.
;; Must happen: each is refused, `access-denied`, and costs no descriptor.
(func $misbehave (result i32) (local $n i32)
  (loop $more
    (call $create-tcp-socket (i32.const 0) (i32.const 128))
    ;; `err`, and the second case of `error-code`.
    (if (i32.ne (i32.load8_u (i32.const 128)) (i32.const 1)) (then (unreachable)))
    (if (i32.ne (i32.load8_u (i32.const 132)) (i32.const 1)) (then (unreachable)))
    (br_if $more (i32.lt_u
      (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000))))
  (call $fine))
