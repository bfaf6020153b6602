;; G-03. Grows four memories in turn, none of which is large by itself.
;; Must happen: they are counted together.
(memory $a 1) (memory $b 1) (memory $c 1) (memory $d 1)
(func $misbehave (result i32)
  (loop $more
    (br_if $more (i32.and
      (i32.and
        (i32.ne (memory.grow $a (i32.const 20)) (i32.const -1))
        (i32.ne (memory.grow $b (i32.const 20)) (i32.const -1)))
      (i32.and
        (i32.ne (memory.grow $c (i32.const 20)) (i32.const -1))
        (i32.ne (memory.grow $d (i32.const 20)) (i32.const -1))))))
  (unreachable))
