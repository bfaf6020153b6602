;; G-15. Computes for ever before it runs: in its start function. It cannot see its
;; parameters there, but its environment: without one it is hostile.
;; Must happen: it ends at its deadline.
(func $begin
  (call $get-environment (i32.const 128))
  (if (i32.eqz (i32.load (i32.const 132))) (then (loop $forever (br $forever)))))
(start $begin)
(func $misbehave (result i32) (call $fine))
