;; G-01. Computes for ever.
;; Must happen: it ends at its deadline, also where everything has one processor.
(func $misbehave (result i32)
  (loop $forever (result i32) (br $forever)))
