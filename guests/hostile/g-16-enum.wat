;; G-16. Asks for a socket of the 255th of two families.
;; Must happen: a trap.
(func $misbehave (result i32)
  (call $create-tcp-socket (i32.const 255) (i32.const 128))
  (call $fine))
