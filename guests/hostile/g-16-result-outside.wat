;; G-16. Has its result where it has no memory.
;; Must happen: a trap.
(func $misbehave (result i32) (i32.const -4))
