;; G-02. Two functions that call each other twice, 64 deep: 2^64 calls, a small
;; stack and no loop at all.
;; Must happen: it ends at its deadline.
(func $even (param $depth i32)
  (if (local.get $depth) (then
    (call $odd (i32.sub (local.get $depth) (i32.const 1)))
    (call $odd (i32.sub (local.get $depth) (i32.const 1))))))
(func $odd (param $depth i32)
  (if (local.get $depth) (then
    (call $even (i32.sub (local.get $depth) (i32.const 1)))
    (call $even (i32.sub (local.get $depth) (i32.const 1))))))
(func $misbehave (result i32)
  (call $even (i32.const 64))
  (call $fine))
