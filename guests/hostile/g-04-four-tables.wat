;; G-04. Grows four tables, each to what one table may have: together they are
;; larger than the memory limit.
;; Must happen: they are counted with the memory.
(table $a 0 funcref) (table $b 0 funcref) (table $c 0 funcref) (table $d 0 funcref)
(func $misbehave (result i32)
  (if (i32.eq (table.grow $a (ref.null func) (i32.const 1048576)) (i32.const -1)) (then (unreachable)))
  (if (i32.eq (table.grow $b (ref.null func) (i32.const 1048576)) (i32.const -1)) (then (unreachable)))
  (if (i32.eq (table.grow $c (ref.null func) (i32.const 1048576)) (i32.const -1)) (then (unreachable)))
  (if (i32.eq (table.grow $d (ref.null func) (i32.const 1048576)) (i32.const -1)) (then (unreachable)))
  (call $fine))
