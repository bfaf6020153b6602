;; G-03. Asks for 4 GiB at once, and lives with the refusal.
;; Must happen: nothing. -1 is an answer of `memory.grow`, not a trap.
(func $misbehave (result i32)
  (if (i32.ne (memory.grow (i32.const 65535)) (i32.const -1)) (then (unreachable)))
  (call $fine))
