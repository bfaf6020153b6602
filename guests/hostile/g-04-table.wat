;; G-04. Asks for the largest table there is, and lives with the refusal.
;; Must happen: nothing. -1 is an answer of `table.grow`, not a trap.
(table $table 1 funcref)
(func $misbehave (result i32)
  (if (i32.ne (table.grow $table (ref.null func) (i32.const -1)) (i32.const -1))
    (then (unreachable)))
  (call $fine))
