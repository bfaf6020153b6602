;; G-16. Returns well, and then computes for ever where it should clean up.
;; Must happen: it ends at its deadline; a result that came too late is none.
(global $hostile (mut i32) (i32.const 0))
(func (export "post-return") (param i32)
  (if (global.get $hostile) (then (loop $forever (br $forever)))))
(func $misbehave (result i32)
  (global.set $hostile (i32.const 1))
  (call $fine))
