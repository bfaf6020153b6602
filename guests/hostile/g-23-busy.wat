;; G-23. Computes for 700 ms, by the clock, and ends by itself.
;; Must happen: nothing, with a limit of 1000 ms.
(func $misbehave (result i32) (local $end i64)
  (local.set $end (i64.add (call $now) (i64.const 700000000)))
  (loop $more (br_if $more (i64.lt_u (call $now) (local.get $end))))
  (call $fine))
