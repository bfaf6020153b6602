;; G-15. Takes memory until it is refused, before it runs: in its start function. It
;; cannot see its parameters there, but its environment: without one it is hostile.
;; Must happen: OpenWhisk's words for it, and how much was asked for in the log.
(func $begin
  (call $get-environment (i32.const 128))
  (if (i32.eqz (i32.load (i32.const 132))) (then
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 100)) (i32.const -1))))
    (unreachable))))
(start $begin)
(func $misbehave (result i32) (call $fine))
