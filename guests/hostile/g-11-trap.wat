;; G-11. Traps five thousand frames deep.
;; Must happen: a trap that costs no more than another, and no line in the host's log.
(func $deep (param $depth i32)
  (if (i32.eqz (local.get $depth)) (then (unreachable)))
  (call $deep (i32.sub (local.get $depth) (i32.const 1)))
  ;; Not a tail call, whatever a compiler thinks.
  (i32.store (i32.const 1024) (local.get $depth)))
(func $misbehave (result i32)
  (call $deep (i32.const 5000))
  (call $fine))
