;; G-02. Takes the memory that it may have, and fills and copies all of it for ever.
;; Must happen: it ends at its deadline, late by one bulk instruction at most.
(func $misbehave (result i32) (local $half i32)
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1))))
  (local.set $half (i32.shl (memory.size) (i32.const 15)))
  (loop $forever
    (memory.fill (i32.const 0) (i32.const 1) (i32.shl (local.get $half) (i32.const 1)))
    (memory.copy (i32.const 0) (local.get $half) (local.get $half))
    (br $forever))
  (unreachable))
