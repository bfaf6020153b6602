;; G-05. Calls itself for ever.
;; Must happen: a trap, `call stack exhausted`; never a signal that ends the host.
(func $misbehave (result i32)
  (i32.add (call $misbehave) (i32.const 1)))
